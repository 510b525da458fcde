"""Plain CSV: one run per row, under the columns of ``advisor runs -f csv``, of which two are enough.

`concurrency` and `request_rate_rps` must be there. A row without concurrency is an open loop at `offered_rate_rps`, or else at
`request_rate_rps`, with Poisson arrivals unless `load` says otherwise. Empty cells mean unknown. The columns that are short
for others are those of ``advisor predict --profile``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from advisor.catalog.results.fields import Fields
from advisor.catalog.results.told import Kept, Told, ToldCanvas, ToldRun
from advisor.catalog.tables import read_table
from advisor.domain.basis import Basis
from advisor.domain.campaign import digest
from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad, TraceLoad
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import RunFigures, Verdict
from advisor.domain.run_listing import RunLine
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.catalog.results.sources import Source
    from advisor.domain.load import Load
    from advisor.domain.run_figures import Percentiles

NAME = "csv"
REQUIRED = ("concurrency", "request_rate_rps")
STATISTICS = ("mean", "p50", "p95", "p99")
LATENCIES = ("ttft_ms", "tpot_ms", "ntpot_ms", "e2e_s")
SHORT = {"input_tokens": "input_tokens_mean", "output_tokens": "output_tokens_mean"}
"""Other names of columns, and what they are short for."""


def _spread(latency: str) -> tuple[str, ...]:
    stem, _, unit = latency.rpartition("_")
    return tuple(f"{stem}_{statistic}_{unit}" for statistic in STATISTICS)


COLUMNS = tuple(column for name in RunLine.model_fields for column in (_spread(name) if name in LATENCIES else (name,)))
"""All columns that mean something."""

_NUMBERS = frozenset(
    name
    for name in COLUMNS
    if name.endswith(("_ms", "_s", "_rps", "_mean", "_canvas", "_seqs", "_tokens"))
    or name in {"concurrency", "tensor_parallel", "repeat", "requests", "completed"}
)
_NEXT_SENTENCE = re.compile(r"; (?=[a-z0-9_]+: )")


def recognizes(source: Source) -> bool:
    """Say whether a file is a table of runs."""
    return set(REQUIRED) <= set(source.columns)


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the runs of a file.

    Raises
    ------
    DataError
        If it lacks a column, has one that is not known or whose figures cannot be, or holds no row.
    """
    table = read_table(source.path, REQUIRED, extra=True)
    hint = f"columns: {','.join((*COLUMNS, *SHORT))}"
    for name in table.columns:
        if name not in COLUMNS and name not in SHORT:
            raise DataError(f"{source.path}:1", f"column {name}: is not a known column", hint=hint)
    if not table.rows:
        raise DataError(f"{source.path}:1", "holds no run")
    columns = [SHORT.get(name, name) for name in table.columns]
    rows = [dict(zip(columns, map(str.strip, cells), strict=True)) for cells in table.rows]
    return tuple(
        _run(Fields(f"{source.path}:{line}", {n: _value(n, c) for n, c in row.items()}, kind="column"), source)
        for row, line in zip(rows, table.lines, strict=True)
    )


def _value(name: str, cell: str) -> Any:
    if name not in _NUMBERS or not cell:
        return cell or None
    for convert in (int, float):
        try:
            return convert(cell)
        except ValueError:
            continue
    return cell


def _run(fields: Fields, source: Source) -> ToldRun:
    load = _load(fields)
    return ToldRun(
        where=fields.where,
        source=source.name,
        tool=fields.text("tool") or NAME,
        content=digest(fields.data),
        told=_told(fields),
        load=load,
        summary=_figures(fields),
        canvas=_canvas(fields),
        tells_spread=False,
        repeat=fields.maybe_count("repeat") or 0,
        basis=_basis(fields),
        kept=_kept(fields),
    )


def _basis(fields: Fields) -> Basis:
    """Return how a row is known: measured unless it says that it was simulated; nothing else is a run of one's own."""
    basis = fields.choice("basis", Basis) or Basis.MEASURED
    if basis not in {Basis.MEASURED, Basis.SIMULATED}:
        fields.fault(
            "basis", f"a run is measured or simulated, not {basis}", hint="leave the column out for measured runs"
        )
    return basis


def _told(fields: Fields) -> Told:
    return Told(
        model=fields.text("model"),
        checkpoint=fields.text("checkpoint"),
        gpu=fields.text("gpu"),
        engine=fields.text("engine"),
        engine_version=fields.text("engine_version"),
        speculative=fields.text("speculative"),
        workload=fields.text("workload"),
        precision=fields.choice("precision", Precision),
        content=fields.choice("content", Content),
        tensor_parallel=fields.maybe_count("tensor_parallel"),
        slots=fields.maybe_count("max_num_seqs"),
        token_budget=fields.maybe_count("max_num_batched_tokens"),
        measured_at=_date(fields),
    )


def _date(fields: Fields) -> datetime | None:
    """Return when the run was made; UTC is taken where no time zone is told."""
    text = fields.text("measured_at")
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        fields.fault("measured_at", f"is {text!r}, not a time such as 2026-07-04T10:15:00Z, or a date")
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _load(fields: Fields) -> Load:
    """Return what was sent. The label of a load tells what no column does: how arrivals vary, and a ramp."""
    concurrency = fields.maybe_count("concurrency")
    if concurrency is not None:
        return fields.build(ClosedLoad, concurrency=concurrency)
    label = fields.text("load") or ""
    for pattern, make in _LABELS.items():
        if found := re.fullmatch(pattern, label):
            return make(fields, *found.groups())
    if label:
        fields.fault("load", f"is {label!r}, which is no load as advisor runs writes it")
    return _open(fields, "Poisson")


def _open(fields: Fields, law: str) -> Load:
    rate = fields.maybe_number("offered_rate_rps") or fields.number("request_rate_rps")
    burstiness = {"constant": 0.0, "Poisson": 1.0}.get(law)
    return fields.build(
        OpenLoad, rate_rps=rate, burstiness=float(law.removeprefix("CV2 ")) if burstiness is None else burstiness
    )


def _trace(fields: Fields) -> Load:
    return fields.build(TraceLoad, rate_rps=fields.maybe_number("offered_rate_rps"))


def _ramp(fields: Fields, low: str, high: str, seconds: str) -> Load:
    return fields.build(RampLoad, from_rps=float(low), to_rps=float(high), duration_s=float(seconds))


_FIGURE = r"([\d.e+-]+)"
_LABELS: Mapping[str, Callable[..., Load]] = {
    r"\S+ requests/s, (constant|Poisson|CV2 [\d.e+-]+)": _open,
    r"the trace(?: at \S+ requests/s)?": _trace,
    rf"{_FIGURE} to {_FIGURE} requests/s in {_FIGURE} s": _ramp,
}


def _figures(fields: Fields) -> RunFigures:
    rate, written = fields.number("request_rate_rps"), fields.maybe_number("output_tokens_mean")
    completed = fields.maybe_count("completed")
    requests = fields.maybe_count("requests")
    done = (requests if completed is None else completed) or 0
    told_tok_s = fields.maybe_number("output_tok_s")
    return fields.build(
        RunFigures,
        duration_s=fields.maybe_number("duration_s") or 0.0,
        requests=done if requests is None else requests,
        completed=done,
        failures=_failures(fields),
        input_tokens_mean=fields.maybe_number("input_tokens_mean") or 0.0,
        output_tokens_mean=written or 0.0,
        output_tokens_total=round((written or 0.0) * done),
        request_rate_rps=rate,
        output_tok_s=rate * (written or 0.0) if told_tok_s is None else told_tok_s,
        **{latency: _statistics(fields, latency) for latency in LATENCIES},
    )


def _statistics(fields: Fields, latency: str) -> Percentiles | None:
    mean, p50, p95, p99 = _spread(latency)
    given = [column for column in (p50, p95, p99) if fields.get(column) is not None]
    if given and fields.get(mean) is None:
        fields.fault(mean, f"is missing, though {given[0]} is given")
    return fields.statistics(mean, p50, p95, p99)


def _failures(fields: Fields) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in filter(None, (fields.text("failures") or "").split("; ")):
        name, _, count = part.rpartition("=")
        if not name or not count.isdecimal() or not int(count):
            fields.fault("failures", f"cannot read {part!r}; write http_500=2; connection_reset=1")
        counts[name] = int(count)
    return counts


def _canvas(fields: Fields) -> ToldCanvas | None:
    steps, tokens = fields.maybe_number("steps_per_canvas"), fields.maybe_number("tokens_per_canvas")
    return ToldCanvas(steps, tokens_per_canvas=tokens) if steps and tokens else None


def _kept(fields: Fields) -> Kept | None:
    """Return what a row of `advisor runs` keeps: one that has the identifier of its run."""
    run_id = fields.text("id")
    if run_id is None:
        return None
    valid = fields.text("valid")
    if valid not in {None, "true", "false"}:
        fields.fault("valid", f"is {valid!r}, not true or false")
    verdict = Verdict(valid=valid == "true", reasons=_sentences(fields, "reasons"), flags=_sentences(fields, "flags"))
    return Kept(run_id, fields.text("tool") or NAME, fields.text("source") or "", verdict if valid else None)


def _sentences(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(filter(None, _NEXT_SENTENCE.split(fields.text(name) or "")))
