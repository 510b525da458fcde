"""How long an answer takes, by hand: `python tests/benchmarks/bench_recommend.py`. Prints, asserts nothing.

Times of a shared machine say little, so the whole process is given as a multiple of a process that only imports the
libraries it needs anyway.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import timeit
from datetime import date
from statistics import median
from time import perf_counter

import numpy as np

from advisor import catalog
from advisor.domain.question import ALL_RENTED, Question
from advisor.queueing import Limit, Station, capacity, sojourn_law, solve
from advisor.usecases.recommend import recommend

PROCESSES = 7
CALLS = 200
GPUS = tuple(catalog.read_gpus(catalog.profiles_root()))
WIDEST = ["--gpus", ",".join(GPUS), "--price-basis", "all", "--max-price-age", "1000"]
ANSWER = [sys.executable, "-m", "advisor", "recommend", "--qps", "50", *WIDEST]
IMPORTS = [sys.executable, "-c", "import numpy, pydantic, typer, yaml"]


def process_s(command: list[str]) -> float:
    """Return the median time of a process from start to exit [s], after one that warms the file cache."""
    times_s = []
    for _ in range(PROCESSES + 1):
        start_s = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times_s.append(perf_counter() - start_s)
    return median(times_s[1:])


def deployments_per_s() -> tuple[int, float]:
    """Return how many deployments one question considers, and how many per second with everything imported."""
    workload = catalog.read_workload(catalog.profiles_root(), "chat")
    question = Question(
        qps=50,
        workload=workload,
        slo=workload.objectives,
        gpus=GPUS,
        price_bases=ALL_RENTED,
        max_price_age_days=1000,
        today=date(2026, 11, 23),
    )
    times_s, considered = [], 0
    for _ in range(PROCESSES + 1):
        start_s = perf_counter()
        considered = recommend(question, profiles=None, database=None).deployments_considered
        times_s.append(perf_counter() - start_s)
    return considered, considered / median(times_s[1:])


def primitives_s() -> dict[str, float]:
    """Return the time of one call of each queueing primitive [s], for 128 slots and 32 request sizes."""
    slots, sizes = np.arange(1.0, 129.0), np.linspace(0.2, 1.8, 32)
    station = Station(slots / (1.0 + 0.05 * slots))
    state = solve(station, arrival_rps=0.8 * station.saturation_rps)
    limit = Limit(statistic=0.95, limit_s=2.0 * sojourn_law(state, sizes=sizes).quantile(0.95))

    def meets(rate_rps: float) -> bool:
        return limit.met_by(sojourn_law(solve(station, arrival_rps=rate_rps), sizes=sizes))

    calls = {
        "solve a station": lambda: solve(station, arrival_rps=0.8 * station.saturation_rps),
        "law of its latency": lambda: sojourn_law(state, sizes=sizes),
        "p95 of that law": lambda: sojourn_law(state, sizes=sizes).quantile(0.95),
        "capacity under a limit": lambda: capacity(station, meets=meets),
    }
    return {name: min(timeit.repeat(call, number=CALLS, repeat=3)) / CALLS for name, call in calls.items()}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_DATA_HOME"] = home  # no measurements of whoever runs this
        imports_s, answer_s = process_s(IMPORTS), process_s(ANSWER)
        considered, rate = deployments_per_s()
    times = f"{answer_s * 1e3:.0f} ms against {imports_s * 1e3:.0f} ms, medians of {PROCESSES}"
    lines = [
        f"whole process           {answer_s / imports_s:.2f} x importing numpy, pydantic, typer and yaml ({times})",
        f"in process              {rate:,.0f} deployments/s ({considered} in one question)",
        *(f"{name:<24}{time_s * 1e6:.1f} us per call" for name, time_s in primitives_s().items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
