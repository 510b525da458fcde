"""`advisor review`: a recommendation as a document for those who sign for the money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.certainty import Sureness
from advisor.domain.knowledge import Knowledge
from advisor.domain.offer import PriceBasis, Seller
from advisor.domain.review import Grade, Repetition, Review
from advisor.errors import ReviewError
from advisor.report.figures import number, share
from advisor.report.sureness import in_words
from advisor.usecases.comparing.attributing import is_repeatable
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.recommend import recommend
from advisor.usecases.reviewing.alternatives import alternative_lines
from advisor.usecases.reviewing.assumptions import assumption_lines
from advisor.usecases.reviewing.changes import change_lines, task_lines
from advisor.usecases.reviewing.field import Field
from advisor.usecases.reviewing.money import commitment_lines, commitment_note, cost_lines, money_lines
from advisor.usecases.reviewing.prices import price_lines, unfit
from advisor.usecases.reviewing.repetition import NOT_FROM_JSON, command_again
from advisor.usecases.reviewing.risks import SIGNERS, risk_lines
from advisor.usecases.reviewing.sensitivity import NOT_LOOKED_AT, changes_by, sensitivity_of, with_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from advisor.domain.levers import Lever
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.domain.review import Cover, PriceLine
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.reviewing.field import Best

INCLUDED = (
    "rent of whole shapes, including GPUs of them that stay idle",
    "all hours of a month, whether there is load or not",
)
INCLUDED_OF_OWN = ("your own price per GPU-hour, with all that you counted into it",)
EXCLUDED = (
    "taxes and duties",
    "support contracts",
    "storage, network traffic and load balancing",
    "staff and operations",
    "tests and development machines",
    "discounts that the shown price does not hold",
)


def review(
    question: Question,
    *,
    profiles: Path | None,
    database: str | None,
    cover: Cover,
    allow_simulated: bool = False,
    with_sensitivity: bool = True,
    say: Callable[[str], None] | None = None,
) -> Review:
    """Return a recommendation with all that a procurement or FinOps review asks for.

    `with_sensitivity` looks at what each input does to the choice, which takes longer than all the rest.

    Raises
    ------
    ReviewError
        If a price that it shows is unfit for a review, or a speed comes from the demo engine, and it is no draft.
    InfeasibleError
        If nothing meets the objectives.
    """
    answer = recommend(question, profiles=profiles, database=database, allow_simulated=allow_simulated, say=say)
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    prices, faults = fit_prices(answer, shipped, draft=cover.draft)
    looked_at: tuple[tuple[Lever, ...], str] = (), NOT_LOOKED_AT
    if with_sensitivity:
        looked_at = sensitivity_of(answer, profiles=profiles, database=database, allow_simulated=allow_simulated)
    field = Field.of(answer, shipped)
    return composed(
        answer, cover, field=field, models=shipped.models, prices=prices, faults=faults, sensitivity=looked_at
    )


def fit_prices(
    answer: Recommendation, shipped: Shipped, *, draft: bool
) -> tuple[tuple[PriceLine, ...], tuple[str, ...]]:
    """Return the prices that a review shows, and what speaks against signing it.

    Raises
    ------
    ReviewError
        If anything does, and it is no draft.
    """
    prices = price_lines(answer, shipped.root)
    faults = tuple(unfit(answer, prices))
    if faults and not draft:
        raise _unfit(faults)
    return prices, faults


def _unfit(faults: Sequence[str]) -> ReviewError:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return ReviewError(
        f"not fit for a review: {faults[0]}{more}",
        hint="enter a fresh quote with --gpu-cost, leave the price out, or write a draft with --draft",
    )


def composed(
    answer: Recommendation,
    cover: Cover,
    *,
    field: Field,
    models: Mapping[str, ModelSpec],
    prices: tuple[PriceLine, ...],
    faults: tuple[str, ...] = (),
    sensitivity: tuple[tuple[Lever, ...], str] = ((), NOT_LOOKED_AT),
) -> Review:
    """Return the review of a recommendation from its parts.

    Parameters
    ----------
    answer
        The recommendation, of which every figure is.
    cover
        What the document says of itself.
    field
        Best plans of each model, GPU type and price basis.
    models
        What the profiles say of the models.
    prices
        The prices that it shows; there is at least one.
    faults
        What speaks against signing it.
    sensitivity
        What each input does to the choice, and a sentence on it.
    """
    by_basis = _by_price_basis(answer, field)
    levers, note = sensitivity
    plan = answer.decision.candidate
    own = plan.offer.seller is Seller.OWN
    return Review(
        generated_at=answer.generated_at,
        advisor_version=answer.advisor_version,
        recommendation=answer,
        grade=Grade.DRAFT if cover.draft else Grade.REVIEW,
        unfit=faults,
        title=cover.title or f"Serving {answer.question.workload.name} at {number(answer.question.qps)} requests/s",
        owner=cover.owner,
        asked=_asked(answer),
        answered=_answered(answer),
        sureness=answer.certainty and answer.certainty.sureness,
        sure_in_words=_sure(answer),
        money=money_lines(plan),
        included=INCLUDED_OF_OWN if own else INCLUDED,
        excluded=EXCLUDED,
        prices=prices,
        costs=cost_lines(answer, prices),
        prices_as_of=min(line.as_of for line in prices),
        prices_fresh_until=min(line.fresh_until for line in prices),
        prices_usable_until=min(line.usable_until for line in prices),
        alternatives=alternative_lines(answer, field),
        assumptions=with_effects(assumption_lines(answer, models), levers, answer),
        commitments=commitment_lines(by_basis),
        commitment_note=commitment_note(answer.question, by_basis),
        sensitivity=levers,
        sensitivity_note=note,
        risks=risk_lines(answer, prices),
        changes=(*change_lines(answer), *changes_by(levers)),
        tasks=task_lines(answer),
        repetition=_repetition(answer, cover),
        signers=SIGNERS,
    )


def _by_price_basis(answer: Recommendation, field: Field) -> dict[PriceBasis, Best]:
    own = (PriceBasis.OWNED,) if answer.question.own_usd_per_gpu_hour else ()
    bases = dict.fromkeys((answer.decision.candidate.offer.price_basis, *answer.question.price_bases, *own))
    found = {basis: field.best(lambda best, basis=basis: best.price_basis is basis) for basis in bases}  # type: ignore[misc]
    return {basis: best for basis, best in found.items() if best is not None}


def _asked(answer: Recommendation) -> str:
    question = answer.question
    *others, last = dict.fromkeys((*answer.best_by_model, answer.decision.candidate.model))
    which = f"Which of {', '.join(others)} or {last}" if others else f"With which settings does {last}"
    how = "on which GPU and with which settings, serves" if others else "on which GPU, serve"
    limits = " and ".join(str(limit) for limit in question.limits)
    load = f"{number(question.qps)} requests/s of {question.workload.name}"
    return f"{which}, {how} {load} within {limits} for the least money?"


def _answered(answer: Recommendation) -> str:
    """Return the decision of the recommendation, which names its basis, after what keeps it from being one."""
    known = answer.certainty
    if known is not None and known.sureness is Sureness.TOO_CLOSE:
        return f"Too close to call; the cheapest as planned: {answer.decision.reason}"
    if known is not None and known.sureness is Sureness.EQUAL:
        return f"The models cost the same; the cheapest as planned: {answer.decision.reason}"
    return answer.decision.reason


def _sure(answer: Recommendation) -> str:
    """Return how safe the choice is: of the model, and of the very plan."""
    known = answer.certainty
    if known is None:
        return "Not drawn (--draws 0): how sure the choice is, is not known."
    plan = f"This very plan is within 2 % of the cheapest in {share(known.plan_probability)} of draws."
    return f"{in_words(known)} {plan}"


def _repetition(answer: Recommendation, cover: Cover) -> Repetition:
    known = answer.known or Knowledge()
    traced = not is_repeatable(answer.question)
    again = command_again(cover.command, today=answer.question.today)
    return Repetition(
        command=cover.command,
        reproduce=(again,) if traced else (again, "advisor reproduce review.json"),
        reproduce_note=NOT_FROM_JSON if traced else "",
        advisor_version=answer.advisor_version,
        profiles_digest=known.profiles_digest,
        evidence_digest=answer.evidence_digest,
        rows=known.rows,
        runs=known.runs,
        draws=answer.question.draws,
        seed=answer.question.seed,
    )
