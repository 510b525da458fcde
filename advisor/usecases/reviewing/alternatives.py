"""The alternatives of a review: each model, each GPU type, each price basis, and what the question leaves outside."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import HOURS_PER_MONTH
from advisor.domain.offer import PriceBasis
from advisor.domain.review import AlternativeLine, Outcome, Subject
from advisor.planning.ranking import TIE_SHARE
from advisor.report.figures import money, share
from advisor.usecases.reviewing.field import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.answer import Recommendation, Rejected
    from advisor.usecases.reviewing.field import Best, Field

CENT = Decimal("0.01")
OUTSIDE = {
    "what runs today": "The question does not know it. Its own price (--gpu-cost) and GPUs (--gpus) make it comparable.",
    "buying GPUs": "No purchase prices are known here. --gpu-cost takes your own cost of a GPU-hour.",
    "a hosted interface, paid per token": "No such prices are known here. Compare a quote with the price per million output tokens.",
}
"""Alternatives that a review is expected to name and that no price here stands for."""


def alternative_lines(answer: Recommendation, field: Field) -> tuple[AlternativeLine, ...]:
    """Return every alternative with the reason why it was chosen or not."""
    parts = (_models(answer, field), _gpus(answer, field), _price_bases(answer, field))
    return (*(line for part in parts for line in sorted(part, key=_rank)), *_outside(answer))


def _rank(line: AlternativeLine) -> tuple[bool, bool, Decimal, str]:
    """Return what orders alternatives: the chosen one first, then by cost, those without a plan last."""
    return (line.outcome is not Outcome.CHOSEN, line.usd_per_month is None, line.usd_per_month or Decimal(0), line.name)


def _models(answer: Recommendation, field: Field) -> Iterator[AlternativeLine]:
    names = dict.fromkeys([*answer.best_by_contender, *answer.best_by_model])
    for name in names:
        model_has_contender = name in answer.best_by_model and any(
            other != name and other.startswith(f"{name}+") and plan for other, plan in answer.best_by_contender.items()
        )
        if model_has_contender and answer.best_by_contender.get(name) is None:
            continue
        found = field.best(lambda best, name=name: best.contender == name)  # type: ignore[misc]
        yield _line(Subject.MODEL, name, found, answer, lambda line, name=name: _is_of(line, name), field)  # type: ignore[misc]


def _is_of(line: Rejected, contender: str) -> bool:
    return line.contender == contender or line.contender.startswith(f"{contender}+")


def _gpus(answer: Recommendation, field: Field) -> Iterator[AlternativeLine]:
    yield from (_gpu(gpu, answer, field) for gpu in field.gpus)


def _gpu(gpu: str, answer: Recommendation, field: Field) -> AlternativeLine:
    found = field.best(lambda best: best.gpu == gpu)
    return _line(Subject.GPU, gpu, found, answer, lambda line: gpu in words_of(line), field)


def _price_bases(answer: Recommendation, field: Field) -> Iterator[AlternativeLine]:
    own = (PriceBasis.OWNED,) if answer.question.own_usd_per_gpu_hour else ()
    for basis in dict.fromkeys((*answer.question.price_bases, *own)):
        found = field.best(lambda best, basis=basis: best.price_basis is basis)  # type: ignore[misc]
        yield _line(Subject.PRICE_BASIS, basis, found, answer, None, field)


def _outside(answer: Recommendation) -> Iterator[AlternativeLine]:
    for name, reason in OUTSIDE.items():
        if name != "buying GPUs" or not answer.question.own_usd_per_gpu_hour:
            yield _bare(Subject.OUTSIDE, name, Outcome.NOT_PRICED, reason)


def _bare(subject: Subject, name: str, outcome: Outcome, reason: str) -> AlternativeLine:
    return AlternativeLine(
        subject=subject,
        name=name,
        outcome=outcome,
        plan="",
        usd_per_month=None,
        more_share=None,
        simulated=False,
        reason=reason,
    )


def _line(
    subject: Subject,
    name: str,
    found: Best | None,
    answer: Recommendation,
    concerns: Callable[[Rejected], bool] | None,
    field: Field,
) -> AlternativeLine:
    if found is None:
        return _bare(
            subject, name, Outcome.IMPOSSIBLE, _why_none([r for r in field.rejected if concerns and concerns(r)])
        )
    more_share = float(found.usd_per_hour / answer.decision.candidate.usd_per_hour) - 1.0
    outcome, reason = _judged(found, more_share, answer)
    return AlternativeLine(
        subject=subject,
        name=name,
        outcome=outcome,
        plan=found.words,
        usd_per_month=(found.usd_per_hour * HOURS_PER_MONTH).quantize(CENT),
        more_share=more_share,
        simulated=found.simulated,
        reason=reason,
    )


def _judged(found: Best, more_share: float, answer: Recommendation) -> tuple[Outcome, str]:
    if found.chosen:
        return Outcome.CHOSEN, "The cheapest plan within the objectives."
    if more_share > TIE_SHARE:
        more = (found.usd_per_hour - answer.decision.candidate.usd_per_hour) * HOURS_PER_MONTH
        return Outcome.DEARER, f"Costs {share(more_share)} more, that is {money(more)} per month.{found.price_note}"
    if answer.question.simulate and not found.simulated:
        return Outcome.UNCONFIRMED, "As cheap by formula; the simulation did not confirm it as the better one."
    return Outcome.EQUAL, f"Costs the same within {share(TIE_SHARE)}; the chosen plan is faster or uses fewer GPUs."


def _why_none(lost: list[Rejected]) -> str:
    if not lost:
        return "There is no usable price of it, or no plan with one meets the question."
    reasons = Counter((line.constraint, line.reason) for line in lost).most_common(1)
    (constraint, reason), count = reasons[0]
    others = f" ({count} of {len(lost)} deployments)" if count < len(lost) else ""
    return f"Ruled out by {constraint}{others}: {reason}."
