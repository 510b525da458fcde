"""Charts of a document as pictures in the page: figures as bars, with their words beside them.

Colors come from the style of the page by its classes, so that a picture is light or dark as the page is. Readers that give
the style of a page to no picture in it, as those that write PDF do, take the attributes: black on white.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from advisor.report.spans import top_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.report.document import Chart, Series, Span, Spans

WIDTH_PX = 860
LABEL_PX = 345
WORDS_PX = 115
LETTER_PX = 8
LINE_PX = 26
BAR_PX = 14
COLUMNS_PX = 60
NARROWEST_PX = 100
LABEL_LETTERS = 46
"""Letters of a label that fit beside the bars; the rest is in its title."""

_TEXT = 'font-family="DejaVu Sans, sans-serif" font-size="12"'
_BAR = {"bar": 'fill="#b9c6cf"', "bar chosen": 'fill="#005a8e"'}
_WHISKER = 'stroke="#000000" stroke-width="1.5" fill="none"'


def spans_svg(block: Spans) -> str:
    """Return spans as horizontal bars; a whisker holds the range of a figure."""
    top, height = top_of(block), LINE_PX * len(block.spans) + LINE_PX
    words_px = max([WORDS_PX, *(LETTER_PX * len(span.words) for span in block.spans)])
    scale = max(WIDTH_PX - LABEL_PX - words_px, NARROWEST_PX) / top
    body = [part for place, span in enumerate(block.spans) for part in _span(span, place, scale)]
    return "\n".join(
        [f"<figure><figcaption>{escape(block.title)}</figcaption>", *_picture(height, block.title, body), "</figure>"]
    )


def _picture(height_px: int, title: str, body: list[str]) -> list[str]:
    size = f'viewBox="0 0 {WIDTH_PX} {height_px}"'
    name = escape(title)
    return [f'<svg {size} role="img" aria-label="{name}" {_TEXT}><title>{name}</title>', *body, "</svg>"]


def _span(span: Span, place: int, scale: float) -> Iterator[str]:
    y, middle = place * LINE_PX + LINE_PX // 2, place * LINE_PX + LINE_PX // 2 + BAR_PX // 2
    weight = ' class="chosen" font-weight="700"' if span.chosen else ""
    yield f'<text x="{LABEL_PX - 8}" y="{middle + 4}" text-anchor="end"{weight}><title>{escape(span.label)}</title>{_short(span)}</text>'
    length = max(span.value * scale, 1.0)
    kind = "bar chosen" if span.chosen else "bar"
    yield f'<rect class="{kind}" {_BAR[kind]} x="{LABEL_PX}" y="{y}" width="{length:.1f}" height="{BAR_PX}"/>'
    end = LABEL_PX + length
    if span.low is not None and span.high is not None and span.high > span.low:
        low, end_of_range = (LABEL_PX + edge * scale for edge in (span.low, span.high))
        end = max(end, end_of_range)
        yield f'<path class="whisker" {_WHISKER} d="M{low:.1f} {middle}H{end_of_range:.1f}M{low:.1f} {middle - 4}v8M{end_of_range:.1f} {middle - 4}v8"/>'
    yield f'<text x="{end + 8:.1f}" y="{middle + 4}"{weight}>{escape(span.words)}</text>'


def _short(span: Span) -> str:
    label = span.label
    return escape(label if len(label) <= LABEL_LETTERS else f"{label[: LABEL_LETTERS - 1]}…")


def chart_svg(chart: Chart) -> str:
    """Return series as columns at equal steps, one strip each, marks below the last."""
    body: list[str] = []
    for place, series in enumerate(chart.series):
        body += _columns(series, place * (COLUMNS_PX + LINE_PX))
    height = len(chart.series) * (COLUMNS_PX + LINE_PX) + LINE_PX
    body += [
        f'<text x="{where * WIDTH_PX:.1f}" y="{height - 8}" text-anchor="{_anchor(where)}">{escape(what)}</text>'
        for where, what in chart.marks
    ]
    title = "; ".join(series.label for series in chart.series)
    return "\n".join(["<figure>", *_picture(height, title, body), "</figure>"])


def _anchor(where: float) -> str:
    return "start" if where < 0.1 else "end" if where > 0.9 else "middle"


def _columns(series: Series, offset_px: int) -> Iterator[str]:
    yield f'<text x="0" y="{offset_px + 14}">{escape(f"{series.label}, {series.top}")}</text>'
    top = series.full or max((value for value in series.values if value is not None), default=0.0) or 1.0
    width = WIDTH_PX / max(len(series.values), 1)
    bottom = offset_px + LINE_PX + COLUMNS_PX - 6
    for place, value in enumerate(series.values):
        if value:
            height = min(value / top, 1.0) * (COLUMNS_PX - 6)
            yield f'<rect class="bar" {_BAR["bar"]} x="{place * width:.2f}" y="{bottom - height:.1f}" width="{width * 0.9:.2f}" height="{height:.1f}"/>'
