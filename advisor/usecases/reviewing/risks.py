"""What may go wrong with a decision, what would change it, and what to check before it is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.offer import PriceBasis, Seller
from advisor.domain.review import RiskLine
from advisor.report.figures import counted, number
from advisor.usecases.reviewing.prices import TERM_MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from advisor.domain.answer import Candidate, QualityLine, Recommendation
    from advisor.domain.review import PriceLine

REQUESTER, FINOPS, PROCUREMENT, SECURITY = "requester", "FinOps", "procurement", "security"
SIGNERS = (REQUESTER, FINOPS, PROCUREMENT, SECURITY)

SOFTWARE = frozenset({"new_sampler", "other_engine_version", "modeled", "outside_validity", "weak_formula"})
"""Codes of warnings that say that no published measurement covers the software or the point it runs at."""


def risk_lines(answer: Recommendation, prices: tuple[PriceLine, ...]) -> tuple[RiskLine, ...]:
    """Return the risks of a decision, each with the sign to look for, what to do then, and whose it is."""
    return tuple(line for found in RISKS.values() for line in found(answer, prices))


def _risk(code: str, risk: str, trigger: str, action: str, owner: str) -> RiskLine:
    return RiskLine(code=code, risk=risk, trigger=trigger, action=action, owner=owner)


def _capacity(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    plan = answer.decision.candidate
    if plan.offer.seller is Seller.OWN:
        return
    yield _risk(
        "capacity",
        f"That {shapes_in_words(plan)} can be had at this price is not known.",
        "the seller confirms no quota, region or delivery date",
        "take the next plan of the alternatives, or another seller of the same GPU",
        PROCUREMENT,
    )


def shapes_in_words(plan: Candidate) -> str:
    """Return what is to be rented: ``2 x p5.48xlarge at AWS (us-east-1)``."""
    offer = plan.offer
    return f"{offer.shapes} x {offer.instance_type} at {offer.provider} ({offer.region})"


def _spot(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    plan = answer.decision.candidate
    if plan.offer.price_basis is PriceBasis.SPOT:
        yield _risk(
            "spot",
            f"Replicas can be taken away at any time; {counted(plan.spares, 'spare')} in the plan.",
            "an interruption, or a spot price above the on-demand price",
            "keep spares (--availability 0.999), or move to on demand",
            REQUESTER,
        )
    if plan.offer.seller is Seller.MARKETPLACE:
        yield _risk(
            "marketplace",
            "The hosts belong to peers: availability, security and price are not those of one seller.",
            "the offer is gone, or the host is not allowed for the data",
            "leave out --include-marketplace",
            SECURITY,
        )


def _one_replica(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    plan = answer.decision.candidate
    if plan.one_down_e2e_p95_ms is None and not plan.spares:
        yield _risk(
            "no_spare",
            "With one replica down the rest cannot carry the load.",
            "one replica fails or restarts",
            "ask again with --spares 1 or --availability 0.999, and compare the cost",
            REQUESTER,
        )


def _software(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    for caution in answer.warnings:
        if caution.code in SOFTWARE:
            yield _risk(
                f"software_{caution.code}",
                f"{caution.message}.",
                "the benchmark on the target leaves the interval of the estimate",
                "size again with your own runs, which count as evidence at once",
                REQUESTER,
            )


def _staleness(answer: Recommendation, prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    oldest = min(prices, key=lambda line: line.as_of)
    first = min(line.fresh_until for line in prices)
    aged = first < answer.question.today
    yield _risk(
        "price_age",
        f"The oldest price is {counted(oldest.age_days, 'day')} old ({oldest.as_of}); list prices move within weeks.",
        "a quote differs" if aged else f"the decision is signed after {first}, or a quote differs",
        f"quote again{' before signing' if aged else ''}, enter the quote with --gpu-cost, and issue the document again",
        PROCUREMENT,
    )


def _lock_in(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    basis = answer.decision.candidate.offer.price_basis
    if basis in TERM_MONTHS:
        yield _risk(
            "lock_in",
            f"The commitment binds for {TERM_MONTHS[basis]} months, used or not; prices may fall meanwhile.",
            "on-demand prices fall below the committed price, or the load shrinks",
            "commit the floor of the load only, and keep the rest on demand",
            FINOPS,
        )


def _license(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    yield _risk(
        "license",
        f"The profiles do not record the license of {answer.decision.candidate.checkpoint}.",
        "its terms forbid the use, or ask for notices",
        "read the license at the checkpoint's page (see Sources) before it is deployed",
        SECURITY,
    )
    for caution in answer.warnings:
        if caution.code == "consumer_gpu":
            yield _risk("consumer_gpu", f"{caution.message}.", "the review of the terms", "take another GPU", SECURITY)


def _quality(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    worse = [line for line in answer.quality if gap(line, answer.decision.candidate.model) < 0]
    scored = [line for line in answer.quality if len(line.scores) > 1]
    if worse:
        yield _risk(
            "quality_gap",
            f"The chosen model is worse on {len(worse)} of {len(scored)} published benchmarks, such as {worse[0].benchmark}.",
            "your own tasks pass less often than they must",
            "compare on your own tasks (--success-benchmark, --min-quality) before the model is chosen for its price",
            REQUESTER,
        )
    for caution in answer.warnings:
        if caution.code == "quantized_quality":
            yield _risk(
                "quantized_quality",
                f"{caution.message}.",
                "your own tasks pass less often than with the 16-bit weights",
                "measure the quantized checkpoint, or leave it out with --precision",
                REQUESTER,
            )


def gap(line: QualityLine, chosen: str) -> float:
    """Return by how much the chosen model beats the best of the others on a benchmark; 0 where that is not known."""
    others = [score for model, score in line.scores.items() if model != chosen]
    if chosen not in line.scores or not others:
        return 0.0
    sign = 1.0 if line.higher_is_better else -1.0
    return sign * line.scores[chosen] - max(sign * score for score in others)


def _simulated(answer: Recommendation, _prices: tuple[PriceLine, ...]) -> Iterator[RiskLine]:
    plan = answer.decision.candidate
    if plan.basis is Basis.SIMULATED:
        yield _risk(
            "simulated",
            f"The speed of {number(plan.saturation_qps.value)} requests/s comes from the demo engine.",
            "any use beyond a try-out",
            "measure real servers",
            REQUESTER,
        )


RISKS: Mapping[str, Callable[[Recommendation, tuple[PriceLine, ...]], Iterator[RiskLine]]] = {
    "capacity": _capacity,
    "spot": _spot,
    "no_spare": _one_replica,
    "software": _software,
    "price_age": _staleness,
    "lock_in": _lock_in,
    "license": _license,
    "quality": _quality,
    "simulated": _simulated,
}
"""What may go wrong, by kind: lines where it may."""
