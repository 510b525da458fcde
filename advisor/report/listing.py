"""A listing, arranged for a reader. A column whose name ends in a unit shows its figures with that unit."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from advisor.report.document import Column, Row, Sentence, Table, Tone
from advisor.report.figures import gib, metric, milliseconds, money, number, seconds, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.answer import Listing
    from advisor.report.document import Document

Cell = str | float | int | bool | None | list[str] | dict[str, float]


def _dollars(value: float) -> str:
    return money(Decimal(str(value)))


_UNITS: dict[str, Callable[[float], str]] = {
    "_bytes_per_s": partial(metric, unit="B/s"),
    "_bytes": gib,
    "_flops": partial(metric, unit="FLOP/s"),
    "_usd_per_hour": _dollars,
    "_usd_per_gpu_hour": _dollars,
    "_ms": milliseconds,
    "_share": share,
    "_tokens": number,
    "_w": partial(metric, unit="W"),
    "_s": seconds,
}
_LONG = 30


def arrange(answer: Listing, *, explain: bool) -> Document:
    """Return the report of a listing; it has nothing more to explain."""
    del explain
    rows = tuple(Row(tuple(_shown(name, row.get(name)) for name in answer.columns)) for row in answer.rows)
    columns = tuple(_column(answer, name, place) for place, name in enumerate(answer.columns))
    count = f"{len(answer.rows):,} {answer.key}"
    return Sentence(count, Tone.HEADLINE), *((Table(columns, rows),) if rows else ())


def _column(answer: Listing, name: str, place: int) -> Column:
    """Return a column that leaves a narrow terminal the sooner, the later it stands."""
    values = [row.get(name) for row in answer.rows]
    title = _title(name)
    return Column(
        title,
        right=any(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values),
        yields=max(0, place - 1),
        phrase=title + " {}",
        wraps=any(len(_shown(name, v)) > _LONG or isinstance(v, list) for v in values),
    )


def _title(name: str) -> str:
    suffix = _unit_suffix(name)
    per = {"_usd_per_hour": " per hour", "_usd_per_gpu_hour": " per GPU hour", "_tokens": " tokens"}
    return (name.removesuffix(suffix) + per.get(suffix, "")).replace("_", " ")


def _unit_suffix(name: str) -> str:
    return next((suffix for suffix in _UNITS if name.endswith(suffix)), "")


def _shown(name: str, value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _UNITS.get(_unit_suffix(name), number)(value)
        case list():
            return ", ".join(value)
        case dict():
            return ", ".join(f"{key} {number(figure)}" for key, figure in value.items())
        case _:
            return _priced(name, value)


def _priced(name: str, text: str) -> str:
    """Return text as it is, save decimal strings of dollars."""
    return _dollars(float(text)) if "_usd_per_" in name and text else text


def records(answer: Listing) -> Iterator[dict[str, object]]:
    """Yield the rows, every one with all columns."""
    for row in answer.rows:
        yield {name: row.get(name) for name in answer.columns}
