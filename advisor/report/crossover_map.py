"""The map of two axes, arranged for a reader: a letter for each point, small where another model is too close to call."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

from advisor.report import grounds
from advisor.report.crossover import varied
from advisor.report.document import Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import number, share
from advisor.report.recommendation import asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from advisor.domain.crossover import Axis, Cell, CrossoverMap
    from advisor.report.document import Block, Document

MOST_COLUMNS, MOST_ROWS = 64, 22
NOBODY = "."


def arrange(answer: CrossoverMap, *, explain: bool) -> Document:
    """Return the report of a map."""
    return (
        Sentence(headline(answer), Tone.HEADLINE),
        Sentence(f"Asked: {asked(answer.question)}. {varied(answer.across)} {varied(answer.up)}", Tone.FAINT),
        Sentence(
            f"Costs are by formula, between exact ones at some values; replicas and prices are whole. Speeds are {answer.basis}.",
            Tone.FAINT,
        ),
        *_map(answer),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def headline(answer: CrossoverMap) -> str:
    """Return who is cheapest on how much of the map, and how much of it is too close to call."""
    told = sorted(answer.shares.items(), key=lambda pair: -pair[1])
    parts = ", ".join(f"{name} on {share(part)}" for name, part in told)
    return f"Cheapest: {parts} of the map; too close to call on {share(answer.too_close_share)}."


def _map(answer: CrossoverMap) -> Iterator[Block]:
    letters = dict(zip(sorted(answer.shares), ascii_uppercase, strict=False))
    columns = _picked(len(answer.across_values), MOST_COLUMNS)
    rows = _picked(len(answer.up_values), MOST_ROWS)
    at = {(cell.column, cell.row): cell for cell in answer.cells}
    lines = tuple(
        Row((number(answer.up_values[j]), "".join(_letter(at[i, j], letters) for i in columns))) for j in reversed(rows)
    )
    yield Section(f"Map: {_named(answer.across)} to the right, {_named(answer.up)} upwards")
    yield Table(
        (Column(answer.up.name, right=True), Column(f"cheapest, by {answer.across.name} from {_ends(answer)}")), lines
    )
    keys = [(letter, name) for name, letter in letters.items()]
    where = "small letters" if keys else "-"
    yield Facts((*keys, (where, "another model is within 2 %, or their order is right in fewer than 75 % of cases")))
    if answer.asked_leader:
        yield Sentence(f"At the point asked about, {answer.asked_leader} is the cheapest.")


def _named(axis: Axis) -> str:
    return f"{axis.title} [{axis.unit}]"


def _picked(count: int, most: int) -> list[int]:
    """Return at most so many places, evenly from the first to the last."""
    kept = min(count, most)
    return sorted({round(i * (count - 1) / max(kept - 1, 1)) for i in range(kept)})


def _ends(answer: CrossoverMap) -> str:
    return f"{number(answer.across_values[0])} to {number(answer.across_values[-1])}"


def _letter(cell: Cell, letters: Mapping[str, str]) -> str:
    if cell.leader is None:
        return NOBODY
    letter = letters.get(cell.leader, NOBODY)
    return letter.lower() if cell.too_close else letter


def _dollars(usd: Decimal | None) -> str | None:
    return None if usd is None else str(usd)


def records(answer: CrossoverMap) -> Iterator[dict[str, object]]:
    """Yield one flat record per point, values of both axes in their units."""
    for cell in answer.cells:
        yield {
            answer.across.name: answer.across_values[cell.column],
            answer.up.name: answer.up_values[cell.row],
            "leader": cell.leader,
            "too_close": cell.too_close,
            "interpolated_usd_per_hour": _dollars(cell.usd_per_hour),
            "interpolated_other_usd_per_hour": _dollars(cell.other_usd_per_hour),
        }
