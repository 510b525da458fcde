"""How fast the event simulation is, by hand: `python tests/benchmarks/bench_simulate.py`. Prints, asserts nothing.

Times of a shared machine say little, so each is also given as a multiple of a loop that does nothing but push and pop
40,000 times on a heap: a request has two events, its arrival and its end.
"""

from __future__ import annotations

import sys
from heapq import heappop, heappush
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from advisor.queueing import Station
from advisor.queueing.simulate import Batching, Demand, Sharing, arrival_times_s, simulate

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 20_000
RUNS = 5
REPLICAS = (1, 4, 20)
LOAD = 0.8
COUNTS = np.arange(1.0, 65.0)
STEP_S = 0.006 + 0.0002 * COUNTS
PREFILL_S = 2e-5


def run_s(call: Callable[[], object]) -> float:
    """Return the median time of a call [s], after one that warms up."""
    times_s = []
    for _ in range(RUNS + 1):
        start_s = perf_counter()
        call()
        times_s.append(perf_counter() - start_s)
    return median(times_s[1:])


def heap_only() -> None:
    """Push and pop as often as there are events, on a heap as large as a station holds requests."""
    keys = np.random.default_rng(0).random(2 * REQUESTS).tolist()
    heap: list[tuple[float, int]] = []
    for number, key in enumerate(keys):
        heappush(heap, (key, number))
        if len(heap) > COUNTS.size:
            heappop(heap)
    while heap:
        heappop(heap)


def sharing(replicas: int) -> Callable[[], object]:
    """Return a run of stations with exponential work."""
    station = Station(COUNTS / (0.5 + 0.01 * COUNTS))
    rng = np.random.default_rng(0)
    arrivals_s = arrival_times_s(rng, requests=REQUESTS, arrival_rps=LOAD * replicas * station.saturation_rps)
    demand = Demand(arrivals_s, rng.exponential(size=REQUESTS))
    return lambda: simulate(Sharing(station), demand, replicas=replicas)


def batching(replicas: int) -> Callable[[], object]:
    """Return a run of engines on chat: about 800 tokens in and 200 out."""
    rng = np.random.default_rng(0)
    prompts = rng.lognormal(6.4, 0.8, size=REQUESTS).round()
    outputs = np.maximum(rng.lognormal(5.0, 0.7, size=REQUESTS).round(), 1.0)
    most_rps = COUNTS[-1] / (outputs.mean() * STEP_S[-1] + COUNTS[-1] * prompts.mean() * PREFILL_S)
    arrivals_s = arrival_times_s(rng, requests=REQUESTS, arrival_rps=LOAD * replicas * most_rps)
    demand = Demand(arrivals_s, outputs, np.ones(REQUESTS), prompts)
    engine = Batching(STEP_S, np.full(COUNTS.size, PREFILL_S), 8192)
    return lambda: simulate(engine, demand, replicas=replicas)


def main() -> None:
    """Measure and print."""
    heap_s = run_s(heap_only)
    lines = [f"heap alone             {2 * REQUESTS:,} pushes and pops in {heap_s * 1e3:.0f} ms, median of {RUNS}"]
    for name, kind in (("Sharing", sharing), ("Batching", batching)):
        for replicas in REPLICAS:
            time_s = run_s(kind(replicas))
            rate = f"{REQUESTS / time_s:>9,.0f} requests/s"
            lines.append(f"{name:<9}{replicas:>3} replicas  {rate}, {time_s / heap_s:.1f} x the heap alone")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
