"""Profiles of a user's own server: a CSV with one row per closed-loop level, and perhaps open-loop anchors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from advisor.catalog.names import file_name
from advisor.catalog.tables import Table, read_table
from advisor.domain.server_profile import LONGEST_QUEUE, ClosedLoopRun, Run, ServerProfile
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

REQUIRED = ("concurrency", "request_rate_rps")
OPTIONAL = ("ttft_mean_ms", "ttft_p95_ms", "e2e_mean_s", "e2e_p95_s", "input_tokens", "output_tokens")
LEAST_LEVELS = 2
MS_PER_S = 1e3

_HINT = f"columns: {','.join(REQUIRED)} and, where known, {','.join(OPTIONAL)}"


def read_server_profile(path: Path) -> ServerProfile:
    """Read a CSV of closed-loop runs; a row without concurrency is an open-loop run at Poisson arrivals.

    Empty cells mean unknown; further columns are ignored.

    Raises
    ------
    DataError
        If the file is bad, a figure is not positive, or concurrencies do not ascend or are fewer than two.
    """
    table = read_table(path, REQUIRED, extra=True)
    levels: list[ClosedLoopRun] = []
    anchors: list[Run] = []
    for row, cells in enumerate(table.rows):
        if not dict(zip(table.columns, cells, strict=True))["concurrency"].strip():
            anchors.append(Run(**_figures(table, row)))
            continue
        concurrency = _concurrency(table, row, before=levels[-1].concurrency if levels else 0)
        levels.append(ClosedLoopRun(concurrency=concurrency, **_figures(table, row)))
    if len(levels) < LEAST_LEVELS:
        raise DataError(_end_of(table), f"has {len(levels)} closed-loop rows of at least {LEAST_LEVELS}", hint=_HINT)
    return ServerProfile(name=file_name(path, default="profile"), levels=tuple(levels), anchors=tuple(anchors))


def _end_of(table: Table) -> str:
    return f"{table.path}:{table.lines[-1] if table.lines else 1}"


def _figures(table: Table, row: int) -> dict[str, float]:
    """Return the figures that a row knows, by column."""
    cells = dict(zip(table.columns, table.rows[row], strict=True))
    rate = _positive(table, row, "request_rate_rps", cells["request_rate_rps"].strip())
    known = {name: cells[name].strip() for name in OPTIONAL if cells.get(name, "").strip()}
    figures = {"request_rate_rps": rate, **{name: _positive(table, row, name, cell) for name, cell in known.items()}}
    if figures.get("ttft_mean_ms", 0.0) > figures.get("e2e_mean_s", math.inf) * MS_PER_S:
        raise table.fault(
            row, "ttft_mean_ms", "is longer than e2e_mean_s", hint="TTFT is in milliseconds, e2e in seconds"
        )
    return figures


def _positive(table: Table, row: int, column: str, cell: str) -> float:
    figure = _number(cell)
    if figure is None or not 1e-9 <= figure <= 1e12:
        problem = "is missing" if not cell else f"is not a positive number: {cell!r}"
        raise table.fault(row, column, problem, hint=_HINT)
    return figure


def _concurrency(table: Table, row: int, *, before: int) -> int:
    cell = dict(zip(table.columns, table.rows[row], strict=True))["concurrency"].strip()
    figure = _number(cell)
    if figure is None or not figure.is_integer() or not 1 <= figure <= LONGEST_QUEUE:
        raise table.fault(
            row, "concurrency", f"is not a whole number from 1 to {LONGEST_QUEUE:,}: {cell!r}", hint=_HINT
        )
    if figure <= before:
        problem = f"{figure:g} comes {'a second time' if figure == before else f'after {before}'}"
        raise table.fault(row, "concurrency", problem, hint="one row per concurrency, in ascending order")
    return int(figure)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
