"""One run close up: its requests, and what the engine and the GPUs did meanwhile, as series over the clock of the run."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from advisor import store
from advisor.domain.run_look import SeriesPoint
from advisor.loadgen.scraping import CACHE_USAGE, COMMITTED, POSITIONS, RUNNING, WAITING
from advisor.usecases.keeping import existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from advisor.domain.run_look import RunLook
    from advisor.domain.timing import RequestTiming, Sample

MOST_ROWS = 2000
"""Requests, and readings of each metric, that are read of one run at most: more marks than a chart of 1,000 pixels shows."""

STEP_SPANS = 24
"""Spans that a run is divided into for its denoising steps over time: shorter ones cut too many canvases in two (assumed)."""

MS = 1e3

IN_FLIGHT, KV_CACHE, STEPS, POWER, CLOCK = (
    "requests at the engine", "KV cache in use", "denoising steps per canvas", "GPU power", "GPU clock",
)  # fmt: skip

GAUGES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (IN_FLIGHT, "requests", "running", RUNNING),
    (IN_FLIGHT, "requests", "waiting", WAITING),
    (KV_CACHE, "share", "", CACHE_USAGE),
    (POWER, "W", "", ("gpu_power_w",)),
    (CLOCK, "MHz", "", ("gpu_sm_clock_mhz",)),
)
"""Series, unit and name of what is drawn as it was read, and the metrics that tell it."""

METRICS = (*(name for *_, names in GAUGES for name in names), *POSITIONS, *COMMITTED)


def look_at_run(run_id: str, *, database: str | None, most: int = MOST_ROWS) -> RunLook:
    """Return one run with at most so many of its requests and readings, spread evenly over it.

    Raises
    ------
    DataError
        If there is no such database, or it cannot be read.
    UnknownNameError
        If there is no such run.
    """
    with store.open_store(existing(database)) as held:
        return held.look(run_id, metrics=METRICS, most=most)


def request_rows(timings: Sequence[RequestTiming]) -> list[dict[str, object]]:
    """Return one row per request: times in seconds on the clock of the run, latencies from the intended arrival.

    `ttft_ms` and `e2e_s` are None for a request that failed or never got there; `waited_ms` is how late it was sent.
    """
    return [_request_row(timing) for timing in timings]


def _request_row(timing: RequestTiming) -> dict[str, object]:
    ok = not timing.failure
    ended_s = next((at_s for at_s in (timing.last_s, timing.first_s) if at_s is not None), timing.sent_s)
    return {
        "request": timing.index,
        "phase": str(timing.phase),
        "outcome": timing.failure or "completed",
        "intended_s": timing.intended_s,
        "sent_s": timing.sent_s,
        "first_s": timing.first_s,
        "last_s": timing.last_s,
        "ended_s": ended_s,
        "ttft_ms": (timing.first_s - timing.intended_s) * MS if ok and timing.first_s is not None else None,
        "e2e_s": timing.last_s - timing.intended_s if ok and timing.last_s is not None else None,
        "waited_ms": max(timing.sent_s - timing.intended_s, 0.0) * MS,
        "input_tokens": timing.input_tokens,
        "cached_tokens": timing.cached_tokens,
        "output_tokens": timing.output_tokens,
        "asked_tokens": timing.asked_tokens,
        "events": timing.events,
        "detail": timing.detail,
    }


def series_of(samples: Sequence[Sample]) -> tuple[SeriesPoint, ...]:
    """Return what is drawn over time: gauges as they were read, and denoising steps per canvas from the counters.

    Steps are those of `CanvasFigures`, positions denoised over tokens committed less the pass that commits, within each of
    `STEP_SPANS` spans; canvases that a span cuts in two blur it.
    """
    return (*_gauges(samples), *_steps(samples))


def _gauges(samples: Sequence[Sample]) -> Iterator[SeriesPoint]:
    told: Mapping[str, tuple[str, str, str]] = {
        metric: (series, unit, name) for series, unit, name, metrics in GAUGES for metric in metrics
    }
    for sample in samples:
        metric, _, labels = sample.name.partition("{")
        if metric in told and isfinite(sample.value):
            series, unit, name = told[metric]
            told_by = name or labels.rstrip("}").replace('"', "").partition(",")[0]
            yield SeriesPoint(series, unit, told_by or metric, sample.at_s, sample.value)


def _steps(samples: Sequence[Sample]) -> Iterator[SeriesPoint]:
    positions, committed = _total(samples, POSITIONS), _total(samples, COMMITTED)
    times_s = sorted(positions.keys() & committed.keys())
    kept = times_s[:: max(len(times_s) // STEP_SPANS, 1)]
    for begun_s, ended_s in pairwise(kept):
        written = committed[ended_s] - committed[begun_s]
        if written > 0 and positions[ended_s] >= positions[begun_s]:
            steps = (positions[ended_s] - positions[begun_s]) / written - 1.0
            yield SeriesPoint(STEPS, "steps", "mean of a span", ended_s, max(steps, 0.0))


def _total(samples: Sequence[Sample], metrics: Sequence[str]) -> dict[float, float]:
    """Return the sum of a counter over the engines that a server shows, by time [s]."""
    totals: dict[float, float] = defaultdict(float)
    for sample in samples:
        if sample.name.partition("{")[0] in metrics and isfinite(sample.value):
            totals[sample.at_s] += sample.value
    return totals
