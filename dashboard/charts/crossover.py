"""Cost along an axis with its flips, and the map of two axes."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any

import altair as alt

from advisor.domain.crossover import Scope
from advisor.report.crossover_bands import areas
from advisor.report.figures import number
from dashboard.charts.marks import Layered, color, dash, ink, table, upright

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from advisor.domain.crossover import Axis, Cell, CostPoint, Crossover, CrossoverMap, ScopeLine

HEIGHT_PX, MAP_PX = 420, 460
PALE = 0.3
"""Opacity of a point that is too close to call."""

BAND_OPACITY = 0.16


def cost_curve(answer: Crossover) -> Layered | None:
    """Return the cost of each contender along the axis, flips and the asked value marked; None where nothing is drawn."""
    overall = overall_of(answer)
    if overall is None or not overall.costs:
        return None
    names = sorted({point.contender for point in overall.costs})
    rows = [
        {
            "value": point.value,
            "contender": point.contender,
            "usd": float(point.usd_per_hour),
            "plan": point.plan,
            "price": f"{point.provider}, {point.price_basis}, {point.as_of}",
        }
        for point in overall.costs
    ]
    base = alt.Chart(table(rows)).encode(
        x=_across(answer.axis),
        y=alt.Y("usd:Q", title="cheapest plan [USD per hour]", scale=alt.Scale(type="log", nice=False)),
        color=color("contender:N", names, words=2),
        strokeDash=dash("contender:N", names, words=2),
        tooltip=[
            alt.Tooltip("contender:N"),
            alt.Tooltip("value:Q", title=answer.axis.title, format=",.4~r"),
            alt.Tooltip("usd:Q", title="USD per hour", format=",.2f"),
            alt.Tooltip("plan:N"),
            alt.Tooltip("price:N", title="price of"),
        ],
    )
    layers = [
        *_flip_ranges(overall, answer.axis),
        *_bands(overall, answer.axis, names),
        base.mark_line(strokeWidth=2.5),
        base.mark_circle(size=30, opacity=0.8),
    ]
    return alt.layer(*layers, *_marked(overall, answer.axis)).properties(height=HEIGHT_PX, width="container")


def told(answer: Crossover) -> str:
    """Return what the curve shows, of what it does show."""
    overall = overall_of(answer)
    words = ["Lines: cheapest plan of each contender as it would be ordered, by formula, whole replicas."]
    if overall and overall.bands:
        words.append(
            "Bands in their color: what it takes in 90 % of draws of all speeds, once the true speed is known; a plan is ordered "
            "with a margin, so that its line may run above."
        )
        if any(band.usd_per_hour_p95 is None for band in overall.bands):
            words.append("Open upwards: in over 5 % of draws none of its cheapest layouts meets the objectives.")
    if overall and _flip_ranges(overall, answer.axis):
        words.append("Gray: where the flip lies in 90 % of the draws that have one.")
    return " ".join(words)


def cost_rows(answer: Crossover) -> list[dict[str, object]]:
    """Return the points of every curve that was asked for: those of all plans, which are drawn, and those on one GPU type."""
    return [
        {
            "axis": f"{answer.axis.title} [{answer.axis.unit}]",
            "among": line.name or "all plans",
            **point.model_dump(),
            **_ends(line, point),
        }
        for line in answer.scopes
        for point in line.costs
    ]


def _ends(line: ScopeLine, point: CostPoint) -> dict[str, object]:
    """Return the ends of the band at a point, empty where none was drawn there, or where it cannot be had in so many draws."""
    found = [band for band in line.bands if (band.value, band.contender) == (point.value, point.contender)]
    band = found[0].model_dump() if found else {}
    return {name: band.get(name) for name in ("usd_per_hour_p05", "usd_per_hour_p95")}


def overall_of(answer: Crossover) -> ScopeLine | None:
    """Return the line of an answer that is about all plans."""
    return next((line for line in answer.scopes if line.scope is Scope.OVERALL), None)


def _bands(overall: ScopeLine, axis: Axis, names: Sequence[str]) -> list[alt.Chart]:
    """Return what each contender costs in 90 % of draws, in its color."""
    rows = areas(overall)
    if not rows:
        return []
    drawn = alt.Chart(table(rows)).mark_area(opacity=BAND_OPACITY, line=False)
    shade = color("contender:N", names, words=2)
    return [drawn.encode(x=_across(axis), y="low:Q", y2="high:Q", color=shade, detail="part:N")]


def _flip_ranges(overall: ScopeLine, axis: Axis) -> list[alt.Chart]:
    rows = [
        {"from": max(flip.p05, axis.low), "to": min(flip.p95, axis.high)}
        for flip in overall.flips
        if flip.p05 is not None and flip.p95 is not None
    ]
    if not rows:
        return []
    band = alt.Chart(table(rows)).mark_rect(opacity=0.13, color=ink())
    return [band.encode(x=_across(axis, "from"), x2="to:Q")]


def _marked(overall: ScopeLine, axis: Axis) -> list[alt.Chart]:
    middle = sqrt(axis.low * axis.high)
    marks: list[alt.Chart] = []
    if axis.asked_value is not None and axis.low <= axis.asked_value <= axis.high:
        marks += upright(axis.asked_value, f"asked {number(axis.asked_value)}", of="value", middle=middle)
    for flip in overall.flips[:2]:
        words = f"flip {number(flip.value)}"
        marks += upright(flip.value, words, of="value", middle=middle, dashed=False, row=1)
    return marks


def _across(axis: Axis, field: str = "value") -> alt.X:
    scale = alt.Scale(type="log", domain=[axis.low, axis.high], nice=False)
    return alt.X(f"{field}:Q", title=f"{axis.title} [{axis.unit}]", scale=scale)


def cost_map(answer: CrossoverMap) -> Layered:
    """Return who is cheapest at each point, pale where another model is too close to call, the asked point marked."""
    names = sorted(answer.shares)
    x, y = _scaled(answer.across), _scaled(answer.up)
    squares = (
        alt.Chart(table(_rectangles(answer)))
        .mark_rect(clip=True)
        .encode(
            x=alt.X("left:Q", title=f"{answer.across.title} [{answer.across.unit}]", scale=x),
            x2="right:Q",
            y=alt.Y("bottom:Q", title=f"{answer.up.title} [{answer.up.unit}]", scale=y),
            y2="top:Q",
            color=color("contender:N", names, symbol="square"),
            opacity=alt.Opacity("sure:Q", scale=alt.Scale(domain=[0, 1], range=[PALE, 1.0]), legend=None),
            tooltip=[
                alt.Tooltip("contender:N", title="cheapest"),
                alt.Tooltip("verdict:N"),
                alt.Tooltip("usd:Q", title="USD per hour (interpolated)", format=",.2f"),
                alt.Tooltip("other_usd:Q", title="cheapest other model (interpolated)", format=",.2f"),
                alt.Tooltip("across:Q", title=answer.across.title, format=",.4~r"),
                alt.Tooltip("up:Q", title=answer.up.title, format=",.4~r"),
            ],
        )
    )
    return alt.layer(squares, *_letters(answer, names), *_asked_point(answer)).properties(
        height=MAP_PX, width="container"
    )


def map_rows(answer: CrossoverMap) -> list[dict[str, object]]:
    """Return the points of a map, those included at which nothing meets the objectives."""
    return [
        {
            f"{answer.across.title} [{answer.across.unit}]": answer.across_values[cell.column],
            f"{answer.up.title} [{answer.up.unit}]": answer.up_values[cell.row],
            "cheapest": cell.leader,
            "usd_per_hour": cell.usd_per_hour,
            "other_usd_per_hour": cell.other_usd_per_hour,
            "verdict": _verdict(cell),
        }
        for cell in answer.cells
    ]


def _verdict(cell: Cell) -> str:
    if cell.leader is None:
        return "nothing meets the objectives"
    return "too close to call" if cell.too_close else "clear by formula"


def _scaled(axis: Axis) -> alt.Scale:
    return alt.Scale(type="log", domain=[axis.low, axis.high], nice=False)


def _letters(answer: CrossoverMap, names: Sequence[str]) -> list[alt.Chart]:
    """Return one word in the middle of each contender's part, so that color is not all there is."""
    rows = []
    for name in names:
        own = [cell for cell in answer.cells if cell.leader == name]
        cell = sorted(own, key=lambda c: (c.column, c.row))[len(own) // 2]
        rows.append({"x": answer.across_values[cell.column], "y": answer.up_values[cell.row], "name": name})
    text = alt.Chart(table(rows)).mark_text(
        fontSize=12, fontWeight="bold", stroke="white", strokeWidth=3, strokeOpacity=0.7
    )
    plain = alt.Chart(table(rows)).mark_text(fontSize=12, fontWeight="bold", color="black")
    at: dict[str, Any] = {
        "x": alt.X("x:Q", scale=_scaled(answer.across)),
        "y": alt.Y("y:Q", scale=_scaled(answer.up)),
        "text": "name:N",
    }
    return [text.encode(**at), plain.encode(**at)]


def _asked_point(answer: CrossoverMap) -> list[alt.Chart]:
    if answer.asked_leader is None:
        return []
    row = {"x": answer.across.asked_value, "y": answer.up.asked_value, "what": "as asked"}
    point = alt.Chart(table([row])).encode(
        x=alt.X("x:Q", scale=_scaled(answer.across)), y=alt.Y("y:Q", scale=_scaled(answer.up)), tooltip="what:N"
    )
    marks = (("white", 260), ("black", 90))
    return [point.mark_point(shape="cross", angle=45, size=s, filled=True, color=c, opacity=1) for c, s in marks]


def _rectangles(answer: CrossoverMap) -> list[dict[str, Any]]:
    columns, rows = _edges(answer.across_values), _edges(answer.up_values)
    return [
        {
            "left": columns[cell.column],
            "right": columns[cell.column + 1],
            "bottom": rows[cell.row],
            "top": rows[cell.row + 1],
            "across": answer.across_values[cell.column],
            "up": answer.up_values[cell.row],
            "contender": cell.leader,
            "usd": _dollars(cell.usd_per_hour),
            "other_usd": _dollars(cell.other_usd_per_hour),
            "verdict": _verdict(cell),
            "sure": 0 if cell.too_close else 1,
        }
        for cell in answer.cells
        if cell.leader is not None
    ]


def _dollars(usd: Decimal | None) -> float | None:
    return None if usd is None else float(usd)


def _edges(values: Sequence[float]) -> list[float]:
    return [values[0], *(sqrt(low * high) for low, high in pairwise(values)), values[-1]]
