"""The decisions' lines in the table of `advisor validate`: what choosing and measuring comes to in invented worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.validation_summary import NamedError, Statistic, Target
from advisor.usecases.validating.decide import validate_decide
from advisor.usecases.validating.decide_policies import OURS
from advisor.usecases.validating.decide_summary import START, STOP
from advisor.usecases.validating.judging_errors import JudgedPart, Topic, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.domain.decide_validation import CoverageLine, DecideValidation
    from advisor.domain.validation_summary import JudgedLine
    from advisor.usecases.validating.judging_errors import Asked

PART = "decide"
TRUTH, ROWS = "invented worlds", "published"
INSIDE = 0.9
"""Share of truths that an interval of 90 % should hold."""


def validate_decisions(asked: Asked) -> JudgedPart:
    """Go through invented worlds, a few or many, and sum up what `advisor validate decide` shows in detail."""
    return part_of_decide(validate_decide(profiles=asked.root, quick=asked.quick, seed=asked.seed, watch=asked.watch))


def part_of_decide(answer: DecideValidation) -> JudgedPart:
    """Return the lines that sum up a validation of the decisions."""
    worlds = sum(line.worlds for line in answer.asked)
    few = ", too few to tell whether targets are kept (--full goes through many)" if answer.quick else ""
    lines = (*_regrets(answer), *_announced(answer), *_measurements(answer), *_coverage(answer), *_unseen(answer))
    return JudgedPart(
        lines=tuple(line.model_copy(update={"sums_up": True}) for line in lines),
        notes=(
            f"decide: {worlds} invented worlds of {len(answer.laws)} laws{few}; `advisor validate decide` shows it in detail",
            "decide: extra costs, shares of the grid and coverage (share of truths within the interval of 90 %, less 90 %) stand for errors",
        ),
    )


def _regrets(answer: DecideValidation) -> tuple[JudgedLine, ...]:
    """Return what our choices cost over the best plan once nothing is worth measuring, beside choosing at once."""
    named, at_once = (
        [
            NamedError(case=f"law: {line.law}", error=line.realized)
            for line in answer.regrets
            if line.law and line.when == when
        ]
        for when in (STOP, START)
    )
    topic = Topic(
        PART, "extra cost of the choice, measured as told", TRUTH, "mean extra cost over the best plan, by law"
    )
    return lines_of(topic, named, rules=[("nominal cheapest, nothing measured", [one.error for one in at_once])])


def _announced(answer: DecideValidation) -> Iterator[JudgedLine]:
    """Yield how far the announced extra cost is from the realized one, where something is asked of it."""
    for line in answer.regrets:
        if line.target is not None and line.miss is not None:
            named = [NamedError(case=f"all laws, {line.when}", error=line.miss)]
            topic = Topic(
                PART, f"announced extra cost, {line.when}", TRUTH, "announced over realized extra cost less 1"
            )
            target = Target(statistic=Statistic.WORST, at_most=line.target, source="asked of all laws together")
            yield from lines_of(topic, named, target=target, enough=not answer.quick)


def _measurements(answer: DecideValidation) -> tuple[JudgedLine, ...]:
    """Return how much of the full grid has to be measured for the same extra cost, beside other rules."""
    ours = [line for line in answer.policies if line.policy == OURS]
    others = [(line.policy, [line.grid_share]) for line in answer.policies if line.policy != OURS]
    named = [NamedError(case=line.policy, error=line.grid_share) for line in ours]
    asked = next((line.target_share for line in ours if line.target_share is not None), None)
    target = asked and Target(statistic=Statistic.WORST, at_most=asked, source="asked of our rule of measuring")
    topic = Topic(PART, "measurements needed, of the full grid", TRUTH, "share of all cells")
    return lines_of(topic, named, rules=others, target=target or None, enough=not answer.quick)


def _coverage(answer: DecideValidation) -> tuple[JudgedLine, ...]:
    asked = [line for line in answer.coverage if line.low is not None and line.high is not None]
    margins = [min(INSIDE - line.low, line.high - INSIDE) for line in asked if line.low and line.high]
    target = Target(statistic=Statistic.WORST, at_most=min(margins), source="85 to 95 %") if margins else None
    topic = Topic(PART, "coverage of 90 % intervals", TRUTH, "share of truths within, less 90 %")
    return lines_of(topic, _named(asked), target=target, enough=not answer.quick)


def _unseen(answer: DecideValidation) -> tuple[JudgedLine, ...]:
    topic = Topic(PART, "coverage on unseen GPU types", ROWS, "share of rows within, less 90 %")
    return lines_of(topic, _named(answer.unseen))


def _named(lines: Sequence[CoverageLine]) -> list[NamedError]:
    return [
        NamedError(case=f"{line.figure} of {line.group or 'all'}, {line.when}", error=line.inside - INSIDE)
        for line in lines
    ]
