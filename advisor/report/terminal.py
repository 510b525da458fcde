"""A document as aligned text for a terminal of any width, colored or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.bars import chart_lines
from advisor.report.document import Chart, Facts, Section, Sentence, Spans, Table, Tone
from advisor.report.grid import table_lines
from advisor.report.spans import span_lines
from advisor.report.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.report.document import Block, Document

_ANSI = {"bold": "1", "faint": "2", "good": "1;32", "warning": "33", "headline": "1"}


def as_text(document: Document, *, width: int, color: bool) -> str:
    """Return the document as lines of at most `width` columns (addresses may be longer)."""
    paint = _colored if color else _plain
    lines = [line for block in document for line in _lines(block, width, paint)]
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _plain(text: str, _tone: str) -> str:
    return text


def _colored(text: str, tone: str) -> str:
    return f"\x1b[{_ANSI[tone]}m{text}\x1b[0m" if tone in _ANSI and text.strip() else text


def _lines(block: Block, width: int, paint: Callable[[str, str], str]) -> list[str]:
    match block:
        case Section():
            return ["", paint(block.title, "bold")]
        case Sentence():
            return [paint(line, block.tone.value) for line in _sentence(block, width)]
        case Facts():
            return _facts(block, width, paint)
        case Table():
            return table_lines(block, width, paint)
        case Chart():
            return chart_lines(block, width, paint)
        case Spans():
            return span_lines(block, width, paint)


def _sentence(sentence: Sentence, width: int) -> list[str]:
    hang = "  " if sentence.tone is Tone.WARNING or sentence.text.startswith("- ") else ""
    first, *rest = wrapped(sentence.text, width - len(hang))
    return [first, *(hang + line for line in rest)]


def _facts(facts: Facts, width: int, paint: Callable[[str, str], str]) -> list[str]:
    indent = max((len(label) for label, _ in facts.pairs), default=0) + 4
    lines = []
    for label, text in facts.pairs:
        first, *rest = wrapped(text, width - indent)
        lines += [paint(f"  {label}".ljust(indent), "faint") + first, *(" " * indent + line for line in rest)]
    return lines
