"""Published measurements: CSV files whose columns are the fields of `Measurement`, in that order."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from advisor.catalog.tables import Table, read_table
from advisor.catalog.texts import list_files
from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum
    from pathlib import Path


def read_measurements(root: Path) -> tuple[Measurement, ...]:
    """Read every published measurement. A profile folder without any is fine."""
    folder = root / "measurements"
    files = list_files(folder, ".csv") if folder.is_dir() else []
    return tuple(measurement for path in files for measurement in _read_file(path))


def _read_file(path: Path) -> list[Measurement]:
    table = read_table(path, tuple(CONVERTERS))
    if table.columns != tuple(CONVERTERS):
        raise DataError(f"{path}:1", "has its columns in another order", hint=f"columns: {','.join(CONVERTERS)}")
    converters = tuple(CONVERTERS.values())
    measurements = []
    for row, cells in enumerate(table.rows):
        try:
            values: list[Any] = [convert(cell) for convert, cell in zip(converters, cells, strict=True)]
            measurements.append(Measurement(*values))
        except (ValueError, KeyError):
            _blame(table, row)
    return measurements


def _blame(table: Table, row: int) -> NoReturn:
    for (column, convert), cell in zip(CONVERTERS.items(), table.rows[row], strict=True):
        try:
            convert(cell)
        except KeyError:
            raise table.fault(row, column, f"{cell!r} is none of {', '.join(CHOICES[column])}") from None
        except ValueError as problem:
            raise table.fault(row, column, f"{problem}, not {cell!r}") from None
    raise AssertionError(row)  # a row that failed converts after all


def _text(cell: str) -> str:
    if not cell:
        raise ValueError("must not be empty")
    return cell


def _url(cell: str) -> str:
    if not cell.startswith(("http://", "https://")):
        raise ValueError("should be a web address")
    return cell


def _date(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("should be a date such as 2026-07-04") from None


def _positive(cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ValueError("should be a positive number")
    return number


def _count(cell: str) -> int:
    if not cell.isdecimal() or int(cell) < 1:
        raise ValueError("should be a whole number of at least 1")
    return int(cell)


def _optional(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda cell: convert(cell) if cell else None


def _choice(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    return {member.value: member for member in kind}.__getitem__


_SPECIAL: dict[str, Callable[[str], Any]] = {
    "tensor_parallel": _count,
    "input_tokens": _count,
    "output_tokens": _count,
    "concurrency": _count,
    "slots": _count,
    "speculative": _optional(_text),
    "steps": _optional(_positive),
    "kv_bytes_per_value": _positive,
    "value": _positive,
    "date": _date,
    "source_url": _url,
    "excluded": str,
    "notes": str,
}
_ENUMS: dict[str, type[StrEnum]] = {
    "precision": Precision,
    "content": Content,
    "metric": MeasuredMetric,
    "basis": Basis,
}
CHOICES = {column: tuple(kind) for column, kind in _ENUMS.items()}
CONVERTERS = {
    field.name: _SPECIAL.get(field.name) or (_choice(_ENUMS[field.name]) if field.name in _ENUMS else _text)
    for field in fields(Measurement)
}
