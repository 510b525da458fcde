"""A document as GitHub Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from advisor.report.bars import chart_lines
from advisor.report.document import Chart, Facts, Section, Sentence, Spans, Table, Tone
from advisor.report.spans import span_lines

if TYPE_CHECKING:
    from advisor.report.document import Block, Column, Document, Row

_CHART_WIDTH = 100
_SPECIAL = re.compile(r"([\\|*`<\[\]$]|(?<!\w)_|_(?!\w))")


def as_markdown(document: Document) -> str:
    """Return the document as Markdown with one blank line between blocks."""
    return "\n\n".join(_block(block) for block in document) + "\n"


def _block(block: Block) -> str:
    match block:
        case Section():
            return f"## {escaped(block.title)}"
        case Sentence():
            return _sentence(block)
        case Facts():
            return "\n".join(f"- {escaped(label)}: {escaped(text)}" for label, text in block.pairs)
        case Table():
            return _table(block)
        case Chart():
            return _fenced(chart_lines(block, _CHART_WIDTH, lambda text, _tone: text))
        case Spans():
            return _fenced(span_lines(block, _CHART_WIDTH, lambda text, _tone: text))


def _fenced(lines: list[str]) -> str:
    return "\n".join(["```text", *lines, "```"])


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is; addresses stay whole, line breaks become spaces.

    Dollars are escaped because GitHub sets what stands between two of them as mathematics.
    """
    return " ".join(word if "://" in word and "|" not in word else _SPECIAL.sub(r"\\\1", word) for word in text.split())


def _sentence(sentence: Sentence) -> str:
    match sentence.tone:
        case Tone.HEADLINE:
            return f"**{escaped(sentence.text)}**"
        case Tone.WARNING:
            return f"> {escaped(sentence.text)}"
        case _:
            return escaped(sentence.text)


def _table(table: Table) -> str:
    rows = [_line(tuple(escaped(column.title) for column in table.columns))]
    rows.append(_line(tuple(_rule(column) for column in table.columns)))
    return "\n".join([*rows, *(_line(_cells(row)) for row in table.rows)])


def _rule(column: Column) -> str:
    return "---:" if column.right else "---"


def _cells(row: Row) -> tuple[str, ...]:
    cells = tuple(escaped(cell) for cell in row.cells)
    return tuple(f"**{cell}**" if cell else cell for cell in cells) if row.chosen else cells


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
