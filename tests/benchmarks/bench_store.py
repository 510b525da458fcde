"""What the database costs, by hand: `python tests/benchmarks/bench_store.py [URL]`. Prints, asserts nothing.

A million requests in a thousand runs go in, as a campaign would send them; then the queries behind `recommend` are timed,
and a whole process that answers from that database. Without a URL it is a SQLite file that is thrown away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from advisor.domain.attempt import Attempt, AttemptResult, CampaignRecord, Outcome
from advisor.domain.basis import Basis
from advisor.domain.campaign import Cell, ServedDeployment
from advisor.domain.load import ClosedLoad
from advisor.domain.model import Content, Precision
from advisor.domain.profiled import ProfiledRun, RunConditions
from advisor.domain.run_figures import Percentiles, RunFigures, Verdict
from advisor.domain.timing import Phase, RequestTiming
from advisor.domain.workload import LengthLaw, Workload
from advisor.store import open_store, read_measurements, read_runs

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS, REQUESTS = 1000, 1000
LEVELS, REPEATS = 10, 4
GPUS = ("h100-sxm-80gb", "h200-sxm-141gb", "l40s-48gb", "a100-sxm-80gb", "rtx-pro-6000-96gb")
TIMES = 7
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CHAT = Workload(name="chat", content=Content.CHAT, input=LengthLaw(mean_tokens=800), output=LengthLaw(mean_tokens=300))
TIMINGS = tuple(
    RequestTiming(i, Phase.MEASURED, i / 7, i / 7 + 1e-4, i / 7 + 0.05, i / 7 + 3.1, 800, 0, 300, 300, 300)
    for i in range(REQUESTS)
)


def cells() -> list[Cell]:
    """Return a plan: for each GPU and workload, repeats of levels of concurrency."""
    found = []
    for ordinal in range(RUNS):
        series, place = divmod(ordinal, LEVELS * REPEATS)
        level, repeat = divmod(place, REPEATS)
        workload = CHAT.model_copy(update={"name": f"chat-{series // len(GPUS)}"})
        served = ServedDeployment(model="gemma-4-26b-a4b", gpu=GPUS[series % len(GPUS)], precision=Precision.FP8)
        load = ClosedLoad(concurrency=2**level)
        cell = Cell(
            campaign_id="bench", ordinal=ordinal, deployment=served, workload=workload, load=load, repeat=repeat
        )
        found.append(cell)
    return found


def result(cell: Cell) -> AttemptResult:
    """Return what a worker would hand over for a cell."""
    level = cell.load.concurrency if isinstance(cell.load, ClosedLoad) else 1
    rate_rps = level / (3.0 + 0.02 * level)
    run = ProfiledRun(
        id=cell.id,
        campaign_id="bench",
        cell_id=cell.id,
        conditions=RunConditions(
            model=cell.deployment.model,
            gpu=cell.deployment.gpu,
            precision=cell.deployment.precision,
            engine="vllm",
            engine_version="0.33.0",
            max_num_seqs=512,
            workload=cell.workload.name,
            content=Content.CHAT,
        ),
        load=cell.load,
        repeat=cell.repeat,
        figures=RunFigures(
            duration_s=REQUESTS / rate_rps,
            requests=REQUESTS,
            completed=REQUESTS,
            input_tokens_mean=800.0,
            output_tokens_mean=300.0,
            output_tokens_total=300 * REQUESTS,
            request_rate_rps=rate_rps,
            output_tok_s=300.0 * rate_rps,
            in_flight_mean=float(level),
            ttft_ms=Percentiles(mean=60.0, p50=50.0, p95=120.0, p99=200.0),
            e2e_s=Percentiles(mean=level / rate_rps, p50=3.0, p95=9.0, p99=14.0),
            ntpot_ms=Percentiles(mean=11.0, p50=10.0, p95=15.0, p99=19.0),
        ),
        verdict=Verdict(valid=True),
        basis=Basis.MEASURED,
        measured_at=NOW + timedelta(minutes=cell.ordinal),
    )
    started, ended = NOW + timedelta(minutes=cell.ordinal), NOW + timedelta(minutes=cell.ordinal + 1)
    attempt = Attempt(
        id=cell.id, cell_id=cell.id, started_at=started, ended_at=ended, outcome=Outcome.MEASURED, gpu_s=60.0, run=run
    )
    return AttemptResult(attempt, timings=TIMINGS)


def ingest_s(url: str) -> float:
    """Return how long it takes to store all results, one transaction each [s]."""
    plan = cells()
    results = [result(cell) for cell in plan]
    with open_store(url) as store:
        store.begin_campaign(CampaignRecord(id="bench", name="bench", created_at=NOW), plan)
        start_s = perf_counter()
        for one in results:
            store.add_result(one, accept=True)
        return perf_counter() - start_s


def usual_s(call: Callable[[], object]) -> float:
    """Return the median time of a call, after one that warms up [s]."""
    times_s = []
    for _ in range(TIMES + 1):
        start_s = perf_counter()
        call()
        times_s.append(perf_counter() - start_s)
    return median(times_s[1:])


def process_s(*arguments: str) -> float:
    """Return the median time of a whole process of the command [s]."""
    command = [sys.executable, "-m", "advisor", *arguments]
    return usual_s(lambda: subprocess.run(command, check=True, capture_output=True))


def main(url: str) -> None:
    """Measure and print."""
    rows = RUNS * REQUESTS
    spent_s = ingest_s(url)
    ask = ("recommend", "--qps", "50", "--no-simulate")
    with open_store(url) as store:
        queries = {
            "Store.runs()": usual_s(store.runs),
            "Store.runs(models=, gpus=)": usual_s(lambda: store.runs(models=["gemma-4-26b-a4b"], gpus=GPUS[:1])),
            "Store.measurements()": usual_s(store.measurements),
            "read_runs()": usual_s(lambda: read_runs(url)),
            "read_measurements()": usual_s(lambda: read_measurements(url)),
            "Store.timings() of a run": usual_s(lambda: store.timings(cells()[0].id)),
        }
    processes = {"with this database": process_s(*ask, "--db", url), "without any": process_s(*ask)}
    size = f", {Path(url.removeprefix('sqlite:///')).stat().st_size / 1e6:,.0f} MB" if "sqlite:///" in url else ""
    lines = [
        f"{rows:,} request rows in {RUNS:,} runs: {rows / spent_s:,.0f} rows/s ({spent_s:.1f} s{size})",
        *(f"{name:<28}{time_s * 1e3:8.1f} ms" for name, time_s in queries.items()),
        *(f"{'recommend, ' + name:<28}{time_s * 1e3:8.0f} ms, a whole process" for name, time_s in processes.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder  # no measurements of whoever runs this
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/bench.db")
