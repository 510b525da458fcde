"""From many worlds to a few figures: measurements for the same regret, announced beside realized regret, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.decide_validation import CoverageLine, PolicyLine, RegretLine, StopLine
from advisor.usecases.validating.decide_policies import GRID_IN_ANY_ORDER, OURS, POLICIES
from advisor.usecases.validating.decide_truths import LAWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from advisor.usecases.validating.decide_arenas import Arena
    from advisor.usecases.validating.decide_policies import Moment
    from advisor.usecases.validating.decide_runs import Played

    FloatArray = NDArray[np.float64]

SAME_REGRET = 0.01
"""Regret over the price of the best plan that counts as the same: where experiment G of the methods stops."""

TARGET_SHARE = 2.0 / 3.0
"""Share of the full grid that our rule may need for the same regret."""

TARGET_MISS = 0.2
"""Relative difference up to which the announced regret is taken for the realized one."""

TARGET_COVERAGE = (0.85, 0.95)
"""Shares of truths that an interval of 90 % may hold."""

LOW, HIGH = 0.05, 0.95

STEPS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24)
"""Numbers of measurements at which regrets are told."""

START, STOP = "before any measurement", "when nothing pays any more"


def policy_lines(results: Sequence[Played], arenas: Sequence[Arena]) -> Iterator[PolicyLine]:
    """Yield how quickly each rule comes to the regret of the full grid, on average over all worlds of all questions."""
    most = max(len(arena.cells) for arena in arenas)
    final = _realized(_after(GRID_IN_ANY_ORDER, most, results), results)
    for policy in POLICIES:
        curve = [_realized(_after(policy, n, results), results) for n in range(most + 1)]
        over = [n for n, regret in enumerate(curve) if regret > final + SAME_REGRET]
        yield _policy_line(policy, over[-1] + 1 if over else 0, curve, results, arenas)
    yield _policy_line(FULL_GRID, most, [final], results, arenas)


FULL_GRID = "full grid"


def _policy_line(
    policy: str, needed: int, curve: Sequence[float], results: Sequence[Played], arenas: Sequence[Arena]
) -> PolicyLine:
    """Return the line of a rule that needs so many measurements; where it stopped before, it needed fewer.

    One that has not come so far at its end counts as if it needed all.
    """
    courses = [(one.courses.get(policy, one.courses[GRID_IN_ANY_ORDER]), one) for one in _whole(results)]
    sizes = [len(arenas[one.task.arena].cells) for _, one in courses]
    reached = policy == FULL_GRID or needed < len(curve)
    counts = [min(needed, course.measurements) for course, _ in courses] if reached else sizes
    steps = (*(step for step in STEPS if step < len(curve) - 1), len(curve) - 1)
    return PolicyLine(
        policy=policy,
        measurements=float(np.mean(counts)),
        grid_share=float(np.mean([count / size for count, size in zip(counts, sizes, strict=True)])),
        target_share=TARGET_SHARE if policy == OURS else None,
        regrets={needed: curve[0]} if policy == FULL_GRID else {step: curve[step] for step in steps},
    )


def _after(policy: str, measurements: int, results: Sequence[Played]) -> list[Moment]:
    return [one.courses[policy].after(measurements) for one in _whole(results)]


def _whole(results: Sequence[Played]) -> list[Played]:
    return [one for one in results if one.courses]


def _realized(moments: Sequence[Moment], results: Sequence[Played]) -> float:
    scales = _scales(results)
    whole = _whole(results)
    return float(np.mean([m.realized_usd / scales[one.task.arena] for m, one in zip(moments, whole, strict=True)]))


def _scales(results: Sequence[Played]) -> dict[int, float]:
    """Return the mean price of the best plan by question: regrets are told over it."""
    found: dict[int, list[float]] = {}
    for one in results:
        if one.start is not None:
            found.setdefault(one.task.arena, []).append(one.start.best_usd)
    return {arena: float(np.mean(prices)) for arena, prices in found.items()}


def stop_line(results: Sequence[Played], arenas: Sequence[Arena]) -> StopLine:
    """Return where our rule stops, on average over worlds."""
    whole, scales = _whole(results), _scales(results)
    courses = [one.courses[OURS] for one in whole]
    sizes = [len(arenas[one.task.arena].cells) for one in whole]
    ends = [course.moments[-1] for course in courses]
    announced = [end.announced_usd / scales[one.task.arena] for end, one in zip(ends, whole, strict=True)]
    full = [one.courses[GRID_IN_ANY_ORDER].moments[-1] for one in whole]
    return StopLine(
        measurements=float(np.mean([course.measurements for course in courses])),
        grid_share=float(np.mean([c.measurements / size for c, size in zip(courses, sizes, strict=True)])),
        cost_usd=float(np.mean([end.measured_usd for end in ends])),
        full_grid_cost_usd=float(np.mean([end.measured_usd for end in full])),
        announced_regret_share=float(np.mean(announced)),
        realized_regret_share=_realized(ends, results),
        full_grid_regret_share=_realized(full, results),
    )


def regret_lines(results: Sequence[Played]) -> Iterator[RegretLine]:
    """Yield the announced beside the realized regret: before any measurement, and where our rule stops."""
    scales = _scales(results)
    at_start = [(one, one.start) for one in results if one.start is not None]
    at_stop = [(one, one.courses[OURS].moments[-1]) for one in _whole(results)]
    for when, moments in ((START, at_start), (STOP, at_stop)):
        for law in (None, *LAWS):
            scaled = [
                (m.announced_usd / scales[one.task.arena], m.realized_usd / scales[one.task.arena])
                for one, m in moments
                if law in {None, one.task.law}
            ]
            yield _regret_line(np.array(scaled), law=law, when=when)


def _regret_line(regrets: FloatArray, *, law: str | None, when: str) -> RegretLine:
    """Return the line of some worlds, ``(worlds, 2)``: announced and realized."""
    announced, realized = regrets.mean(axis=0).tolist()
    return RegretLine(
        law=law,
        when=when,
        worlds=len(regrets),
        announced=announced,
        realized=realized,
        standard_error=float(regrets[:, 1].std() / np.sqrt(len(regrets))),
        miss=announced / realized - 1.0 if realized else None,
        target=TARGET_MISS if law is None and when == START else None,
    )


def world_coverage(results: Sequence[Played]) -> Iterator[CoverageLine]:
    """Yield how often the truth lies in the 90 % interval of prices and replicas, plan by plan."""
    starts = [(one, one.start) for one in results if one.start is not None]
    stops = [(one, one.courses[OURS].moments[-1]) for one in _whole(results)]
    for when, moments in ((START, starts), (STOP, stops)):
        for law in (None, *LAWS):
            kept = [moment for one, moment in moments if law in {None, one.task.law}]
            for row, figure in enumerate(FIGURES):
                places = np.concatenate([moment.places[row] for moment in kept])
                ends = np.concatenate([moment.within[row] for moment in kept])
                low, high = TARGET_COVERAGE if law is None else (None, None)
                yield CoverageLine(
                    group=law,
                    when=when,
                    figure=figure,
                    cases=places.size,
                    inside=float(np.mean((places >= LOW) & (places <= HIGH))),
                    at_ends=float(np.mean(ends)),
                    low=low,
                    high=high,
                )


FIGURES = ("price per hour", "replicas")
