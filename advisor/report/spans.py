"""Spans as lines of text: label, bar from zero, figure; a range is drawn behind the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.report.document import Span, Spans

    Paint = Callable[[str, str], str]

FULL, MAYBE = "█", "░"
_MARGIN = "  "
_FEWEST_CELLS = 12


def span_lines(block: Spans, width: int, paint: Paint) -> list[str]:
    """Return a line with the title and one per span, at most `width` columns wide where labels and figures allow it."""
    indent = max((len(span.label) for span in block.spans), default=0)
    room = max((len(span.words) for span in block.spans), default=0)
    cells = max(width - indent - room - 3 * len(_MARGIN), _FEWEST_CELLS)
    top = top_of(block)
    lines = [f"{_MARGIN}{paint(block.title, 'faint')}"]
    for span in block.spans:
        bar = paint(_bar(span, top, cells).ljust(cells), "good" if span.chosen else "plain")
        lines.append(f"{_MARGIN}{span.label.ljust(indent)}{_MARGIN}{bar}{_MARGIN}{span.words}")
    return lines


def top_of(block: Spans) -> float:
    """Return the highest figure or end of a range, at least a little above 0."""
    return max((max(span.value, span.high or 0.0) for span in block.spans), default=0.0) or 1.0


def _bar(span: Span, top: float, cells: int) -> str:
    """Return the bar up to the figure, light from where the range begins; at least one cell long."""
    ends = (span.value if end is None else end for end in (span.low, span.high))
    low, high = (round(end / top * cells) for end in ends)
    value = max(round(span.value / top * cells), 1)
    solid = min(low, value) if low < value else value
    return FULL * max(solid, 1) + MAYBE * (max(value, high) - max(solid, 1))
