"""A sensitivity as a tornado: how much dearer the best other model is at both ends of each input.

Needs the extra `plot`. Pictures are drawn by the libraries themselves, without a browser and without a network.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import altair as alt

from advisor.report.figures import number
from advisor.report.plot import written
from advisor.report.recommendation import asked

if TYPE_CHECKING:
    from advisor.domain.levers import EndLine, Lever
    from advisor.domain.sensitivity import Sensitivity

WIDTH_PX, ROW_PX = 520, 30
TITLE_LETTERS = 110
BLUE, ORANGE, RED, GRAY = "#2f6fb2", "#e08a1e", "#c0392b", "#777777"
MOST_RATIO = 8.0
"""Ratio that stands for a model that cannot do it."""


def plotted(answer: Sensitivity, *, suffix: str) -> bytes:
    """Return a tornado as the content of a png, svg or html file."""
    return written(chart(answer), suffix=suffix)


def chart(answer: Sensitivity) -> alt.LayerChart:
    """Return the tornado: a bar per input from the cost ratio as asked to that at each end, nearest flip on top."""
    subtitle = [asked(answer.question), "costs by formula, one input at a time; dashed: as asked"]
    title = alt.TitleParams(wrap(answer.summary, TITLE_LETTERS), subtitle=subtitle, anchor="start", offset=12)
    drawn: alt.LayerChart = (
        alt.layer(*_layers(answer))
        .properties(width=WIDTH_PX, height=ROW_PX * len(answer.levers), title=title, padding=12)
        .configure_view(stroke="#cccccc")
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#eeeeee")
        .configure_legend(labelFontSize=12, title=None, orient="top")
        .configure_title(fontSize=14, subtitleFontSize=12, subtitleColor="#444444")
    )
    return drawn


def _layers(answer: Sensitivity) -> list[alt.Chart]:
    base = _as_asked(answer)
    rows = [row for lever in answer.levers for row in _rows(lever, answer.winner, base)]
    scale = alt.Scale(type="log", domain=[1.0 / MOST_RATIO, MOST_RATIO], nice=False, clamp=True)
    place = alt.X(
        "ratio:Q", title="cost per hour of the best other model over the chosen one; left of 1 it flips", scale=scale
    )
    line = alt.Y("input:N", sort=[lever.title for lever in answer.levers], title=None, axis=alt.Axis(labelLimit=330))
    ends = alt.Color("end:N", scale=alt.Scale(domain=["low end", "high end"], range=[BLUE, ORANGE]))
    tooltip = ["input:N", "end:N", "value:N", "ratio:Q"]
    bars = alt.Chart({"values": rows}).encode(y=line, x=place, x2="base:Q", color=ends, tooltip=tooltip)
    words = alt.Chart({"values": [row for row in rows if row["flip"]]})
    return [
        bars.mark_bar(height=15, opacity=0.8),
        alt.Chart({"values": [{"ratio": 1.0}]}).mark_rule(color=RED).encode(x=place),
        alt.Chart({"values": [{"ratio": base}]}).mark_rule(color=GRAY, strokeDash=[5, 4]).encode(x=place),
        words.mark_text(align="left", dx=6, fontSize=11, color=RED).encode(
            y=line, x=alt.value(WIDTH_PX), text="flip:N"
        ),
    ]


def _as_asked(answer: Sensitivity) -> float:
    if answer.rival_usd_per_hour is None:
        return MOST_RATIO
    return float(answer.rival_usd_per_hour / answer.usd_per_hour)


def _rows(lever: Lever, winner: str, base: float) -> list[dict[str, Any]]:
    flip = "" if lever.flip_value is None else f"flips at {number(lever.flip_value)} {lever.unit}"
    return [
        {
            "input": lever.title,
            "end": name,
            "value": f"{number(end.value)} {lever.unit}",
            "ratio": _ratio(end, winner),
            "base": base,
            "flip": flip if name == "low end" else "",
        }
        for name, end in (("low end", lever.low), ("high end", lever.high))
    ]


def _ratio(end: EndLine, winner: str) -> float:
    """Return the cost of the cheapest other model over that of the chosen one; the ends of the scale where one cannot do it."""
    costs = {cost.model: float(cost.usd_per_hour) for cost in end.costs if cost.usd_per_hour is not None}
    own = costs.pop(winner, None)
    if own is None:
        return 1.0 / MOST_RATIO if costs else 1.0
    return min(costs.values()) / own if costs else MOST_RATIO
