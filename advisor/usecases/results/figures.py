"""The figures of a run that another tool made: its summary, and what its single requests tell beyond it.

Where requests are listed, percentiles and normalized time are made of them, and rates are those of the part in which the load
was on in full, as with our own runs. What a summary lacks stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.run_figures import CanvasFigures, Percentiles, RunFigures
from advisor.loadgen.intervals import rising_p
from advisor.loadgen.pace import Lives, pace

if TYPE_CHECKING:
    from advisor.catalog.results import Requests, ToldCanvas, ToldRun
    from advisor.catalog.results.told import FloatArray
    from advisor.domain.load import Load
    from advisor.domain.model import ModelSpec

MS = 1e3
GRID = 200


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a run in which the load was on in full, on the clock of the requests."""

    low_s: float
    high_s: float


def figures_of(run: ToldRun, model: ModelSpec) -> RunFigures:
    """Return the figures of a run; time per output token only where the model writes one token after another."""
    found = dict(run.summary)
    if run.requests is not None:
        found |= _latencies(run.requests) | _lengths(run.requests)
        window = full_load(run.requests, run.load)
        found |= _rates(run.requests, window, run.load, reply_tokens=found["output_tokens_mean"]) if window else {}
    if model.canvas is not None:
        found["tpot_ms"] = None
        found["canvas"] = run.canvas and _canvas(run.canvas, found["output_tokens_total"], model.canvas.tokens)
    return RunFigures(**found)


def full_load(requests: Requests, load: Load) -> Window | None:
    """Return when the load was on in full: a closed loop from its last stream's start to the last request's start.

    None where the file does not say when requests began, or where that never was.
    """
    if requests.starts_s is None:
        return None
    starts_s = np.sort(requests.starts_s)
    streams = load.concurrency if isinstance(load, ClosedLoad) else 1
    if starts_s.size <= streams or not starts_s[-1] > starts_s[streams - 1]:
        return None
    return Window(float(starts_s[streams - 1]), float(starts_s[-1]))


def _latencies(requests: Requests) -> dict[str, Any]:
    """Return the latencies that the columns of the file give."""
    e2e_s, ttft_s, tokens = requests.e2e_s, requests.ttft_s, requests.output_tokens
    found: dict[str, Any] = {"e2e_s": _percentiles(e2e_s)}
    if ttft_s is not None:
        found["ttft_ms"] = _percentiles(ttft_s * MS)
    if tokens is not None:
        told, several = tokens > 0, tokens > 1
        found["ntpot_ms"] = _percentiles(e2e_s[told] / tokens[told] * MS)
        if ttft_s is not None:
            found["tpot_ms"] = _percentiles((e2e_s - ttft_s)[several] / (tokens[several] - 1.0) * MS)
    return found


def _percentiles(values: FloatArray) -> Percentiles | None:
    if values.size == 0:
        return None
    p50, p95, p99 = np.percentile(np.maximum(values, 0.0), (50.0, 95.0, 99.0)).tolist()
    return Percentiles(mean=max(float(values.mean()), 0.0), p50=p50, p95=p95, p99=p99)


def _lengths(requests: Requests) -> dict[str, float]:
    found: dict[str, float] = {}
    for side, tokens in (("input", requests.input_tokens), ("output", requests.output_tokens)):
        if tokens is not None and tokens.size and tokens.mean() > 0:
            found[f"{side}_tokens_mean"] = float(tokens.mean())
            found[f"{side}_tokens_cv"] = float(tokens.std() / tokens.mean())
    if requests.output_tokens is not None:
        found["output_tokens_total"] = int(requests.output_tokens.sum())
    return found


def _rates(requests: Requests, window: Window, load: Load, *, reply_tokens: float) -> dict[str, Any]:
    """Return the rates within a window, and what an open loop shows beside them.

    Where only the mean length of replies is told, each counts as that long.
    """
    starts_s = np.zeros_like(requests.e2e_s) if requests.starts_s is None else requests.starts_s
    tokens, done = requests.output_tokens, np.ones_like(starts_s)
    lives = Lives(starts_s, starts_s + requests.e2e_s, done * reply_tokens if tokens is None else tokens, done)
    found = pace(lives, window.low_s, window.high_s)
    rates: dict[str, Any] = {
        "duration_s": window.high_s - window.low_s,
        "request_rate_rps": found.request_rps,
        "output_tok_s": found.output_tok_s,
        "in_flight_mean": found.in_flight,
    }
    if requests.late_s is not None:
        rates["lateness_p99_ms"] = max(float(np.percentile(requests.late_s, 99.0)), 0.0) * MS
    return {**rates, **(_trends(requests, lives, window) if isinstance(load, OpenLoad) else {})}


def _trends(requests: Requests, lives: Lives, window: Window) -> dict[str, float | None]:
    """Return how surely requests in flight and time to first token rose over an open loop."""
    grid_s = np.linspace(window.low_s, window.high_s, GRID)
    begun, ended = (np.searchsorted(np.sort(at_s), grid_s, side="right") for at_s in (lives.starts_s, lives.ends_s))
    order = np.argsort(lives.starts_s)
    ttft_s = requests.ttft_s
    return {
        "in_flight_trend_p": rising_p(grid_s, (begun - ended).astype(np.float64)),
        "ttft_trend_p": None if ttft_s is None else rising_p(lives.starts_s[order], ttft_s[order]),
    }


def _canvas(told: ToldCanvas, written: int, canvas_tokens: int) -> CanvasFigures | None:
    """Return what block diffusion did: canvases by the engine's counters, else by how many tokens a canvas came to."""
    tokens = told.tokens or canvas_tokens
    if told.committed_tokens:
        canvases = told.committed_tokens / tokens
    else:
        canvases = written / told.tokens_per_canvas if told.tokens_per_canvas else 0.0
    per_canvas = told.tokens_per_canvas or (written / canvases if canvases else 0.0)
    if not per_canvas:
        return None
    return CanvasFigures(
        canvases=canvases,
        committed_tokens=round(canvases * tokens),
        denoising_steps=round(canvases * told.steps_per_canvas),
        steps_per_canvas=told.steps_per_canvas,
        tokens_per_canvas=per_canvas,
        fill_share=per_canvas / tokens,
        length_tokens=told.tokens,
    )
