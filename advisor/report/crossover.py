"""Flips along an axis, arranged for a reader: the sentence first, then flips by scope, then who is cheapest where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.crossover import Scope, Standing
from advisor.report import grounds
from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import money, number, share
from advisor.report.recommendation import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.crossover import Axis, CostPoint, Crossover, FlipLine, ScopeLine, StretchLine
    from advisor.report.document import Document

_FLIPS = (
    Column("among", wraps=True),
    Column("flip", right=True),
    Column("cheaper below", wraps=True),
    Column("cheaper above", wraps=True),
    Column("tie or turns", right=True, yields=2, phrase="tie or turns {}"),
    Column("range of 90 % of draws with a flip", right=True, yields=1, phrase="90 % of draws with a flip {}"),
    Column("no flip in", right=True, yields=1, phrase="no flip in {} of draws"),
)
_STRETCHES = (Column("from", right=True), Column("to", right=True), Column("cheapest", wraps=True), Column("how"))
_HOW = {
    Standing.ALONE: "alone",
    Standing.TIE: "tie within 2 %",
    Standing.TURNS: "take turns, by whole replicas",
    Standing.NONE: "nothing meets the objectives",
}


def arrange(answer: Crossover, *, explain: bool) -> Document:
    """Return the report of flips along an axis."""
    return (
        Sentence(answer.summary, Tone.HEADLINE),
        Sentence(f"Asked: {asked(answer.question)}. {varied(answer.axis)}", Tone.FAINT),
        Sentence(f"Costs are by formula, each point sized anew; speeds are {answer.basis}.", Tone.FAINT),
        *_flips(answer),
        *_overall(answer),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def varied(axis: Axis) -> str:
    """Return what is varied, and where the question stands on it."""
    where = "" if axis.asked_value is None else f", asked {number(axis.asked_value)}"
    return f"Varied: {axis.title} from {number(axis.low)} to {number(axis.high)} {axis.unit}{where}."


def _flips(answer: Crossover) -> tuple[Block, ...]:
    rows = tuple(row for line in answer.scopes for row in _rows(line))
    without = [line.name for line in answer.scopes if not line.flips and line.scope is not Scope.OVERALL]
    found: list[Block] = []
    if rows:
        found += [Section(f"Flips [{answer.axis.unit}]"), Table(_FLIPS, rows)]
    if without:
        found.append(Sentence(f"No flip in the range: {', '.join(_unflipped(answer))}.", Tone.FAINT))
    return tuple(found)


def _unflipped(answer: Crossover) -> Iterator[str]:
    """Yield the parts without a flip, with whoever is cheapest in them where somebody always is."""
    for line in answer.scopes:
        if line.flips or line.scope is Scope.OVERALL:
            continue
        alone = {name for stretch in line.stretches if stretch.standing is Standing.ALONE for name in stretch.leaders}
        yield f"{line.name} ({next(iter(alone))})" if len(alone) == 1 else line.name


def _rows(line: ScopeLine) -> Iterator[Row]:
    for flip in line.flips:
        cells = (
            "all plans" if line.scope is Scope.OVERALL else line.name,
            number(flip.value),
            flip.below,
            flip.above,
            "-" if flip.low == flip.high else f"{number(flip.low)} to {number(flip.high)}",
            _interval(flip),
            "-" if flip.none_share is None else share(flip.none_share),
        )
        yield Row(cells, chosen=line.scope is Scope.OVERALL)


def _interval(flip: FlipLine) -> str:
    return "-" if flip.p05 is None or flip.p95 is None else f"{number(flip.p05)} to {number(flip.p95)}"


def _overall(answer: Crossover) -> Iterator[Block]:
    for line in answer.scopes:
        if line.scope is Scope.OVERALL:
            yield Section(f"Cheapest of all plans [{answer.axis.unit}]")
            yield Table(_STRETCHES, tuple(_stretch(stretch) for stretch in line.stretches))
            yield from _costs(line, answer.axis)


def _stretch(stretch: StretchLine) -> Row:
    return Row((number(stretch.low), number(stretch.high), ", ".join(stretch.leaders) or "-", _HOW[stretch.standing]))


TOLD_POINTS = 5


def _costs(line: ScopeLine, axis: Axis) -> Iterator[Block]:
    """Yield the price of each contender at a few values."""
    values = sorted({point.value for point in line.costs})
    if not values:
        return
    names = sorted({point.contender for point in line.costs})
    places = sorted({round(i * (len(values) - 1) / (TOLD_POINTS - 1)) for i in range(TOLD_POINTS)})
    at = {(point.value, point.contender): point for point in line.costs}
    rows = tuple(Row((number(values[i]), *(_cost(at.get((values[i], name))) for name in names))) for i in places)
    yield Section("Cheapest plan of each contender, USD per hour")
    yield Table((Column(axis.name, right=True), *(Column(name, right=True, wraps=True) for name in names)), rows)


def _cost(point: CostPoint | None) -> str:
    return "-" if point is None else f"{money(point.usd_per_hour)} ({point.replicas} x {point.gpu})"


def records(answer: Crossover) -> Iterator[dict[str, object]]:
    """Yield one flat record per stretch, flip and cost; `record` says which."""
    for line in answer.scopes:
        head = {"axis": answer.axis.name, "unit": answer.axis.unit, "scope": line.scope.value, "among": line.name}
        kinds = (("stretch", line.stretches), ("flip", line.flips), ("cost", line.costs), ("band", line.bands))
        for kind, values in kinds:
            for value in values:
                yield {"record": kind, **head, **value.model_dump(mode="json")}
