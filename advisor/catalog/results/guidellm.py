"""Results of GuideLLM: `benchmarks.json`, one benchmark per strategy.

Its "time per output token" is the whole request over its tokens, our normalized time; its "inter token latency" is our time
per output token. Where the file lists all requests, our figures are made of them, and an open loop counts from when a
request was due.

References
----------
guidellm 0.8.1, `benchmark/schemas/generative` and `schemas/info.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.catalog.results.failing import UNNAMED, failures
from advisor.catalog.results.told import Requests, Told, ToldRun
from advisor.domain.campaign import digest
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.run_figures import RunFigures
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from advisor.catalog.results.fields import Fields
    from advisor.catalog.results.sources import Source
    from advisor.domain.load import Load
    from advisor.domain.run_figures import Percentiles

NAME = "guidellm"
MARKS = ("benchmarks", "metadata.guidellm_version")

FLAGS = ("unseen_failures: a stream that ends without all of its tokens counts as a success there",)


def recognizes(source: Source) -> bool:
    """Say whether a file is one of GuideLLM."""
    return source.holds(*MARKS) or is_beside_results(source)


def is_beside_results(source: Source) -> bool:
    """Say whether a file is the table that GuideLLM writes too, with less in it."""
    return source.columns[:1] == ("Run Info",)


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the runs of a file."""
    if is_beside_results(source):
        raise DataError(str(source.path), "is the table of GuideLLM", hint="import the JSON file, which tells more")
    return tuple(_run(fields, source) for report in source.objects for fields in report.entries("benchmarks"))


def _run(fields: Fields, source: Source) -> ToldRun:
    load = _load(fields)
    return ToldRun(
        where=f"{fields.where} {fields.prefix.rstrip('.')}",
        source=source.name,
        tool=NAME,
        content=digest(fields.data),
        told=Told(model=fields.text("config.backend.model"), measured_at=_date(fields)),
        load=load,
        summary=_summary(fields),
        requests=_requests(fields, load),
        flags=FLAGS,
    )


def _date(fields: Fields) -> datetime | None:
    start_s = fields.maybe_number("start_time")
    return None if start_s is None else datetime.fromtimestamp(start_s, UTC)


def _load(fields: Fields) -> Load:
    strategy = fields.inner("config.strategy")
    kind = strategy.text("type_") or ""
    if kind not in _LOADS:
        strategy.fault("type_", f"is {kind!r}, not one of {', '.join(_LOADS)}")
    return _LOADS[kind](strategy, fields.count("metrics.request_totals.total"))


def _one(strategy: Fields, _sent: int) -> Load:
    return strategy.build(ClosedLoad, concurrency=1)


def _streams(strategy: Fields, _sent: int) -> Load:
    return strategy.build(ClosedLoad, concurrency=strategy.count("streams"))


def _all_at_once(strategy: Fields, sent: int) -> Load:
    cap = strategy.maybe_count("max_concurrency")
    return strategy.build(ClosedLoad, concurrency=min(cap or sent, sent))


def _open(burstiness: float) -> Callable[[Fields, int], Load]:
    def load(strategy: Fields, sent: int) -> Load:
        cap = strategy.maybe_count("max_concurrency") or sent
        return strategy.build(
            OpenLoad,
            rate_rps=strategy.number("rate"),
            burstiness=burstiness,
            max_in_flight=cap if cap < sent else None,  # a cap that cannot be reached is none
        )

    return load


_LOADS: Mapping[str, Callable[[Fields, int], Load]] = {
    "synchronous": _one,
    "concurrent": _streams,
    "throughput": _all_at_once,
    "constant": _open(0.0),
    "poisson": _open(1.0),
}
"""Strategies by name. To add one, write what load it is."""


def _summary(fields: Fields) -> RunFigures:
    totals = fields.inner("metrics.request_totals")
    completed, failed = totals.count("successful"), totals.count("errored")
    prompts, replies = (f"metrics.{side}_token_count.successful" for side in ("prompt", "output"))
    written = fields.number(f"{replies}.mean")
    return fields.build(
        RunFigures,
        duration_s=fields.number("duration"),
        requests=completed + failed,
        completed=completed,
        failures=_failures(fields, failed),
        input_tokens_mean=fields.number(f"{prompts}.mean"),
        input_tokens_cv=fields.ratio(f"{prompts}.std_dev", f"{prompts}.mean"),
        output_tokens_mean=written,
        output_tokens_cv=fields.ratio(f"{replies}.std_dev", f"{replies}.mean"),
        output_tokens_total=round(written * completed),
        request_rate_rps=fields.number("metrics.requests_per_second.successful.mean"),
        output_tok_s=fields.number("metrics.output_tokens_per_second.successful.mean"),
        in_flight_mean=fields.maybe_number("metrics.request_concurrency.successful.mean") or 0.0,
        ttft_ms=_statistics(fields, "time_to_first_token_ms"),
        tpot_ms=_statistics(fields, "inter_token_latency_ms"),
        ntpot_ms=_statistics(fields, "time_per_output_token_ms"),
        e2e_s=_statistics(fields, "request_latency"),
    )


def _failures(fields: Fields, failed: int) -> dict[str, int]:
    listed = _listed(fields, "errored", failed)
    if listed is not None:
        return failures(entry.get("info.error") for entry in listed)
    return {UNNAMED: failed} if failed else {}


def _listed(fields: Fields, outcome: str, count: int) -> Sequence[Fields] | None:
    """Return the requests of an outcome if all are listed; a file may hold a sample of them."""
    if fields.column(f"requests.{outcome}") is None:
        return None
    listed = tuple(fields.entries(f"requests.{outcome}"))
    return listed if len(listed) == count else None


def _statistics(fields: Fields, metric: str) -> Percentiles | None:
    told = f"metrics.{metric}.successful"
    if not fields.maybe_number(f"{told}.mean"):
        return None  # what was not measured is told as 0
    return fields.statistics(f"{told}.mean", *(f"{told}.percentiles.{name}" for name in ("p50", "p95", "p99")))


def _requests(fields: Fields, load: Load) -> Requests | None:
    listed = _listed(fields, "successful", fields.count("metrics.request_totals.successful"))
    if not listed:
        return None
    sent_s, due_s, over_s = (np.array([entry.number(name) for entry in listed]) for name in _TIMES)
    starts_s = due_s if isinstance(load, OpenLoad) else sent_s
    first_s = _column(listed, "info.timings.first_token_iteration")
    return Requests(
        e2e_s=over_s - starts_s,
        starts_s=starts_s,
        ttft_s=None if first_s is None else first_s - starts_s,
        input_tokens=_column(listed, "prompt_tokens"),
        output_tokens=_column(listed, "output_tokens"),
        late_s=sent_s - due_s if isinstance(load, OpenLoad) else None,
    )


_TIMES = ("info.timings.request_start", "info.timings.targeted_start", "info.timings.request_end")


def _column(listed: Sequence[Fields], name: str) -> Any:
    """Return a figure of all requests, or None if one lacks it."""
    found = list(_numbers(listed, name))
    return None if None in found else np.array(found)


def _numbers(listed: Sequence[Fields], name: str) -> Iterator[float | None]:
    return (entry.maybe_number(name) for entry in listed)
