"""A fleet that follows the hours of a day or a week, beside the static one for its peak."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from advisor.cost import HOURS_PER_MONTH, SECONDS_PER_HOUR, cheapest_fleet
from advisor.domain.assurance import Schedule
from advisor.domain.offer import PriceBasis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.domain.daily import Operations
    from advisor.usecases.plans import Plan

SWITCHABLE = frozenset({PriceBasis.ON_DEMAND, PriceBasis.SPOT})
"""Price bases paid by the hour. Commitments and own hardware cost the same when idle, so a schedule saves nothing there."""

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
    started = _started(by_hour)
    static = plan.fleet.usd_per_month
    scheduled = _usd_per_month(plan, by_hour, startup_s=startup_s)
    return Schedule(
        profile=question.daily.name,
        peak_qps=question.peak_qps,
        startup_s=startup_s,
        replicas_by_hour=by_hour,
        paid_replica_hours=sum(by_hour) + started * startup_s / SECONDS_PER_HOUR,
        static_usd_per_month=static.quantize(CENT),
        scheduled_usd_per_month=None if scheduled is None else scheduled.quantize(CENT),
        saving_share=None if scheduled is None else float(1 - scheduled / static),
    )


def _needed(plan: Plan, rates_qps: Sequence[float]) -> list[int]:
    """Return replicas per hour by formula, enlarged as the simulation enlarged the peak, which they never exceed.

    Hours are gone through by rising rate, so that each starts where the one before ended.
    """
    sized: dict[float, int] = {}
    replicas = 1
    for rate in sorted(set(rates_qps)):
        replicas = _enough(plan, rate / (1.0 - plan.question.headroom), start=replicas)
        sized[rate] = replicas
    correction = plan.needed / replicas
    return [min(max(ceil(sized[rate] * correction - 1e-9), 1), plan.needed) for rate in rates_qps]


def _enough(plan: Plan, rate_rps: float, *, start: int) -> int:
    serving = plan.serving
    usable_rps = serving.secure_share * serving.station.saturation_rps
    replicas = max(start, int(rate_rps / usable_rps) + 1)
    while replicas < plan.needed and not serving.meets(plan.question.limits, rate_rps, replicas=replicas):
        replicas += 1
    return replicas


def _started(by_hour: Sequence[int]) -> int:
    """Return how many replicas start in one pass through the hours, the last one followed by the first."""
    return sum(max(now - before, 0) for before, now in zip((by_hour[-1], *by_hour), by_hour, strict=False))


def _usd_per_month(plan: Plan, by_hour: Sequence[int], *, startup_s: float) -> Decimal | None:
    """Return the price of 730 such hours: whole shapes for the replicas of each, the added ones from their start on."""
    if plan.fleet.offer.price_basis not in SWITCHABLE:
        return None
    usd = {replicas: _usd_per_hour(plan, replicas) for replicas in set(by_hour)}
    prices = [usd[replicas] for replicas in by_hour]
    ahead = Decimal(repr(startup_s)) / SECONDS_PER_HOUR
    rises = sum(
        (max(now - before, Decimal(0)) for before, now in zip((prices[-1], *prices), prices, strict=False)), Decimal(0)
    )
    return (sum(prices, Decimal(0)) + rises * ahead) * HOURS_PER_MONTH / len(prices)


def _usd_per_hour(plan: Plan, replicas: int) -> Decimal:
    gpus = plan.deployment.tensor_parallel
    fleet = cheapest_fleet(plan.offers, replicas=replicas, gpus_per_replica=gpus)
    return fleet.usd_per_hour if fleet else plan.fleet.usd_per_hour
