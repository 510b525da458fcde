"""The figures of a run, from its requests and the engine's counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad
from advisor.domain.model import Decode
from advisor.domain.run_figures import CanvasFigures, Percentiles, RunFigures, StopReason
from advisor.domain.timing import Phase
from advisor.loadgen import scraping
from advisor.loadgen.intervals import median_half_width_share, rising_p
from advisor.loadgen.ledger import Successes, failures, lives, successes
from advisor.loadgen.pace import pace
from advisor.loadgen.precision import throughput_share
from advisor.loadgen.steady import truncation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.domain.load import Load
    from advisor.loadgen.exchange import Exchange
    from advisor.loadgen.pace import Lives
    from advisor.loadgen.scraping import Readings

    FloatArray = NDArray[np.float64]

MS = 1e3
GRID = 200


@dataclass(frozen=True, slots=True)
class Ran:
    """What happened in a run. Times are those of one clock; `full_from_s` to `full_to_s` the load was on in full."""

    load: Load
    decode: Decode
    ended: Sequence[Exchange]
    full_from_s: float
    full_to_s: float
    fixed_count: bool
    stopped_by: StopReason | None
    readings: Readings
    canvas_tokens: int | None = None
    held_back: int = 0
    loop_lags_s: Sequence[float] = ()


def figures(ran: Ran) -> RunFigures:
    """Return the figures of a run.

    Requests of a start that is not yet steady are left out (MSER-5 on end-to-end times), unless the user fixed the count or
    the load is a ramp, which is never steady. Failures are never left out.
    """
    measured = successes(ran.ended)
    cut = 0 if ran.fixed_count or isinstance(ran.load, RampLoad) else truncation(measured.e2e_s)
    kept = measured.after(cut)
    failed = failures(ran.ended)
    from_s = float(kept.intended_s[0]) if cut else ran.full_from_s
    window = (from_s, max(ran.full_to_s, from_s))
    all_lives = lives(ran.ended)
    found: dict[str, Any] = {
        "duration_s": window[1] - window[0],
        "requests": kept.size + sum(failed.values()),
        "completed": kept.size,
        "failures": failed,
        "truncated_start_requests": cut,
        "stopped_by": ran.stopped_by,
        "held_back_requests": ran.held_back,
        **_lengths(kept),
        **_latencies(kept, ran.decode),
        **_rates(all_lives, *window),
        **_precision(kept, all_lives, window, ran.load),
        **_trends(kept, all_lives, window, ran.load),
        **_own(ran),
        **_engine(ran, window),
        "canvas": _canvas(kept, ran),
    }
    if not found["cached_prompt_share"]:
        found["cached_prompt_share"] = _cached(ran.readings.between(*window))
    return RunFigures(**found)


def percentiles(values: FloatArray) -> Percentiles | None:
    """Return the statistics of a latency; None of nothing. Percentiles between two values are interpolated."""
    if values.size == 0:
        return None
    p50, p95, p99 = np.percentile(values, (50.0, 95.0, 99.0)).tolist()
    return Percentiles(mean=float(values.mean()), p50=p50, p95=p95, p99=p99)


def _lengths(kept: Successes) -> dict[str, Any]:
    prompts = float(kept.input_tokens.sum())
    return {
        "input_tokens_mean": _mean(kept.input_tokens),
        "input_tokens_cv": _cv(kept.input_tokens),
        "output_tokens_mean": _mean(kept.output_tokens),
        "output_tokens_cv": _cv(kept.output_tokens),
        "output_tokens_total": int(kept.output_tokens.sum()),
        "asked_tokens_mean": _mean(kept.asked_tokens) or None,
        "cached_prompt_share": float(kept.cached_tokens.sum()) / prompts if prompts else 0.0,
    }


def _latencies(kept: Successes, decode: Decode) -> dict[str, Any]:
    """Return the latencies. Time per output token after the first means something for one-by-one decoding alone."""
    told, several = kept.output_tokens > 0, kept.output_tokens > 1
    after_first_s = (kept.e2e_s - kept.ttft_s)[several] / (kept.output_tokens[several] - 1.0)
    return {
        "ttft_ms": percentiles(kept.ttft_s * MS),
        "e2e_s": percentiles(kept.e2e_s),
        "ntpot_ms": percentiles(kept.e2e_s[told] / kept.output_tokens[told] * MS),
        "tpot_ms": percentiles(after_first_s * MS) if decode is Decode.AUTOREGRESSIVE else None,
    }


def _rates(all_lives: Lives, low_s: float, high_s: float) -> dict[str, float]:
    if not high_s > low_s:
        return {}
    found = pace(all_lives, low_s, high_s)
    return {
        "request_rate_rps": found.request_rps,
        "output_tok_s": found.output_tok_s,
        "in_flight_mean": found.in_flight,
    }


def _precision(kept: Successes, all_lives: Lives, window: tuple[float, float], load: Load) -> dict[str, float | None]:
    if isinstance(load, RampLoad):
        return {}
    return {
        "e2e_half_width_share": median_half_width_share(kept.e2e_s),
        "throughput_half_width_share": throughput_share(all_lives, *window),
    }


def _trends(kept: Successes, all_lives: Lives, window: tuple[float, float], load: Load) -> dict[str, float | None]:
    """Return whether a server falls behind: only an open load can show it, as a closed one waits."""
    if not isinstance(load, OpenLoad) or not window[1] > window[0]:
        return {}
    grid_s = np.linspace(*window, GRID)
    in_flight = np.searchsorted(np.sort(all_lives.starts_s), grid_s, side="right") - np.searchsorted(
        np.sort(all_lives.ends_s), grid_s, side="right"
    )
    return {
        "in_flight_trend_p": rising_p(grid_s, in_flight.astype(np.float64)),
        "ttft_trend_p": rising_p(kept.intended_s, kept.ttft_s),
    }


def _own(ran: Ran) -> dict[str, float]:
    """Return how late the client itself was: in sending, in connecting, and in coming round to anything at all."""
    measured = [exchange for exchange in ran.ended if exchange.phase is Phase.MEASURED]
    late_s = [max(exchange.begun_s - exchange.due_s, 0.0) for exchange in measured]
    connecting_s = [exchange.connecting_s for exchange in measured]
    named = {
        "lateness_p99_ms": (late_s, 99.0),
        "client_lag_p99_ms": (ran.loop_lags_s, 99.0),
        "connecting_p95_ms": (connecting_s, 95.0),
    }
    return {name: float(np.percentile(values, q)) * MS for name, (values, q) in named.items() if values}


def _engine(ran: Ran, window: tuple[float, float]) -> dict[str, Any]:
    full = ran.readings.between(*window)
    preemptions, drafts = full.growth(scraping.PREEMPTIONS), full.growth(scraping.DRAFTS)
    accepted = full.growth(scraping.ACCEPTED)
    return {
        "preemptions": None if preemptions is None else round(preemptions),
        "kv_cache_usage_max_share": full.highest(scraping.CACHE_USAGE),
        "engine_queue_mean": full.mean(scraping.WAITING),
        "accepted_tokens_per_step": 1.0 + accepted / drafts if drafts and accepted is not None else None,
        "foreign_requests": _foreign(ran),
    }


def _foreign(ran: Ran) -> int | None:
    """Return how many more requests the server finished over the whole run than we sent; None if it does not count them."""
    finished = ran.readings.growth(scraping.FINISHED)
    sent = sum(exchange.sent_s is not None for exchange in ran.ended)
    return None if finished is None else max(round(finished) - sent, 0)


def _cached(full: Readings) -> float:
    """Return the share of the prompts' tokens that the server's cache had, by its counters."""
    queries, hits = full.growth(scraping.CACHE_QUERIES), full.growth(scraping.CACHE_HITS)
    return min(hits / queries, 1.0) if queries and hits else 0.0


def _canvas(kept: Successes, ran: Ran) -> CanvasFigures | None:
    """Return what block diffusion did for the measured requests; None if the engine does not count steps.

    Canvases are those that the replies needed. The counters are compared over the whole run, from an idle server to an idle
    server: within it they would cut canvases in two. Of the passes of a canvas one commits it and denoises nothing. A pass
    counts the positions of one canvas, so that their quotient is its length, whatever the model's profile says.
    """
    passes, positions, committed = (
        ran.readings.growth(names) for names in (scraping.STEPS, scraping.POSITIONS, scraping.COMMITTED)
    )
    if ran.decode is not Decode.BLOCK_DIFFUSION or not passes or not positions or not committed or not kept.size:
        return None
    tokens = ran.canvas_tokens or round(positions / passes)
    canvases = float(np.ceil(kept.output_tokens / tokens).sum())
    steps = positions / committed - 1.0
    if not (steps > 0 and canvases > 0):
        return None
    written = float(kept.output_tokens.sum()) / canvases
    return CanvasFigures(
        canvases=canvases,
        committed_tokens=round(canvases * tokens),
        denoising_steps=round(canvases * steps),
        steps_per_canvas=steps,
        tokens_per_canvas=written,
        fill_share=written / tokens,
        length_tokens=positions / passes,
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else 0.0


def _cv(values: FloatArray) -> float:
    mean = _mean(values)
    return float(values.std()) / mean if mean else 0.0


def offered(load: Load) -> bool:
    """Say whether arrivals are offered whatever the server does."""
    return not isinstance(load, ClosedLoad)
