"""A reproduction, arranged for a reader: whether the same came out, and what stood in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.comparison import ComparedAnswer
    from advisor.domain.reproduction import Reproduction
    from advisor.report.document import Document

_HINDRANCES = (Column("what", wraps=True), Column("then", wraps=True), Column("now", wraps=True))
_CHANGES = (Column("cause"), Column("what", wraps=True), Column("then", wraps=True), Column("now", wraps=True))


def arrange(answer: Reproduction, *, explain: bool) -> Document:
    """Return the report of a reproduction; it has nothing more to explain."""
    del explain
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        Facts((("then", _in_words(answer.before)), ("now", _in_words(answer.again)))),
        *_hindrances(answer),
        *_changes(answer),
    )


def _headline(answer: Reproduction) -> str:
    made = f"The recommendation of {answer.before.generated_at:%Y-%m-%d %H:%M} UTC"
    if answer.same:
        return f"{made} comes out again, every figure the same."
    told = (
        "what it rests on has changed" if answer.hindrances else "although nothing that is known to matter has changed"
    )
    return f"{made} does not come out again: {counted(len(answer.changes), 'change')}, {told}."


def _in_words(answer: ComparedAnswer) -> str:
    return f"{answer.plan}, {money(answer.usd_per_hour)} per hour, {answer.basis}"


def _hindrances(answer: Reproduction) -> tuple[Block, ...]:
    rows = tuple(Row((found.what, found.before, found.now)) for found in answer.hindrances)
    return (Section("Not as it was"), Table(_HINDRANCES, rows)) if rows else ()


def _changes(answer: Reproduction) -> tuple[Block, ...]:
    rows = tuple(Row((c.cause, c.what, c.before or "-", c.after or "-")) for c in answer.changes)
    return (Section("What came out otherwise"), Table(_CHANGES, rows)) if rows else ()


def records(answer: Reproduction) -> Iterator[dict[str, object]]:
    """Yield one flat record per change, or a single one where the same came out or no change has a name."""
    if not answer.changes:
        cause, what = ("same", "every figure") if answer.same else ("not the same", "figures behind the plan")
        yield {"cause": cause, "what": what, "before": _in_words(answer.before), "after": _in_words(answer.again)}
    for change in answer.changes:
        yield change.model_dump(mode="json")
