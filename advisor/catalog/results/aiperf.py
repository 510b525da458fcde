"""Results of AIPerf: its summary `profile_export_aiperf.json`, and the single requests in `profile_export.jsonl` beside it.

The aggregates of a sweep are left out, and the CSV export tells neither model nor load. The metrics of the server beside it, `server_metrics_export.json`, tell what block diffusion did.

References
----------
aiperf 0.13.0, export schema 1.4; `config/phases.py` for the phases.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor.catalog.results.aiperf_records import Records, read_records
from advisor.catalog.results.failing import UNNAMED, failure_name
from advisor.catalog.results.told import Told, ToldCanvas, ToldRun
from advisor.domain.campaign import digest
from advisor.domain.load import ClosedLoad, OpenLoad, TraceLoad
from advisor.domain.run_figures import RunFigures
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.catalog.results.fields import Fields
    from advisor.catalog.results.sources import Source
    from advisor.domain.load import Load
    from advisor.domain.run_figures import Percentiles

NAME = "aiperf"
MARKS = ("aiperf_version", "input_config", "request_latency")
SUMMARY = "_aiperf.json"
SERVER_METRICS = "server_metrics_export.json"

_OURS = ("profile_export", "server_metrics_export", "gpu_telemetry_export", "inputs.json", "run_config.json")
_AGGREGATES = ("_aiperf_aggregate.", "_aiperf_sweep.")
"""How names of other files begin, and what those of a whole sweep contain."""

_UNSEEN = (
    "unseen_failures: an error event inside a stream, an event that cannot be read, and a stream without all of its tokens "
    "count as successes there"
)
_COUNTED = "client_tokens: tokens were counted with a tokenizer of the client, not taken from the server's usage"
_MS_PER = {"ms": 1.0, "sec": 1e3, "s": 1e3, "us": 1e-3, "ns": 1e-6}


def recognizes(source: Source) -> bool:
    """Say whether a file is a summary, the requests, or the table of AIPerf."""
    requests = source.holds("metadata.benchmark_phase", "metrics")
    return source.holds(*MARKS) or requests or source.columns[:2] == ("Metric", "avg")


def is_beside_results(source: Source) -> bool:
    """Say whether a file belongs to a summary beside it, or sums up several of them."""
    name = source.path.name
    if not name.startswith(_OURS) or name.endswith(SUMMARY):
        return False
    return any(end in name for end in _AGGREGATES) or any(source.path.parent.glob(f"*{SUMMARY}"))


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the run of a summary; another export is taken for the summary beside it."""
    summary = source if source.holds(*MARKS) else _beside(source)
    return tuple(_run(fields, summary) for fields in summary.objects)


def _beside(source: Source) -> Source:
    """Return the summary that belongs to an export which does not tell the load."""
    stem = source.path.stem.removesuffix("_aiperf")
    summary = source.beside(f"{stem}{SUMMARY}")
    if summary is None:
        hint = f"import {stem}{SUMMARY}, which AIPerf writes beside it"
        raise DataError(str(source.path), "tells neither the model nor the load", hint=hint)
    return summary


def _run(fields: Fields, source: Source) -> ToldRun:
    load = _load(fields)
    file = source.beside(f"{source.path.name.removesuffix(SUMMARY)}.jsonl")
    records = read_records(file, of_arrival=not isinstance(load, ClosedLoad)) if file else None
    whole = records is not None and records.size == _completed(fields)
    return ToldRun(
        where=fields.where,
        source=source.name,
        tool=NAME,
        content=digest(fields.data),
        told=_told(fields, records),
        load=load,
        summary=_summary(fields, records),
        requests=records.requests if records is not None and whole else None,
        canvas=_canvas(source.beside(SERVER_METRICS)),
        repeat=fields.maybe_count("run_info.trial") or 0,
        flags=(_UNSEEN,) if fields.get("input_config.endpoint.use_server_token_count") else (_UNSEEN, _COUNTED),
    )


def _told(fields: Fields, records: Records | None) -> Told:
    models = tuple(fields.entries("input_config.models.items"))
    if len(models) != 1:
        fields.fault("input_config.models.items", f"names {len(models)} models; only one can be imported")
    return Told(model=models[0].text("name"), measured_at=records.started_at if records else _date(fields))


def _date(fields: Fields) -> datetime | None:
    """Return when the run began. The file does not say in which time zone; UTC is taken."""
    text = fields.text("start_time")
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        fields.fault("start_time", f"is {text!r}, not a time")


def _load(fields: Fields) -> Load:
    phases = [
        phase
        for phase in fields.entries("input_config.phases")
        if phase.text("kind") in {None, "profiling"} and not phase.get("exclude_from_results")
    ]
    if len(phases) != 1:
        fields.fault("input_config.phases", f"has {len(phases)} phases of measuring; only one can be imported")
    phase, kind = phases[0], phases[0].text("type") or ""
    if kind not in _LOADS:
        phase.fault("type", f"is {kind!r}, not one of {', '.join(_LOADS)}")
    if phase.get("rate_series") or phase.get("rate_ramp"):
        phase.fault("rate_series" if phase.get("rate_series") else "rate_ramp", "a changing rate cannot be imported")
    return _LOADS[kind](phase)


def _closed(phase: Fields) -> Load:
    return phase.build(ClosedLoad, concurrency=phase.count("concurrency"))


def _gamma(phase: Fields) -> Load:
    """Return a load whose gaps have a gamma law; smoothness is its shape, 1 over the squared variation of gaps."""
    return _at_rate(phase, 1.0 / (phase.maybe_number("smoothness") or 1.0))


def _at_rate(phase: Fields, burstiness: float) -> Load:
    rate, cap = phase.number("rate"), phase.maybe_count("concurrency")
    return phase.build(OpenLoad, rate_rps=rate, burstiness=burstiness, max_in_flight=cap)


_LOADS: Mapping[str, Callable[[Fields], Load]] = {
    "concurrency": _closed,
    "poisson": lambda phase: _at_rate(phase, 1.0),
    "constant": lambda phase: _at_rate(phase, 0.0),
    "gamma": _gamma,
    "fixed_schedule": lambda phase: phase.build(TraceLoad),
}
"""Phases by type. To add one, write what load it is."""


def _completed(fields: Fields) -> int:
    return fields.maybe_count("request_count.avg") or 0


def _summary(fields: Fields, records: Records | None) -> RunFigures:
    completed, failed = _completed(fields), records.failures if records else _failures(fields)
    written = fields.number("output_sequence_length.avg")
    return fields.build(
        RunFigures,
        duration_s=fields.number("benchmark_duration.avg"),
        requests=completed + sum(failed.values()),
        completed=completed,
        failures=failed,
        input_tokens_mean=fields.number("input_sequence_length.avg"),
        input_tokens_cv=fields.ratio("input_sequence_length.std", "input_sequence_length.avg"),
        output_tokens_mean=written,
        output_tokens_cv=fields.ratio("output_sequence_length.std", "output_sequence_length.avg"),
        output_tokens_total=round(written * completed),
        request_rate_rps=fields.number("request_throughput.avg"),
        output_tok_s=fields.number("output_token_throughput.avg"),
        in_flight_mean=fields.maybe_number("effective_concurrency.avg") or 0.0,
        ttft_ms=_statistics(fields, "time_to_first_token"),
        tpot_ms=_statistics(fields, "inter_token_latency"),
        e2e_s=_statistics(fields, "request_latency", in_ms=1e-3),
    )


def _failures(fields: Fields) -> dict[str, int]:
    named: dict[str, int] = {}
    for error in fields.entries("error_summary") if fields.get("error_summary") else ():
        name = failure_name(error.text("error_details.code") or error.text("error_details.type"))
        named[name] = named.get(name, 0) + error.count("count")
    failed = fields.maybe_count("error_request_count.avg") or 0
    return named or ({UNNAMED: failed} if failed else {})


def _statistics(fields: Fields, metric: str, *, in_ms: float = 1.0) -> Percentiles | None:
    """Return the statistics of a metric in milliseconds, or in a unit that a millisecond is so much of."""
    unit = fields.text(f"{metric}.unit") or "ms"
    if unit not in _MS_PER:
        fields.fault(f"{metric}.unit", f"is {unit!r}, not one of {', '.join(_MS_PER)}")
    mean, p50, p95, p99 = (f"{metric}.{name}" for name in ("avg", "p50", "p95", "p99"))
    return fields.statistics(mean, p50, p95, p99, unit=_MS_PER[unit] * in_ms)


def _canvas(file: Source | None) -> ToldCanvas | None:
    """Return the growth of the engine's counters; of the passes of a canvas one commits it and denoises nothing."""
    if file is None:
        return None
    metrics = file.objects[0].inner("metrics")
    passes, positions, committed = (
        sum(series.number("stats.total") for series in metrics.entries(f"{name}.series")) if metrics.get(name) else 0.0
        for name in _COUNTERS
    )
    if not passes or not committed or positions <= committed:
        return None
    return ToldCanvas(positions / committed - 1.0, tokens=positions / passes, committed_tokens=committed)


_COUNTERS = tuple(f"vllm:diffusion_num_{name}" for name in ("denoising_steps", "canvas_positions", "committed_tokens"))
