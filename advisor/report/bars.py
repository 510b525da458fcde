"""Series as lines of bars that fit a width."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.report.document import Chart, Series

    Paint = Callable[[str, str], str]

HEIGHTS = " ▁▂▃▄▅▆▇█"
PLAIN_HEIGHTS = str.maketrans(HEIGHTS, " _.-=+*%#")
"""The same for a terminal that knows ASCII alone."""

_MARGIN = "  "
_GAP = "  "
_FEWEST_BARS = 24


def chart_lines(chart: Chart, width: int, paint: Paint) -> list[str]:
    """Return a line for each series, and one with the marks. Where bars had no room beside it, `top` stands below them."""
    labels = max(len(series.label) for series in chart.series)
    tops = max(len(series.top) for series in chart.series)
    room = width - len(_MARGIN) - labels - len(_GAP)
    beside = room - len(_GAP) - tops >= _FEWEST_BARS
    count = _count(room - (len(_GAP) + tops if beside else 0), max(len(series.values) for series in chart.series))
    indent = " " * (len(_MARGIN) + labels + len(_GAP))
    lines = []
    for series in chart.series:
        head = paint(_MARGIN + series.label.ljust(labels) + _GAP, "faint") + bars(series, count)
        lines += [head + _GAP + series.top] if beside else [head, indent + series.top]
    return [*lines, paint(indent + _axis(chart.marks, count), "faint")]


def _count(room: int, values: int) -> int:
    """Return how many bars fit; each of few values gets several of them, all the same number."""
    return room // values * values if room >= values else room


def bars(series: Series, count: int) -> str:
    """Return so many bars; one that stands for several values is as high as the highest of them."""
    full = max(series.full, _highest(series.values))
    parts = (series.values[i * len(series.values) // count : _end(series.values, i, count)] for i in range(count))
    return "".join(_bar(_highest(part) / full if full else 0.0) for part in parts)


def _end(values: Sequence[object], place: int, count: int) -> int:
    return max((place + 1) * len(values) // count, place * len(values) // count + 1)


def _highest(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=0.0)


def _bar(share: float) -> str:
    return HEIGHTS[ceil(share * (len(HEIGHTS) - 1) - 1e-9)]


def _axis(marks: Sequence[tuple[float, str]], width: int) -> str:
    """Return the marks, each centered below its place as far as the ends allow; one that would touch another is left out."""
    line = ""
    for place, mark in marks:
        start = min(max(round(place * width - len(mark) / 2), 0), width - len(mark))
        if not line or start > len(line):
            line = line.ljust(start) + mark
    return line


def plain(text: str) -> str:
    """Return a text whose bars are of ASCII characters."""
    return text.translate(PLAIN_HEIGHTS)
