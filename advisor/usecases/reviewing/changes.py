"""What would change a decision, and what is to be checked before it is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.offer import Seller
from advisor.domain.review import ChangeLine, TaskLine
from advisor.planning.ranking import TIE_SHARE
from advisor.report.figures import counted, money, number, share
from advisor.usecases.reviewing.assumptions import one_more
from advisor.usecases.reviewing.risks import FINOPS, PROCUREMENT, REQUESTER, SECURITY, shapes_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.answer import Candidate, OfferLine, Recommendation
    from advisor.domain.question import Question


NO_REGIONS = frozenset({"global", "own"})


def change_lines(answer: Recommendation) -> tuple[ChangeLine, ...]:
    """Return what would change the answer, and into what."""
    return (*_by_price(answer), *_by_load(answer), *_by_speed(answer), *_by_quality(answer))


def _by_price(answer: Recommendation) -> Iterator[ChangeLine]:
    chosen, other = answer.decision.candidate, answer.decision.runner_up
    nearest = next((plan for plan in answer.candidates if _is_another(plan, chosen)), None)
    for code, plan in (("price_of_plan", nearest), ("price_of_model", other)):
        if plan is None or (code == "price_of_model" and plan == nearest):
            continue
        rise = float(plan.usd_per_hour / chosen.usd_per_hour) - 1.0
        fall = 1.0 - float(chosen.usd_per_hour / plan.usd_per_hour)
        if rise <= TIE_SHARE:
            what = f"{_name(plan)} costs the same within {share(TIE_SHARE)}: any change of either price"
        else:
            what = f"The chosen plan's price rises by {share(rise)}, or that of {_name(plan)} falls by {share(fall)}"
        yield ChangeLine(code=code, what=what, effect=f"{_name(plan)} becomes the cheaper one")


def _is_another(plan: Candidate, chosen: Candidate) -> bool:
    """Say whether a plan is paid for at another price than the chosen one, so that the two can drift apart."""
    return _price_of(plan) != _price_of(chosen)


def _price_of(plan: Candidate) -> tuple[str, OfferLine]:
    return plan.gpu, plan.offer.model_copy(update={"shapes": 1})


def _name(plan: Candidate) -> str:
    return f"{plan.contender} on {plan.gpu}"


def _by_load(answer: Recommendation) -> Iterator[ChangeLine]:
    plan, qps = answer.decision.candidate, answer.question.peak_qps
    if plan.capacity_qps > qps:
        yield ChangeLine(
            code="load",
            what=f"The peak load exceeds {number(plan.capacity_qps)} requests/s, {number(qps)} are asked for",
            effect=f"{one_more(plan)} Beyond that another plan may be cheaper",
        )


def _by_speed(answer: Recommendation) -> Iterator[ChangeLine]:
    known, plan = answer.certainty, answer.decision.candidate
    if known is None:
        return
    if known.rival is not None:
        yield ChangeLine(
            code="speed",
            what="True speeds differ from the estimated ones, within the spread of the evidence",
            effect=f"{known.rival} is the cheapest in {share(known.rival_probability)} of draws",
        )
    if plan.outlook is not None and plan.outlook.as_planned < 1:
        yield ChangeLine(
            code="fleet",
            what="The chosen plan is slower than estimated",
            effect=f"more replicas are needed than planned in {share(1 - plan.outlook.as_planned)} of draws",
        )


def _by_quality(answer: Recommendation) -> Iterator[ChangeLine]:
    decided = answer.quality_decision
    mistakes = decided.mistakes if decided else None
    if mistakes is not None and mistakes.flips_at_usd is not None:
        yield ChangeLine(
            code="mistakes",
            what=f"A mistake costs more than {money(mistakes.flips_at_usd)}",
            effect=f"{mistakes.flips_to} costs less in total",
        )
    yield ChangeLine(
        code="quality",
        what="Your own tasks need a quality that the chosen model does not reach",
        effect="a floor (--min-quality) rules it out; the best plan of the other model stands among the alternatives",
    )


def task_lines(answer: Recommendation) -> tuple[TaskLine, ...]:
    """Return what is to be checked before anyone signs."""
    plan, question = answer.decision.candidate, answer.question
    offer = plan.offer
    quote = f"{shapes_in_words(plan)}, {offer.price_basis}, for {money(offer.usd_per_hour_each)} per hour each"
    own = offer.seller is Seller.OWN
    contract = f"Show the contract or the calculation behind {money(offer.usd_per_hour_each)} per GPU-hour."
    tasks = (
        (
            "quote",
            "Quote the price again",
            contract if own else f"Written quote: {quote}; tax and support named.",
            PROCUREMENT,
        ),
        (
            "quota",
            "Confirm quota, region and delivery date",
            f"{counted(plan.gpus_paid, 'GPU')} of type {plan.gpu}.",
            PROCUREMENT,
        ),
        (
            "benchmark",
            "Reproduce the speed on the target",
            _benchmark(plan, question),
            REQUESTER,
        ),
        (
            "quality",
            "Grade the chosen checkpoint on your own tasks",
            "Published scores stand for them here.",
            REQUESTER,
        ),
        ("license", "Read the license of model and GPU", f"{plan.checkpoint}; driver terms of {plan.gpu}.", SECURITY),
        ("residency", "Confirm where the data may be processed", _region(offer.region), SECURITY),
        ("scope", "Add what this document leaves out", "Tax, support, storage, network, staff: see Decision.", FINOPS),
    )
    return tuple(TaskLine(code=code, task=task, how=how, owner=owner) for code, task, how, owner in tasks)


def _region(region: str) -> str:
    if region in NO_REGIONS:
        return "The price names no region: ask the seller for one that is allowed."
    return f"The plan is in {region}."


def _benchmark(plan: Candidate, question: Question) -> str:
    each_qps = number(question.peak_qps / max(plan.replicas - plan.spares, 1))
    return (
        f"Run {plan.checkpoint} with {plan.engine} {plan.engine_version} on one {plan.gpu} shape (advisor profile run "
        f"CAMPAIGN.yaml): a replica needs {each_qps} requests/s within the objectives. advisor next says what to measure first."
    )
