"""Traces of real requests: when each came, and how long prompt and reply were."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from hashlib import file_digest
from typing import TYPE_CHECKING

from advisor.catalog.names import file_name
from advisor.catalog.tables import Table, read_table
from advisor.domain.model import Content
from advisor.domain.workload import Workload
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WINDOW_S = 10.0
LEAST_WINDOWS = 20
FARTHEST_S = 1e12  # beyond it, differences of times lose their milliseconds

COLUMNS = ("t_s", "input_tokens", "output_tokens")

KEPT = 3
"""Traces that are kept as they were read: a large one takes seconds to read, and some 100 MB of memory."""


def read_trace(path: Path, *, content: Content = Content.CHAT) -> Workload:
    """Read a CSV trace as a workload that replays its pairs of lengths and its arrivals.

    Only differences of times count. A trace whose requests all come at once has no pace that could be stretched to
    another rate, and lends its lengths alone.

    Raises
    ------
    DataError
        If the file is bad or empty, a length is below 1, or the times do not ascend.
    """
    if not path.is_file():  # a pipe can be read only once
        return _read(path, content)
    return _kept(path, _digest(path), content)


@lru_cache(KEPT)
def _kept(path: Path, _digest: str, content: Content) -> Workload:
    return _read(path, content)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:  # reading it tells why
        return ""


def _read(path: Path, content: Content) -> Workload:
    table = read_table(path, COLUMNS, extra=True)
    if not table.rows:
        raise DataError(f"{path}:1", "has no requests under its header", hint="write one row per request")
    times_s = _times(table)
    lengths = zip(_lengths(table, "input_tokens"), _lengths(table, "output_tokens"), strict=True)
    return Workload(
        name=file_name(path, default="trace"),
        title=f"trace {path.name}",
        content=content,
        pairs=tuple(lengths),
        arrival_s=_since_first(times_s),
        count_dispersion=count_dispersion(times_s),
    )


def count_dispersion(times_s: Sequence[float]) -> float | None:
    """Return the variance-to-mean ratio of arrivals in windows of ten seconds: 1 for Poisson, more for bursts.

    None where the trace is too short to tell.
    """
    span_s = times_s[-1] - times_s[0]
    windows = int(span_s / WINDOW_S)
    if windows < LEAST_WINDOWS:
        return None
    filled = Counter(int((time_s - times_s[0]) / WINDOW_S) for time_s in times_s)
    counts = [count for window, count in filled.items() if window < windows]
    total = sum(counts)
    return (windows * sum(count * count for count in counts) - total * total) / ((windows - 1) * total)


def _since_first(times_s: Sequence[float]) -> tuple[float, ...]:
    return tuple(time_s - times_s[0] for time_s in times_s) if times_s[-1] > times_s[0] else ()


def _times(table: Table) -> list[float]:
    position = table.columns.index("t_s")
    times_s: list[float] = []
    before_s = -math.inf
    for row, cells in enumerate(table.rows):
        time_s = _number(cells[position])
        if time_s is None or abs(time_s) > FARTHEST_S:
            raise table.fault(row, "t_s", f"is not a number of seconds: {cells[position]!r}")
        if time_s < before_s:
            raise table.fault(row, "t_s", f"{time_s:g} comes after {before_s:g}", hint="sort the rows by time")
        before_s = time_s
        times_s.append(time_s)
    return times_s


def _lengths(table: Table, column: str) -> list[int]:
    position = table.columns.index(column)
    lengths = []
    for row, cells in enumerate(table.rows):
        length = _number(cells[position])
        if length is None or length < 1 or not length.is_integer():
            raise table.fault(row, column, f"is not a whole number of at least 1: {cells[position]!r}")
        lengths.append(int(length))
    return lengths


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
