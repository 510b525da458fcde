"""Flips along an axis and maps of two axes as pictures: what each contender costs, where leaders change, and how sure.

Needs the extra `plot`. Pictures are drawn by the libraries themselves, without a browser and without a network.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import altair as alt

from advisor.domain.crossover import Crossover, CrossoverMap, Scope
from advisor.report.crossover_bands import areas
from advisor.report.crossover_map import headline
from advisor.report.plot import Panel, written
from advisor.report.recommendation import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.crossover import Axis

WIDTH_PX, HEIGHT_PX, ROW_PX, MAP_PX = 680, 300, 22, 460
TITLE_LETTERS = 90
COLORS = ("#2f6fb2", "#e08a1e", "#3a9b5c", "#8e5bb5", "#c0392b", "#777777")
PALE = 0.35
"""Opacity of a point that is too close to call."""

GRAY = "#555555"


def plotted(answer: Crossover | CrossoverMap, *, suffix: str) -> bytes:
    """Return flips or a map as the content of a png, svg or html file."""
    drawn = _map(answer) if isinstance(answer, CrossoverMap) else _flips(answer)
    return written(drawn, suffix=suffix)


def _flips(answer: Crossover) -> alt.VConcatChart:
    panels = [panel for panel in (_costs(answer), _ranges(answer)) if panel is not None]
    subtitle = [
        asked(answer.question),
        "lines: cheapest plan as ordered, by formula; colored bands: what it takes in 90 % of draws once the speed is known;",
        "open upwards where the cheapest layouts fail in over 5 %; gray bands and lines: 90 % of draws with a flip; dashed: as asked",
    ]
    drawn: alt.VConcatChart = _framed(alt.vconcat(*panels, spacing=18), answer.summary, subtitle)
    return drawn


def _framed(drawn: Any, title: str, subtitle: Sequence[str]) -> Any:
    words = alt.TitleParams(wrap(title, TITLE_LETTERS), subtitle=list(subtitle), anchor="start", offset=12)
    return (
        drawn.properties(title=words, padding=12)
        .configure_view(stroke="#cccccc")
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#eeeeee")
        .configure_legend(labelFontSize=12, title=None, orient="top", labelLimit=260)
        .configure_title(fontSize=14, subtitleFontSize=12, subtitleColor="#444444")
    )


def _across(axis: Axis, field: str = "value") -> alt.X:
    scale = alt.Scale(type="log", domain=[axis.low, axis.high], nice=False)
    return alt.X(f"{field}:Q", title=f"{axis.title} [{axis.unit}]", scale=scale)


def _colors(names: Iterable[str]) -> alt.Color:
    ordered = sorted(names)
    return alt.Color("contender:N", scale=alt.Scale(domain=ordered, range=list(COLORS[: len(ordered)])))


def _costs(answer: Crossover) -> Panel | None:
    """Return the cost of each contender among all plans, with bands where its flips lie."""
    overall = next((line for line in answer.scopes if line.scope is Scope.OVERALL), None)
    if overall is None or not overall.costs:
        return None
    rows = [
        {"value": point.value, "contender": point.contender, "usd": float(point.usd_per_hour), "plan": point.plan}
        for point in overall.costs
    ]
    lines = alt.Chart({"values": rows}).encode(
        x=_across(answer.axis),
        y=alt.Y("usd:Q", title="cheapest plan [USD per hour]", scale=alt.Scale(type="log", nice=False)),
        color=_colors({point.contender for point in overall.costs}),
        tooltip=["contender:N", "value:Q", "usd:Q", "plan:N"],
    )
    ranges = [
        {"from": flip.p05, "to": flip.p95} for flip in overall.flips if flip.p05 is not None and flip.p95 is not None
    ]
    layers = [
        alt.Chart({"values": ranges})
        .mark_rect(opacity=0.12, color=GRAY)
        .encode(x=_across(answer.axis, "from"), x2="to:Q"),
        alt.Chart({"values": areas(overall)})
        .mark_area(opacity=0.16, line=False)
        .encode(x=_across(answer.axis), y="low:Q", y2="high:Q", color="contender:N", detail="part:N"),
        lines.mark_line(interpolate="linear", strokeWidth=2),
        lines.mark_point(filled=True, size=22),
        _rules([{"value": flip.value} for flip in overall.flips], answer.axis, dash=None),
        _rules(_as_asked(answer.axis), answer.axis, dash=[5, 4]),
    ]
    return alt.layer(*layers).properties(width=WIDTH_PX, height=HEIGHT_PX)


def _as_asked(axis: Axis) -> list[dict[str, float]]:
    inside = axis.asked_value is not None and axis.low <= axis.asked_value <= axis.high
    return [{"value": axis.asked_value}] if inside and axis.asked_value is not None else []


def _rules(rows: list[dict[str, float]], axis: Axis, *, dash: list[int] | None) -> alt.Chart:
    mark: dict[str, Any] = {"color": GRAY, "strokeWidth": 1.5, **({"strokeDash": dash} if dash else {})}
    drawn: alt.Chart = alt.Chart({"values": rows}).mark_rule(**mark).encode(x=_across(axis))
    return drawn


def _ranges(answer: Crossover) -> Panel | None:
    """Return a row for each part with a flip: where it lies, and where it may lie."""
    rows = [
        {
            "part": "all plans" if line.scope is Scope.OVERALL else line.name,
            "value": flip.value,
            "low": flip.low,
            "high": flip.high,
            "p05": flip.p05,
            "p95": flip.p95,
            "contender": flip.above,
            "below": flip.below,
        }
        for line in answer.scopes
        for flip in line.flips
    ]
    if not rows:
        return None
    parts = list(dict.fromkeys(str(row["part"]) for row in rows))
    base = alt.Chart({"values": rows}).encode(y=alt.Y("part:N", sort=parts, title=None, axis=alt.Axis(labelLimit=200)))
    names = {name for line in answer.scopes for flip in line.flips for name in (flip.below, flip.above)}
    names |= {point.contender for line in answer.scopes for point in line.costs}
    layers = [
        base.transform_filter("datum.p05 != null && datum.p95 != null")
        .mark_rule(color=GRAY)
        .encode(x=_across(answer.axis, "p05"), x2="p95:Q"),
        base.mark_bar(height=7, color="#bbbbbb").encode(x=_across(answer.axis, "low"), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            x=_across(answer.axis), color=_colors(names), tooltip=["part:N", "value:Q", "below:N", "contender:N"]
        ),
        _rules(_as_asked(answer.axis), answer.axis, dash=[5, 4]),
    ]
    title = alt.TitleParams("flips, colored by who is cheaper above", fontSize=12, fontWeight="normal", anchor="start")
    return alt.layer(*layers).properties(width=WIDTH_PX, height=ROW_PX * len(parts) + 8, title=title)


def _map(answer: CrossoverMap) -> Panel:
    rows = _rectangles(answer)
    up = alt.Scale(type="log", domain=[answer.up.low, answer.up.high], nice=False)
    across = alt.Scale(type="log", domain=[answer.across.low, answer.across.high], nice=False)
    squares = (
        alt.Chart({"values": rows})
        .mark_rect(clip=True)
        .encode(
            x=alt.X("left:Q", title=f"{answer.across.title} [{answer.across.unit}]", scale=across),
            x2="right:Q",
            y=alt.Y("bottom:Q", title=f"{answer.up.title} [{answer.up.unit}]", scale=up),
            y2="top:Q",
            color=_colors(list(answer.shares)),
            opacity=alt.Opacity("sure:Q", scale=alt.Scale(domain=[0, 1], range=[PALE, 1.0]), legend=None),
            tooltip=["contender:N", "left:Q", "bottom:Q"],
        )
    )
    point = alt.Chart({"values": _asked_point(answer)}).encode(x=alt.X("x:Q", scale=across), y=alt.Y("y:Q", scale=up))
    marks = [
        point.mark_point(shape="cross", size=190, filled=True, color="white", opacity=1, angle=45),
        point.mark_point(shape="cross", size=70, filled=True, color="black", opacity=1, angle=45),
    ]
    drawn = alt.layer(squares, *marks).properties(width=MAP_PX, height=MAP_PX)
    subtitle = [
        asked(answer.question),
        "costs by formula; pale: too close to call; white: nothing can do it; cross: as asked",
    ]
    framed: Panel = _framed(drawn, headline(answer), subtitle)
    return framed


def _asked_point(answer: CrossoverMap) -> list[dict[str, float | None]]:
    if answer.asked_leader is None:
        return []
    return [{"x": answer.across.asked_value, "y": answer.up.asked_value}]


def _rectangles(answer: CrossoverMap) -> list[dict[str, Any]]:
    """Return a rectangle for each point, up to the middle of the way to its neighbours."""
    columns, rows = _edges(answer.across_values), _edges(answer.up_values)
    return [
        {
            "left": columns[cell.column],
            "right": columns[cell.column + 1],
            "bottom": rows[cell.row],
            "top": rows[cell.row + 1],
            "contender": cell.leader,
            "sure": 0 if cell.too_close else 1,
        }
        for cell in answer.cells
        if cell.leader is not None
    ]


def _edges(values: Sequence[float]) -> list[float]:
    return [values[0], *(sqrt(low * high) for low, high in pairwise(values)), values[-1]]
