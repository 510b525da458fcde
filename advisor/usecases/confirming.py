"""The smallest fleet that a simulation confirms, searched from the one that the formulas name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from advisor.domain.assurance import OneFewer
from advisor.queueing import MAX_LOAD
from advisor.usecases.judging import LEAST_RUNS, MOST_RUNS, Effort, Trials, criteria
from advisor.usecases.replaying import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.usecases.plans import Plan


MOST_TIMES = 16
"""How many times the start is tried: where bursts were worst, formulas named a tenth of the fleet."""


def smallest(plan: Plan, *, most: int, spares: Callable[[int], int], effort: Effort) -> Plan | None:
    """Return a plan with the fewest replicas that the simulation confirms; None if `most` needed ones do not suffice.

    Parameters
    ----------
    plan
        The plan as the formulas size it.
    most
        Replicas that may be needed at most.
    spares
        How many spares stand beside so many needed replicas.
    effort
        What the question may still simulate.
    """
    asked = criteria(plan.question.limits, attainment=plan.question.attainment)
    trials = Trials(
        Replay(plan.serving, plan.deployment.max_num_batched_tokens), asked, plan.question.seed, effort=effort
    )
    needed = smallest_passing(trials, plan.rate_rps, start=plan.needed, most=most)
    return None if needed is None else replace(plan, trials=trials).resized(needed, spares=spares(needed))


def smallest_passing(trials: Trials, rate_rps: float, *, start: int, most: int) -> int | None:
    """Return the fewest replicas that keep everything; None if `most` do not, or many times the start.

    Looked for with short simulations first, and from what those find on with long ones: down from a fleet that keeps it, up
    from one that does not in growing steps, then by bisection. Fleets whose interval of the speed crosses saturation are
    not considered. Where the simulation cannot tell for sure, the middle of its interval decides, and the plan is one
    replica larger than that: it says that one fewer was a tie.
    """
    least, found = fewest_secure(trials, rate_rps), start
    for runs in (LEAST_RUNS, MOST_RUNS):
        keeps = partial(_keeps, trials, rate_rps=rate_rps, most_runs=runs)
        if not keeps(found) and trials.hopeless:
            return None
        better = _fewest(keeps, start=found, least=least, most=min(most, MOST_TIMES * found))
        if better is None:
            return None
        found = better
    if trials.at(found, rate_rps).passes:
        return found
    return found + 1 if found < most else None


def _fewest(keeps: Callable[[int], bool], *, start: int, least: int, most: int) -> int | None:
    if not keeps(start):
        return _more(keeps, broken=start, most=most)
    while start > least and keeps(start - 1):
        start -= 1
    return start


def _more(keeps: Callable[[int], bool], *, broken: int, most: int) -> int | None:
    step = 1
    while broken < most:
        tried = min(broken + step, most)
        if keeps(tried):
            return _between(keeps, broken=broken, kept=tried)
        broken, step = tried, 2 * step
    return None


def _between(keeps: Callable[[int], bool], *, broken: int, kept: int) -> int:
    while kept - broken > 1:
        middle = (broken + kept) // 2
        broken, kept = (broken, middle) if keeps(middle) else (middle, kept)
    return kept


def _keeps(trials: Trials, replicas: int, *, rate_rps: float, most_runs: int) -> bool:
    return trials.at(replicas, rate_rps, most_runs=most_runs).likely


def fewest_secure(trials: Trials, rate_rps: float) -> int:
    """Return the fewest replicas whose interval of the saturation rate lies above the rate."""
    serving = trials.replay.serving
    usable_rps = serving.secure_share * serving.station.saturation_rps
    fewest = max(int(rate_rps / usable_rps), 1)
    return fewest if fewest * usable_rps > rate_rps else fewest + 1


@dataclass(frozen=True, slots=True)
class Fewer:
    """A plan with one replica fewer: why it is not the plan, and the share of its requests within the limits.

    `share` is 0 where the fleet saturates, be it only at the low end of the speed's interval; `nominal` is what the
    simulation says at the speed itself. None: there is no such fleet, or no simulation.
    """

    reason: OneFewer
    share: float | None = None
    nominal: float | None = None


def one_fewer(plan: Plan) -> Fewer:
    """Return what one replica fewer would do."""
    if plan.needed == 1:
        return Fewer(OneFewer.NONE)
    if plan.trials is None:
        return Fewer(OneFewer.UNCHECKED)
    left, trials = plan.needed - 1, plan.trials
    if plan.rate_rps >= left * plan.serving.station.saturation_rps * MAX_LOAD:
        return Fewer(OneFewer.SATURATES, 0.0, 0.0)
    if left < fewest_secure(trials, plan.rate_rps):
        once = trials.at(left, plan.rate_rps, most_runs=1)
        return Fewer(OneFewer.SATURATES, 0.0, once.tightest.share.value)
    judgment = trials.at(left, plan.rate_rps)
    share = judgment.tightest.share.value
    return Fewer(OneFewer.FAILS if judgment.fails else OneFewer.TIE, share, share)
