"""What one would say of latency under load without a queueing formula of one's own: trivial rules beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.usecases.validating.queueing_grid import STATIONS, sizes_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.usecases.validating.queueing_grid import Cell

TAILS = (0.95, 0.99)


def closed_loop_s(cell: Cell) -> tuple[float, ...]:
    """Return mean, p95 and p99 [s] as a closed loop shows them at the concurrency whose throughput is the arrival rate.

    With c always in flight a request takes its share of c / X(c), whatever the arrivals. For one replica.
    """
    station = STATIONS[cell.station]
    level = max(float(np.interp(cell.arrival_rps, station.rates_rps, station.counts[1:])), 1.0)
    slowdown_s = float(np.interp(level, station.counts[1:], station.slowdowns_s))
    sizes, _ = sizes_of_work(cell.work)
    return slowdown_s, *(slowdown_s * np.quantile(sizes, TAILS)).tolist()


def one_server_s(cell: Cell) -> tuple[float, ...]:
    """Return mean, p95 and p99 [s] of a queue M/M/1 that always serves at the saturation rate. For one replica."""
    mean_s = 1.0 / (STATIONS[cell.station].saturation_rps - cell.arrival_rps)
    return mean_s, *(mean_s * float(-np.log1p(-tail)) for tail in TAILS)


RULES: Mapping[str, Callable[[Cell], tuple[float, ...]]] = {
    "closed-loop figure at that rate": closed_loop_s,
    "M/M/1 at the highest rate": one_server_s,
}
"""To add one, write what it says of a cell."""
