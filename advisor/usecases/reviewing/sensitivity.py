"""The sensitivity analysis of a review: what each input does to the choice and to the cost of the chosen model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.review import ChangeLine
from advisor.errors import InfeasibleError, InputError
from advisor.report.figures import money, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from advisor.domain.levers import EndLine, Lever
    from advisor.domain.review import AssumptionLine

NOT_LOOKED_AT = "Not looked at; advisor sensitivity says which input changes the choice."
HOW = (
    "One input at a time, all else as asked, each model with its cheapest plan by formula. advisor crossover shows a single input "
    "in detail."
)
LEVER_OF: Mapping[str, str] = {
    "request rate": "qps",
    "input length": "input-tokens",
    "output length": "output-tokens",
    "denoising steps": "steps",
    "tokens per pass": "acceptance",
    "saturation": "speed:winner",
    "engine version": "engine-version",
}
"""Input that an assumption is, by the beginning of its name."""

PRICE = "price of the shape"


def sensitivity_of(
    answer: Recommendation, *, profiles: Path | None, database: str | None, allow_simulated: bool
) -> tuple[tuple[Lever, ...], str]:
    """Return what each input does to the choice, and a sentence on it: how it was looked at, or why it could not be."""
    from advisor.usecases.crossing.sensitivity import with_sensitivity  # noqa: PLC0415 - it is the slow half of a review

    try:
        found = with_sensitivity(answer, profiles=profiles, database=database, allow_simulated=allow_simulated)
    except (InfeasibleError, InputError) as problem:
        return (), f"None: {problem}."
    if found.sensitivity:
        return found.sensitivity, HOW
    return (), next((f"{c.message}." for c in found.warnings if c not in answer.warnings), NOT_LOOKED_AT)


def with_effects(
    lines: Iterable[AssumptionLine], levers: Sequence[Lever], answer: Recommendation
) -> tuple[AssumptionLine, ...]:
    """Return assumptions with what the chosen model costs at both ends of their range, where that was looked at."""
    plan = answer.decision.candidate
    wanted = {**LEVER_OF, PRICE: f"price:{plan.gpu}"}
    by_name = {lever.name: lever for lever in levers}
    told = []
    for line in lines:
        name = next((lever for start, lever in wanted.items() if line.name.startswith(start)), "")
        effect = _effect(by_name[name], plan.model) if name in by_name else ""
        told.append(line.model_copy(update={"impact": f"{line.impact} {effect}".strip()}))
    return tuple(told)


def _effect(lever: Lever, model: str) -> str:
    ends = f"{number(lever.low.value)} to {number(lever.high.value)} {lever.unit}"
    low, high = _cost(lever.low, model), _cost(lever.high, model)
    costs = f"{low} at both ends" if low == high else f"{low} to {high}"
    return f"From {ends}: {costs}, per hour and by formula; {_flip(lever)}."


def _cost(end: EndLine, model: str) -> str:
    usd = next((cost.usd_per_hour for cost in end.costs if cost.model == model), None)
    return "not feasible" if usd is None else money(usd)


def _flip(lever: Lever) -> str:
    if lever.flip_value is None:
        return "the choice of the model stays"
    return f"{lever.flip_to or 'no model'} is the choice from {number(lever.flip_value)} on"


def changes_by(levers: Iterable[Lever]) -> tuple[ChangeLine, ...]:
    """Return the inputs that change the choice of the model within their range, nearest first."""
    return tuple(
        ChangeLine(
            code=f"input_{lever.name}",
            what=f"{lever.title[:1].upper()}{lever.title[1:]} reaches {number(lever.flip_value)} {lever.unit}{_asked(lever)}",
            effect=f"{lever.flip_to} becomes the cheaper model" if lever.flip_to else "no model meets the objectives",
        )
        for lever in levers
        if lever.flip_value is not None
    )


def _asked(lever: Lever) -> str:
    return "" if lever.asked_value is None else f", {number(lever.asked_value)} now"
