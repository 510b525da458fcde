"""CSV files: rows with their line numbers, under columns that are checked once."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.catalog.texts import read_text
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


MOST_ECHOED = 40
"""Letters of a cell that an error repeats."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and the line each of them ends on."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[list[str], ...]
    lines: tuple[int, ...]

    def fault(self, row: int, column: str, problem: str, *, hint: str = "") -> DataError:
        """Return the error that names the line and column of a cell."""
        cell = self.rows[row][self.columns.index(column)] if column in self.columns else ""
        told = _shortened(_shortened(problem, cell), cell.strip())
        return DataError(f"{self.path}:{self.lines[row]}", f"column {column}: {told}", hint=hint)


def _shortened(problem: str, cell: str) -> str:
    """Return a sentence that repeats no more of a cell than tells which one is meant."""
    if len(cell) <= MOST_ECHOED:
        return problem
    short = f"{cell[:MOST_ECHOED]}…"
    return problem.replace(repr(cell)[1:-1], repr(short)[1:-1]).replace(cell, short)


def read_table(path: Path, columns: Sequence[str], *, extra: bool = False) -> Table:
    """Read a CSV file that has these columns in any order, and others only with `extra`.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column, has an unknown one, or has a row of another length.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = tuple(name.strip() for name in next(reader, ()))
        _check_header(path, header, columns, extra=extra)
        numbered = [(reader.line_num, row) for row in reader if row]
    except csv.Error as problem:
        raise DataError(f"{path}:{reader.line_num}", f"cannot be read as CSV: {problem}") from None
    for line, row in numbered:
        if len(row) != len(header):
            raise DataError(f"{path}:{line}", f"has {len(row)} values under {len(header)} columns")
    return Table(path, header, tuple(row for _, row in numbered), tuple(line for line, _ in numbered))


def _check_header(path: Path, header: tuple[str, ...], columns: Sequence[str], *, extra: bool) -> None:
    if not header:
        raise DataError(f"{path}:1", "is empty", hint=f"the first line names the columns: {','.join(columns)}")
    for name in columns:
        if name not in header:
            raise DataError(f"{path}:1", f"column {name}: is missing", hint=f"columns: {','.join(columns)}")
    for position, name in enumerate(header):
        if name in header[:position]:
            raise DataError(f"{path}:1", f"column {_shortened(name, name)}: stands twice")
        if name not in columns and not extra:
            raise DataError(
                f"{path}:1",
                f"column {_shortened(name, name)}: is not a known column",
                hint=f"columns: {','.join(columns)}",
            )
