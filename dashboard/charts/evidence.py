"""Points against load with the modeled band, and one run close up: arrivals, distributions, engine and GPU over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from advisor.domain.observed import TITLES
from advisor.report.figures import number
from dashboard.charts import marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.observed import Figure, ModeledPoint, ObservedPoint
    from advisor.domain.run_look import SeriesPoint

PANEL_PX, DETAIL_PX, SERIES_PX, GANTT_ROW_PX = 300, 300, 200, 5

BASES = ("measured", "published", "modeled", "simulated")
_COLORS = ("#009E73", "#0072B2", "#E69F00", "#D55E00")
_SHAPES = ("circle", "diamond", "stroke", "cross")
"""The same place in all three belongs to the same basis, on every chart of this page."""

PHASES = ("warmup", "measured", "drain", "failed")
_PHASE_COLORS = ("#56B4E9", "#009E73", "#CC79A7", "#D55E00")
_PHASE_SHAPES = ("triangle-up", "circle", "square", "cross")

PARTS = ("waits to be sent", "to first text", "writes")
_PART_COLORS = ("#CC79A7", "#E69F00", "#0072B2")


def point_rows(points: Sequence[ObservedPoint], figure: Figure) -> list[dict[str, Any]]:
    """Return what is shown of observed points, one row each; the figure carries its unit in its name."""
    return [
        {
            "deployment": point.layout.label,
            "in flight": point.in_flight_mean,
            "load": "open loop, mean in flight" if point.open_loop else "closed loop",
            f"{figure}": point.value,
            "low": point.low,
            "high": point.high,
            "interval": _interval(point.low, point.high),
            "basis": _shouted(point.basis),
            "engine": point.engine,
            "date": point.date.isoformat(),
            "tokens in": round(point.input_tokens, 1),
            "tokens out": round(point.output_tokens, 1),
            "lengths": "like the question's" if point.alike else "others",
            "source": point.source,
            "address": point.source_url,
            "run": point.run_id,
            "notes": point.note,
        }
        for point in points
    ]


def modeled_rows(points: Sequence[ModeledPoint], *, label: str, engine: str, figure: Figure) -> list[dict[str, Any]]:
    """Return what is shown of a modeled curve; `basis` is that of each point, evidence included."""
    return [
        {
            "deployment": label,
            "in flight": point.in_flight,
            f"{figure}": point.value,
            "low": point.low,
            "high": point.high,
            "interval": _interval(point.low, point.high),
            "drawn": "modeled",
            "known as": _shouted(point.basis),
            "engine": engine,
        }
        for point in points
    ]


def _interval(low: float | None, high: float | None) -> str:
    return "not told" if low is None or high is None else f"{number(low)} to {number(high)}"


def _shouted(basis: str) -> str:
    return "SIMULATED" if basis == "simulated" else str(basis)


def _frame(rows: Sequence[dict[str, Any]]) -> Any:
    """Return rows as a table that goes to the browser in columns: altair looks at each value of plain rows, which takes long."""
    import pandas as pd  # noqa: PLC0415 - comes with Streamlit

    return pd.DataFrame(list(rows))


def against_load(
    observed: Sequence[dict[str, Any]], modeled: Sequence[dict[str, Any]], *, figure: Figure
) -> marks.Layered:
    """Return one deployment's figure against requests in flight: band and line modeled, points observed."""
    layers = [*_band(modeled, figure), *_points(observed, figure)]
    return alt.layer(*layers).properties(height=PANEL_PX)


def _scales(present: set[str]) -> dict[str, Any]:
    """Return color and shape by basis; the legend names what is there."""
    names = [_shouted(basis) for basis in BASES]
    legend = alt.Legend(orient="top", columns=2, title=None, values=[name for name in names if name in present])
    return {
        "color": alt.Color("basis:N", scale=alt.Scale(domain=names, range=list(_COLORS)), legend=legend),
        "shape": alt.Shape("basis:N", scale=alt.Scale(domain=names, range=list(_SHAPES)), legend=legend),
    }


def _x() -> alt.X:
    axis = alt.Axis(format=",.4~r", values=[2**power for power in range(14)], grid=False)
    return alt.X(
        "in flight:Q",
        title="requests in flight (log scale)",
        axis=axis,
        scale=alt.Scale(type="log", base=2, nice=False),
    )


def _y(figure: Figure, field: str = "") -> alt.Y:
    title, unit = TITLES[figure]
    return alt.Y(f"{field or figure}:Q", title=f"{title} [{unit}]", scale=alt.Scale(zero=True))


def _value_tip(figure: Figure) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{figure}:Q", title=f"{TITLES[figure][0]} [{TITLES[figure][1]}]", format=",.4~r"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("in flight:Q", title="requests in flight", format=",.4~r"),
    ]


def _band(rows: Sequence[dict[str, Any]], figure: Figure) -> list[alt.Chart]:
    if not rows:
        return []
    tips = [*_value_tip(figure), alt.Tooltip("known as:N", title="basis"), alt.Tooltip("engine:N")]
    color = _COLORS[BASES.index("modeled")]
    base = alt.Chart(_frame([{**row, "basis": "modeled"} for row in rows])).encode(x=_x(), tooltip=tips)
    line = base.mark_line(strokeDash=[6, 4], strokeWidth=2, color=color).encode(y=_y(figure))
    if all(row["low"] is None for row in rows):
        return [line]
    band = base.mark_area(opacity=0.22, color=color).encode(y=_y(figure, "low"), y2="high:Q")
    return [band, line]


def _points(rows: Sequence[dict[str, Any]], figure: Figure) -> list[alt.Chart]:
    """Return the layers of points: filled where lengths are like the question's, hollow where they are others."""
    layers: list[alt.Chart] = []
    scales = _scales({str(row["basis"]) for row in rows})
    told = [row for row in rows if row["low"] is not None]
    if told:
        interval = alt.Chart(_frame(told)).mark_rule(strokeWidth=1.5)
        layers.append(interval.encode(x=_x(), y=_y(figure, "low"), y2="high:Q", color=scales["color"]))
    tips = [*_value_tip(figure), *(f"{name}:N" for name in _POINT_TIPS)]
    for alike, filled in (("like the question's", True), ("others", False)):
        kept = [row for row in rows if row["lengths"] == alike]
        if kept:
            dots = alt.Chart(_frame(kept)).mark_point(filled=filled, size=70, strokeWidth=1.8, opacity=0.9)
            layers.append(dots.encode(x=_x(), y=_y(figure), tooltip=tips, **scales))
    return layers


_POINT_TIPS = (
    "load",
    "basis",
    "engine",
    "date",
    "tokens in",
    "tokens out",
    "lengths",
    "source",
    "address",
    "run",
    "notes",
)


def _phase(row: dict[str, Any]) -> str:
    return str(row["phase"]) if row["outcome"] == "completed" else "failed"


_REQUEST_TIPS = [
    alt.Tooltip("request:Q"),
    alt.Tooltip("part of run:N"),
    alt.Tooltip("outcome:N"),
    alt.Tooltip("intended_s:Q", title="due [s]", format=".3f"),
    alt.Tooltip("waited_ms:Q", title="sent late by [ms]", format=",.1f"),
    alt.Tooltip("ttft_ms:Q", title="TTFT [ms]", format=",.1f"),
    alt.Tooltip("e2e_s:Q", title="e2e [s]", format=",.3f"),
    alt.Tooltip("input_tokens:Q", title="tokens in"),
    alt.Tooltip("output_tokens:Q", title="tokens out"),
]


def by_arrival(rows: Sequence[dict[str, Any]], *, field: str, title: str) -> Any:
    """Return a latency of each request against when it was due; requests that failed lie on the axis."""
    data = [{**row, "part of run": _phase(row), "shown": row[field] if row[field] is not None else 0.0} for row in rows]
    legend = alt.Legend(orient="top", columns=4, title=None)
    return (
        alt.Chart(_frame(data))
        .mark_point(filled=True, size=36, opacity=0.7)
        .encode(
            x=alt.X("intended_s:Q", title="intended arrival [s on the clock of the run]"),
            y=alt.Y("shown:Q", title=title),
            color=alt.Color(
                "part of run:N", scale=alt.Scale(domain=list(PHASES), range=list(_PHASE_COLORS)), legend=legend
            ),
            shape=alt.Shape(
                "part of run:N", scale=alt.Scale(domain=list(PHASES), range=list(_PHASE_SHAPES)), legend=legend
            ),
            tooltip=_REQUEST_TIPS,
        )
        .properties(height=DETAIL_PX)
    )


def gantt(rows: Sequence[dict[str, Any]]) -> Any:
    """Return each request as a bar from when it was due to its last text, in parts."""
    bars = [bar for place, row in enumerate(rows) for bar in _bars(place, row)]
    legend = alt.Legend(orient="top", columns=3, title=None)
    height_px = max(len(rows) * GANTT_ROW_PX, DETAIL_PX)
    return (
        alt.Chart(_frame(bars))
        .mark_bar()
        .encode(
            x=alt.X("begins:Q", title="time [s on the clock of the run]"),
            x2="ends:Q",
            y=alt.Y("place:O", title="requests by intended arrival", axis=alt.Axis(labels=False, ticks=False)),
            color=alt.Color("part:N", scale=alt.Scale(domain=list(PARTS), range=list(_PART_COLORS)), legend=legend),
            tooltip=[alt.Tooltip("part:N"), *_REQUEST_TIPS],
        )
        .properties(height=height_px)
    )


def _bars(place: int, row: dict[str, Any]) -> list[dict[str, Any]]:
    first_s = row["first_s"] if row["first_s"] is not None else row["ended_s"]
    ends = (row["intended_s"], row["sent_s"], first_s, row["ended_s"])
    whole = {**row, "place": place, "part of run": _phase(row)}
    spans = zip(PARTS, ends, ends[1:], strict=False)
    return [{**whole, "part": part, "begins": begun, "ends": ended} for part, begun, ended in spans if ended > begun]


def measured(rows: Sequence[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    """Return the requests that a distribution of a latency is over."""
    return [row for row in rows if _phase(row) == "measured" and row[field] is not None]


def distribution(rows: Sequence[dict[str, Any]], *, field: str, title: str, at: dict[str, float]) -> marks.Layered:
    """Return the share of measured requests that were within a latency; `at` are statistics of the whole run to mark."""
    steps = (
        alt.Chart(_frame(measured(rows, field)))
        .transform_window(share="cume_dist()", sort=[alt.SortField(field)])
        .mark_line(interpolate="step-after", strokeWidth=2.2, color=marks.COLORS[0])
        .encode(
            x=alt.X(f"{field}:Q", title=title, scale=alt.Scale(zero=True)),
            y=alt.Y("share:Q", title="share of requests within", axis=alt.Axis(format="%")),
            tooltip=[alt.Tooltip(f"{field}:Q", title=title, format=",.4~r"), alt.Tooltip("share:Q", format=".1%")],
        )
    )
    middle = max(at.values(), default=0.0) / 2.0
    lines = [
        layer
        for place, (name, value) in enumerate(at.items())
        for layer in marks.upright(value, f"{name} {number(value)}", of=field, middle=middle, row=place)
    ]
    return alt.layer(steps, *lines).properties(height=DETAIL_PX)


def over_time(points: Sequence[SeriesPoint]) -> Any:
    """Return one series over the clock of the run; several names in it differ in color and dash."""
    names = list(dict.fromkeys(point.name for point in points))[: len(marks.COLORS)]
    data = [{"name": p.name, "at": p.at_s, "value": p.value} for p in points if p.name in names]
    top, unit = points[0].series, points[0].unit
    axis = alt.Axis(format="%") if unit == "share" else alt.Axis(format=",.4~r")
    return (
        alt.Chart(_frame(data))
        .mark_line(strokeWidth=2, interpolate="step-after", point={"size": 18, "filled": True})
        .encode(
            x=alt.X("at:Q", title="time [s on the clock of the run]"),
            y=alt.Y("value:Q", title=f"{top} [{unit}]", scale=alt.Scale(zero=True), axis=axis),
            color=marks.color("name:N", names),
            strokeDash=marks.dash("name:N", names),
            tooltip=[
                alt.Tooltip("name:N"),
                alt.Tooltip("at:Q", title="at [s]", format=".1f"),
                alt.Tooltip("value:Q", title=f"{top} [{unit}]", format=",.4~r"),
            ],
        )
        .properties(height=SERIES_PX)
    )
