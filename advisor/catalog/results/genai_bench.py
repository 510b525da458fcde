"""Results of genai-bench: one file per scenario and concurrency in the folder of an experiment.

The file lists single requests without saying when each was sent, and without any date. `experiment_metadata.json` beside it
tells the server. Latencies are in the unit that the user chose. Throughput is made anew from the request rate, as the tool
leaves the tokens of warm-up and cool-down out of a rate over the whole time.

References
----------
genai-bench 0.0.5, `metrics/metrics.py` and `metrics/aggregated_metrics_collector.py`.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.catalog.results.failing import UNNAMED, failures
from advisor.catalog.results.told import Requests, Told, ToldRun
from advisor.domain.campaign import Lengths, digest
from advisor.domain.load import ClosedLoad
from advisor.domain.run_figures import RunFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog.results.fields import Fields
    from advisor.catalog.results.sources import Source
    from advisor.domain.load import Load
    from advisor.domain.run_figures import Percentiles

NAME = "genai-bench"
MARKS = ("aggregated_metrics", "individual_request_metrics")
METADATA = "experiment_metadata.json"

FLAGS = (
    "unseen_failures: a stream without all of its tokens counts as a success there, and one that stalls not at all",
)
_SECONDS = {"s": 1.0, "ms": 1e-3}
_TASK = "text-to-text"


def recognizes(source: Source) -> bool:
    """Say whether a file holds such results."""
    return source.holds(*MARKS)


def is_beside_results(source: Source) -> bool:
    """Say whether a file describes the experiment."""
    return source.path.name == METADATA


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the runs of a file."""
    metadata = source.beside(METADATA)
    experiment = metadata.objects[0] if metadata else None
    if experiment and experiment.text("task") not in {None, _TASK}:
        experiment.fault("task", f"is {experiment.text('task')!r}; only {_TASK} can be imported")
    return tuple(_run(fields, source, experiment) for fields in source.objects)


def _run(fields: Fields, source: Source, experiment: Fields | None) -> ToldRun:
    second = _unit(fields, experiment)
    summary = _summary(fields, second)
    return ToldRun(
        where=fields.where,
        source=source.name,
        tool=NAME,
        content=digest(fields.data),
        told=_told(experiment) if experiment else Told(),
        load=_load(fields),
        summary=summary,
        requests=_requests(fields, second, completed=summary.completed),
        flags=FLAGS,
    )


def _unit(fields: Fields, experiment: Fields | None) -> float:
    """Return how many seconds the unit of the file's latencies is."""
    name = fields.text("_time_unit") or (experiment and experiment.text("metrics_time_unit")) or "s"
    if name not in _SECONDS:
        fields.fault("_time_unit", f"is {name!r}, not one of {', '.join(_SECONDS)}")
    return _SECONDS[name]


def _told(experiment: Fields) -> Told:
    forced = experiment.get("additional_request_params.ignore_eos")
    return Told(
        model=experiment.text("api_model_name") or experiment.text("model"),
        gpu=experiment.text("server_gpu_type"),
        tensor_parallel=experiment.maybe_count("server_gpu_count"),
        engine=experiment.text("server_engine"),
        engine_version=experiment.text("server_version"),
        lengths=None if forced is None else Lengths.FORCED if forced else Lengths.NATURAL,
    )


def _load(fields: Fields) -> Load:
    kind = fields.text("aggregated_metrics.iteration_type")
    if kind not in {None, "num_concurrency"}:
        fields.fault("aggregated_metrics.iteration_type", f"is {kind!r}; only num_concurrency can be imported")
    return fields.build(ClosedLoad, concurrency=fields.count("aggregated_metrics.num_concurrency"))


def _summary(fields: Fields, second: float) -> RunFigures:
    told = fields.inner("aggregated_metrics")
    completed, rate = told.count("num_completed_requests"), told.number("requests_per_second")
    prompts, replies = (f"stats.num_{side}_tokens" for side in ("input", "output"))
    written = told.number(f"{replies}.mean")
    failed = _failures(told)
    return fields.build(
        RunFigures,
        duration_s=told.number("run_duration"),
        requests=completed + sum(failed.values()),
        completed=completed,
        failures=failed,
        input_tokens_mean=told.number(f"{prompts}.mean"),
        input_tokens_cv=told.ratio(f"{prompts}.stddev", f"{prompts}.mean"),
        output_tokens_mean=written,
        output_tokens_cv=told.ratio(f"{replies}.stddev", f"{replies}.mean"),
        output_tokens_total=round(written * completed),
        request_rate_rps=rate,
        output_tok_s=rate * written,
        ttft_ms=_statistics(told, "ttft", second * 1e3),
        tpot_ms=_statistics(told, "tpot", second * 1e3),
        e2e_s=_statistics(told, "e2e_latency", second),
    )


def _failures(told: Fields) -> dict[str, int]:
    """Return the failed requests by status; the tool's own count of them if it names none."""
    if told.get("error_codes_frequency"):
        named = told.inner("error_codes_frequency")
        return failures(chain.from_iterable([code] * named.count(code) for code in named.data))
    failed = told.maybe_count("num_error_requests") or 0
    return {UNNAMED: failed} if failed else {}


def _statistics(told: Fields, metric: str, unit: float) -> Percentiles | None:
    mean, p50, p95, p99 = (f"stats.{metric}.{name}" for name in ("mean", "p50", "p95", "p99"))
    return told.statistics(mean, p50, p95, p99, unit=unit)


def _requests(fields: Fields, second: float, *, completed: int) -> Requests | None:
    """Return the single requests; None if the tool's own figures leave some of them out as warm-up or cool-down."""
    done = [e for e in fields.entries("individual_request_metrics") if e.get("error_code") is None]
    e2e_s = _column(done, "e2e_latency")
    if e2e_s is None or len(done) != completed or _counted(fields) != completed:
        return None
    ttft_s = _column(done, "ttft")
    return Requests(
        e2e_s=e2e_s * second,
        ttft_s=None if ttft_s is None else ttft_s * second,
        input_tokens=_column(done, "num_input_tokens"),
        output_tokens=_column(done, "num_output_tokens"),
    )


def _counted(fields: Fields) -> int:
    told = fields.inner("aggregated_metrics.stats.e2e_latency")
    mean = told.number("mean")
    return round(told.number("sum") / mean) if mean else 0


def _column(done: Sequence[Fields], name: str) -> Any:
    found = [entry.maybe_number(name) for entry in done]
    return np.array(found) if found and None not in found else None
