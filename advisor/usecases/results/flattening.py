"""A value as one row of a table, and back: nested fields get names with dots, what is at its default is left out.

Text stands as it is, so that a row can be read; what would be ambiguous (nothing, lists, line breaks, quotes in front) is
JSON. Pydantic turns digits back into numbers where a field wants one.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BREAKING = re.compile(r"[\x7f-\x9f\u2028\u2029]")
"""What some readers take for the end of a line, and JSON leaves as it is."""

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"(?!null$)[^\s\"\[{\x00-\x1f\x7f-\x9f\u2028\u2029](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S)?")


def flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the cells of a row, by the names of its columns."""
    cells: dict[str, str] = {}
    for name, part in value.items():
        if isinstance(part, dict) and part and all(map(_NAME.fullmatch, part)):
            cells |= flatten(part, f"{prefix}{name}.")
        else:
            cells[f"{prefix}{name}"] = _text(part)
    return cells


def _text(part: object) -> str:
    if isinstance(part, str) and _PLAIN.fullmatch(part):
        return part
    return _BREAKING.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(part, ensure_ascii=False))


def unflatten(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the nested value of a row; an empty cell is a field at its default."""
    value: dict[str, Any] = {}
    for name, text in cells.items():
        if text:
            *path, last = name.split(".")
            inner = value
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = _part(text)
    return value


def _part(text: str) -> Any:
    return json.loads(text) if text == "null" or text[0] in '"[{' else text


def as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as CSV, with the columns that some row fills; those of one nested field stand together."""
    tree: dict[str, Any] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        inner = tree
        for part in name.split("."):
            inner = inner.setdefault(part, {})
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(_names(tree)), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for part, inner in tree.items():
        yield from _names(inner, f"{prefix}{part}.") if inner else (f"{prefix}{part}",)
