"""Flat records as CSV (RFC 4180, lines ended by a plain line feed)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet takes for a formula."""


def as_csv(records: Iterable[Mapping[str, object]]) -> str:
    """Return a header of all names and one line per record."""
    rows = list(records)
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, fieldnames=names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return "; ".join(str(item) for item in value)
        case dict():
            return "; ".join(f"{key}={item}" for key, item in value.items())
        case _:
            return value


def harmless(cell: object) -> object:
    """Return a cell with an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers.

    For files that people open: names and titles come from users and visitors. Files that `advisor import` reads back keep
    every text as it is.
    """
    if isinstance(cell, list | tuple):
        return harmless("; ".join(str(item) for item in cell))
    if isinstance(cell, str) and len(cell) > 1 and cell.startswith(FORMULA_SIGNS) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
