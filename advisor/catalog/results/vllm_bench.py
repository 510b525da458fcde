"""Results of `vllm bench serve`: one JSON object per run, alone in its file, or several, one per line (--append-result).

With ``--save-detailed`` the object lists single requests; without it end-to-end times alone. What is told of the server
comes from ``--metadata``, and from the parameters of a sweep.

References
----------
vllm 0.32.0, `vllm/benchmarks/serve.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.results.failing import UNNAMED, failures
from advisor.catalog.results.told import Requests, Told, ToldCanvas, ToldRun
from advisor.domain.campaign import digest
from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import RunFigures

if TYPE_CHECKING:
    from advisor.catalog.results.fields import Fields
    from advisor.catalog.results.sources import Source
    from advisor.catalog.results.told import FloatArray
    from advisor.domain.load import Load
    from advisor.domain.run_figures import Percentiles

NAME = "vllm-bench"
MARKS = ("request_throughput", "output_throughput", "num_prompts")
"""Fields that every result has."""

_UNSEEN = (
    "unseen_failures: a stream that ends with an error event, or without all of its tokens, counts as a success there"
)
_ROLE = "first_message: time to first token is that of the first message, the empty one that only names the role"


def recognizes(source: Source) -> bool:
    """Say whether a file holds such results."""
    return source.holds(*MARKS)


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the runs of a file."""
    return tuple(told_run(fields, source) for fields in source.objects)


def told_run(fields: Fields, source: Source) -> ToldRun:
    """Return the run that one result tells."""
    load = _load(fields)
    requests = _requests(fields, load)
    return ToldRun(
        where=fields.where,
        source=source.name,
        tool=NAME,
        content=digest(fields.data),
        told=_told(fields),
        load=load,
        summary=_summary(fields),
        requests=requests,
        canvas=_canvas(fields),
        tells_spread=requests is not None and requests.output_tokens is not None,
        repeat=fields.maybe_count("run_number") or 0,
        flags=(_ROLE, _UNSEEN) if "chat" in (fields.first_text("backend", "endpoint_type") or "") else (_UNSEEN,),
    )


def _told(fields: Fields) -> Told:
    """Return what metadata and the parameters of a sweep tell, under our names and under those of the engine's options."""
    return Told(
        model=fields.text("model_id"),
        gpu=fields.first_text("gpu", "gpu_type", "gpu_name"),
        precision=fields.choice("precision", Precision),
        tensor_parallel=fields.first_count("tensor_parallel", "tensor_parallel_size"),
        slots=fields.first_count("slots", "max_num_seqs"),
        token_budget=fields.maybe_count("max_num_batched_tokens"),
        engine=fields.text("engine"),
        engine_version=fields.first_text("engine_version", "vllm_version"),
        speculative=fields.text("speculative"),
        content=fields.choice("content", Content),
        workload=fields.text("workload"),
        measured_at=_date(fields),
    )


def _date(fields: Fields) -> datetime | None:
    """Return when the run was saved. The file does not say in which time zone; UTC is taken."""
    text = fields.text("date")
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        fields.fault("date", f"is {text!r}, not a time such as 20260704-101500")


def _load(fields: Fields) -> Load:
    """Return what was sent. Burstiness is the shape of the gamma law there, 1 over the squared variation of gaps."""
    strategy = fields.text("ramp_up_strategy")
    if strategy is not None:
        return _ramp(fields, strategy)
    cap = fields.maybe_count("max_concurrency")
    if fields.get("request_rate") in ("inf", float("inf")):
        sent = _sent(fields)
        return fields.build(ClosedLoad, concurrency=min(cap or sent, sent))
    rate, shape = fields.number("request_rate"), fields.get("burstiness")
    gaps = 0.0 if shape == float("inf") else 1.0 / (fields.maybe_number("burstiness") or 1.0)
    return fields.build(OpenLoad, rate_rps=rate, burstiness=gaps, max_in_flight=cap)


def _ramp(fields: Fields, strategy: str) -> RampLoad:
    if strategy != "linear":
        fields.fault("ramp_up_strategy", f"is {strategy!r}; only a linear ramp can be imported")
    ends = fields.number("ramp_up_start_rps"), fields.number("ramp_up_end_rps")
    return fields.build(RampLoad, from_rps=ends[0], to_rps=ends[1], duration_s=fields.number("duration"))


def _sent(fields: Fields) -> int:
    return fields.count("completed") + _failed(fields)


def _failed(fields: Fields) -> int:
    told = fields.maybe_count("failed")
    return max(fields.count("num_prompts") - fields.count("completed"), 0) if told is None else told


def _summary(fields: Fields) -> RunFigures:
    completed, failed = fields.count("completed"), _failed(fields)
    written = fields.count("total_output_tokens")
    errors = [error for error in fields.column("errors") or () if error]
    return fields.build(
        RunFigures,
        duration_s=fields.number("duration"),
        requests=completed + failed,
        completed=completed,
        failures=failures(errors) if len(errors) == failed else {UNNAMED: failed} if failed else {},
        input_tokens_mean=fields.number("total_input_tokens") / max(completed, 1),
        output_tokens_mean=written / max(completed, 1),
        output_tokens_total=written,
        request_rate_rps=fields.number("request_throughput"),
        output_tok_s=fields.number("output_throughput"),
        ttft_ms=_statistics(fields, "ttft"),
        tpot_ms=_statistics(fields, "tpot"),
        e2e_s=_statistics(fields, "e2el", unit=1e-3),
    )


def _statistics(fields: Fields, metric: str, *, unit: float = 1.0) -> Percentiles | None:
    """Return the statistics of a metric that the user had asked for, in milliseconds."""
    mean, p50, p95, p99 = (f"{name}_{metric}_ms" for name in ("mean", "median", "p95", "p99"))
    return fields.statistics(mean, p50, p95, p99, unit=unit)


def _requests(fields: Fields, load: Load) -> Requests | None:
    """Return the single requests; None where the file does not list them, or does not tell which ones succeeded.

    The wait at the client's own limit of requests in flight is kept apart there. In an open loop it is part of the latency;
    in a closed one it tells when the request was sent, as all were due at once.
    """
    latencies = fields.numbers("latencies") or _summed(fields)
    if latencies is None:
        return None
    size = len(latencies)
    errors = fields.column("errors", size=size)
    done = np.array([not error for error in errors] if errors is not None else [s > 0 for s in latencies])
    if done.sum() != fields.count("completed"):
        return None
    columns = {
        name: None if (found := fields.numbers(name, size=size)) is None else np.array(found)[done]
        for name in ("ttfts", "input_lens", "output_lens", "start_times", "queue_times")
    }
    e2e_s, ttft_s = np.array(latencies)[done], columns["ttfts"]
    queued_s, starts_s = columns["queue_times"], columns["start_times"]
    if isinstance(load, ClosedLoad):
        starts_s = queued_s if starts_s is None else starts_s
    elif queued_s is not None:
        e2e_s, ttft_s = e2e_s + queued_s, _plus(ttft_s, queued_s)
        starts_s = _plus(starts_s, -queued_s)
    return Requests(
        e2e_s=e2e_s,
        starts_s=starts_s,
        ttft_s=ttft_s,
        input_tokens=columns["input_lens"],
        output_tokens=columns["output_lens"],
    )


def _plus(column: FloatArray | None, more: FloatArray) -> FloatArray | None:
    return None if column is None else column + more


def _summed(fields: Fields) -> list[float] | None:
    """Return end-to-end times as older versions tell them: first message, and the gaps after it."""
    ttfts, gaps = fields.numbers("ttfts"), fields.column("itls")
    if ttfts is None or gaps is None or len(gaps) != len(ttfts):
        return None
    return [first + sum(later) for first, later in zip(ttfts, gaps, strict=True)]


def _canvas(fields: Fields) -> ToldCanvas | None:
    """Return the engine's counters over the run; the steps of the passes that commit a canvas are left out there."""
    steps = fields.maybe_number("diffusion_steps_per_canvas")
    committed = fields.maybe_number("diffusion_committed_tokens")
    denoising = fields.maybe_number("diffusion_denoising_steps")
    if not steps or not committed or not denoising:
        return None
    return ToldCanvas(steps, tokens=committed * steps / denoising, committed_tokens=committed)
