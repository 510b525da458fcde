"""A fleet that follows the hours of a day or a week, beside the static one for its peak."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from advisor.cost import HOURS_PER_MONTH, SECONDS_PER_HOUR, rent
from advisor.domain.assurance import Schedule
from advisor.domain.offer import PriceBasis
from advisor.usecases.plans import sizing_rate_rps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.domain.daily import Operations
    from advisor.usecases.plans import Plan

SWITCHABLE = frozenset({PriceBasis.ON_DEMAND, PriceBasis.SPOT})
"""Price bases paid by the hour. Commitments and own hardware cost the same when idle, so a schedule saves nothing there."""

LEVELS = 12
"""Rates that hours are rounded up to where each has to be simulated."""

CENT = Decimal("0.01")


def schedule_of(plan: Plan, operations: Operations, *, spares: Callable[[int], int]) -> Schedule | None:
    """Return both prices of a plan over its daily profile, None where the load has no profile.

    Every hour has the integer replicas that its own rate needs, one at least, and the spares that stand beside them. Those
    that an hour needs more than the one before start ahead of it and are paid from then on.
    """
    question = plan.question
    if question.daily is None:
        return None
    startup_s = question.startup_s or operations.startup_s
    needed = _needed(plan, [question.qps * share for share in question.daily.shares_of_mean])
    by_hour = tuple(replicas + spares(replicas) for replicas in needed)
    static = plan.fleet.usd_per_month
    scheduled = _usd_per_month(plan, by_hour, startup_s=startup_s)
    return Schedule(
        profile=question.daily.name,
        peak_qps=question.peak_qps,
        startup_s=startup_s,
        replicas_by_hour=by_hour,
        paid_replica_hours=float(_paid([Decimal(count) for count in by_hour], startup_s=startup_s)),
        static_usd_per_month=static.quantize(CENT),
        scheduled_usd_per_month=None if scheduled is None else scheduled.quantize(CENT),
        saving_share=None if scheduled is None else float(1 - scheduled / static),
    )


def _needed(plan: Plan, rates_qps: Sequence[float]) -> list[int]:
    """Return replicas per hour, one at least and never more than the peak needs.

    By formula, enlarged as the simulation enlarged the peak. Where formulas are weak the hours are simulated, their rates
    rounded up to a few levels. They are gone through by rising rate, so that each starts where the one before ended.
    """
    weak = plan.trials is not None and bool(plan.weaknesses)
    step_qps = plan.question.peak_qps / LEVELS
    levels = [ceil(rate / step_qps - 1e-9) * step_qps if weak else rate for rate in rates_qps]
    sized: dict[float, int] = {}
    replicas = 1
    for rate in sorted({*levels}):
        replicas = _enough(
            plan, rate * sizing_rate_rps(plan.question) / plan.question.peak_qps, start=replicas, weak=weak
        )
        sized[rate] = replicas
    correction = 1.0 if weak else plan.needed / replicas
    return [min(max(ceil(sized[rate] * correction - 1e-9), 1), plan.needed) for rate in levels]


def _enough(plan: Plan, rate_rps: float, *, start: int, weak: bool) -> int:
    serving = plan.serving
    usable_rps = serving.secure_share * serving.station.saturation_rps
    replicas = min(max(start, int(rate_rps / usable_rps) + 1), plan.needed)
    while replicas < plan.needed and not _keeps(plan, replicas, rate_rps, weak=weak):
        replicas += 1
    return replicas


def _keeps(plan: Plan, replicas: int, rate_rps: float, *, weak: bool) -> bool:
    if rate_rps <= 0:
        return True
    if not plan.serving.meets(plan.question.limits, rate_rps, replicas=replicas):
        return False
    return plan.trials is None or not weak or plan.trials.at(replicas, rate_rps, most_runs=1).likely


def _usd_per_month(plan: Plan, by_hour: Sequence[int], *, startup_s: float) -> Decimal | None:
    """Return the price of 730 such hours, whole shapes of the plan's own offer; None where hours cannot be switched."""
    offer, gpus = plan.fleet.offer, plan.deployment.tensor_parallel
    if offer.price_basis not in SWITCHABLE:
        return None
    usd = {count: rent(offer, replicas=count, gpus_per_replica=gpus) for count in set(by_hour)}
    prices = [fleet.usd_per_hour for count in by_hour if (fleet := usd[count]) is not None]
    return _paid(prices, startup_s=startup_s) * HOURS_PER_MONTH / len(prices)


def _paid(levels: Sequence[Decimal], *, startup_s: float) -> Decimal:
    """Return what one pass through the hours pays, in the unit of `levels`, the last hour followed by the first.

    What an hour needs is paid from `startup_s` ahead on: an hour pays the most that it or those within the lead need, and
    the part of the lead that is no whole hour pays its part of the next.
    """
    whole, rest = divmod(Decimal(repr(startup_s)) / SECONDS_PER_HOUR, 1)
    hours = len(levels)
    lead = min(int(whole), hours)
    paid = Decimal(0)
    for hour in range(hours):
        ahead = [levels[(hour + later) % hours] for later in range(lead + 2)]
        most = max(ahead[:-1])
        paid += most + (max(most, ahead[-1]) - most) * rest
    return paid
