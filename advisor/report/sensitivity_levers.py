"""The table of inputs and what each does to the choice: both ends of its range, the flip, and how near that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.levers import RangeBasis
from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import money, number, signed_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.levers import EndLine, Lever

_COLUMNS = (
    Column("input", wraps=True),
    Column("asked", right=True),
    Column("range", right=True, yields=1, phrase="range {}"),
    Column("at the low end", right=True, yields=3, phrase="at the low end {}"),
    Column("at the high end", right=True, yields=2, phrase="at the high end {}"),
    Column("flips at", right=True),
    Column("to", wraps=True),
)
_WHENCE = {
    RangeBasis.FACTOR_OF_TWO: "half to twice the asked value",
    RangeBasis.POSSIBLE: "the same as far as it can be",
    RangeBasis.SPREAD: "90 % of its spread",
    RangeBasis.POLICY: "assumed",
}


def section(levers: Sequence[Lever]) -> tuple[Block, ...]:
    """Return the inputs, nearest flip first; nothing where none were looked at."""
    if not levers:
        return ()
    models = [cost.model for cost in levers[0].low.costs]
    told = f"Costs per hour are those of {' / '.join(models)}, by formula. {_ranges(levers)}"
    return (
        Section("What changes the choice, one input at a time"),
        Table(_COLUMNS, tuple(_row(lever) for lever in levers)),
        Sentence(told, Tone.FAINT),
    )


def _row(lever: Lever) -> Row:
    cells = (
        lever.title,
        "-" if lever.asked_value is None else _value(lever.asked_value, lever),
        f"{_bare(lever.low.value)} to {_bare(lever.high.value)}",
        _costs(lever.low),
        _costs(lever.high),
        _flip(lever),
        "-" if lever.flip_value is None else lever.flip_to or "nobody",
    )
    return Row(cells)


def _flip(lever: Lever) -> str:
    """Return where it flips, and how far from the asked value that is."""
    if lever.flip_value is None:
        return "-"
    change = "" if lever.flip_ratio is None else f" ({signed_share(lever.flip_ratio - 1.0)})"
    return f"{_value(lever.flip_value, lever)}{change}"


def _value(value: float, lever: Lever) -> str:
    """Return a value with its unit, as short as a column wants it."""
    return f"{_bare(value)} {_SHORT.get(lever.unit, lever.unit)}".strip()


def _bare(value: float) -> str:
    """Return a value without its unit; shares near 1 keep all digits that tell them apart."""
    return f"{value:.6g}" if NEAR_ONE < value < 1.0 else number(value)


NEAR_ONE = 0.9

_SHORT = {
    "USD per GPU-hour": "USD",
    "requests/s": "/s",
    "tokens per step": "",
    "times the estimate": "x",
    "share of the time": "",
}


def _costs(end: EndLine) -> str:
    return " / ".join("-" if cost.usd_per_hour is None else money(cost.usd_per_hour) for cost in end.costs)


def _ranges(levers: Sequence[Lever]) -> str:
    """Return where ranges come from, by input; those with the usual range go without saying."""
    other: dict[RangeBasis, list[str]] = {}
    for lever in levers:
        if lever.range_basis is not RangeBasis.FACTOR_OF_TWO:
            other.setdefault(lever.range_basis, []).append(lever.name)
    told = "; ".join(f"{', '.join(names)}: {_WHENCE[basis]}" for basis, names in other.items())
    return f"Ranges are {_WHENCE[RangeBasis.FACTOR_OF_TWO]}{'; ' if told else ''}{told}."
