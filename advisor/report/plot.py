"""A simulation drawn over time: what arrives, what is in service and waits, and how long requests take.

Needs the extra `plot`. Pictures are drawn by the libraries themselves, without a browser and without a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from advisor.domain.slo import Metric
from advisor.report.figures import number, seconds, share
from advisor.report.simulation import arrivals, headline, simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from advisor.domain.simulation import Moment, Simulation

Panel = alt.LayerChart | alt.FacetChart

WIDTH_PX = 780
HEIGHT_PX = 150
WORDS_PX = 180
DOTS_PER_PIXEL = 2.0
"""A PNG is twice as fine as it is shown, for sharp letters."""

BLUE, ORANGE, RED, GRAY = "#2f6fb2", "#e08a1e", "#c0392b", "#777777"
DAY_HOURS = 24
NEAR = 0.5
"""A line that is not an objective is drawn where the figures come this close to it: farther off it would flatten them."""


def plotted(answer: Simulation, *, suffix: str) -> bytes:
    """Return a simulation as the content of a png, svg or html file."""
    return written(chart(answer), suffix=suffix)


def written(drawn: alt.TopLevelMixin, *, suffix: str) -> bytes:
    """Return a chart as the content of a png, svg or html file."""
    return _WRITERS[suffix](drawn.to_dict())


def chart(answer: Simulation) -> alt.VConcatChart:
    """Return the chart of a simulation."""
    title = alt.TitleParams(headline(answer), subtitle=_subtitle(answer), anchor="start", offset=14)
    drawn: alt.VConcatChart = (
        alt.vconcat(_offered(answer), _held(answer), _latency(answer), spacing=16)
        .resolve_scale(color="independent")
        .properties(title=title, padding=12)
        .configure_view(stroke="#cccccc")
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#eeeeee")
        .configure_legend(labelFontSize=12, title=None, orient="top", offset=2)
        .configure_title(fontSize=15, subtitleFontSize=12, subtitlePadding=5, subtitleColor="#444444")
    )
    return drawn


def _subtitle(answer: Simulation) -> list[str]:
    load = f"{answer.routing} routing, {share(answer.utilization)} of saturation, seed {answer.seed}"
    return [
        f"{answer.requests:,} requests of {answer.workload} {arrivals(answer)}",
        f"{load}; latencies are {simulated(answer)}",
    ]


def _offered(answer: Simulation) -> Panel:
    rates = [(moment, moment.arrival_rps) for moment in answer.timeline]
    stepped = _steps(answer, {"arrivals": rates})
    area = stepped.mark_area(
        interpolate="step-after", color=BLUE, opacity=0.3, line={"color": BLUE, "strokeWidth": 1.2}
    )
    drawn = area.encode(x=_time(answer), y=_figure("arrivals [requests/s]"), tooltip=_TOOLTIP)
    limits = [(answer.saturation_qps, f"saturation {number(answer.saturation_qps)}/s")]
    return _panel(drawn, _near(limits, max(rate for _, rate in rates)), color=GRAY)


def _held(answer: Simulation) -> Panel:
    named = {
        "slots in use, mean": [(moment, moment.in_service) for moment in answer.timeline],
        "waiting, most": [(moment, float(moment.waiting_most)) for moment in answer.timeline],
    }
    line = _steps(answer, named).mark_line(interpolate="step-after", strokeWidth=1.5)
    color = alt.Color("series:N", scale=alt.Scale(domain=list(named), range=[BLUE, ORANGE]))
    drawn = line.encode(x=_time(answer), y=_figure("requests"), color=color, tooltip=_TOOLTIP)
    limits = [(float(answer.slots), f"{answer.slots:,} slots")]
    return _panel(drawn, _near(limits, float(answer.slots_used.peak)), color=GRAY)


def _latency(answer: Simulation) -> Panel:
    known = {"e2e p95": [(moment, moment.e2e_p95_s) for moment in answer.timeline]}
    line = _steps(answer, known).mark_line(interpolate="step-after", color=BLUE, strokeWidth=1.5)
    drawn = line.encode(x=_time(answer, titled=True), y=_figure("e2e p95 by arrival [s]"), tooltip=_TOOLTIP)
    asked = [limit for limit in answer.slo if limit.metric is Metric.E2E]
    return _panel(
        drawn,
        [(limit.limit_s, f"limit of {limit.metric} {limit.statistic}: {seconds(limit.limit_s)}") for limit in asked],
        color=RED,
    )


def _panel(drawn: alt.Chart, limits: Sequence[tuple[float, str]], *, color: str) -> Panel:
    """Return figures with a line for each limit, and its words above it; those of the next one stand further left."""
    layers: list[alt.Chart] = [drawn]
    for i, (figure, words) in enumerate(limits):
        line = alt.Chart({"values": [{"figure": figure, "words": words}]}).encode(y="figure:Q")
        text = line.mark_text(align="right", baseline="bottom", dx=-4, dy=-2, fontSize=12, strokeJoin="round")
        text = text.encode(x=alt.value(WIDTH_PX - i * WORDS_PX), text="words:N")
        layers += [
            line.mark_rule(color=color, strokeDash=[5, 3]),
            text.encode(stroke=alt.value("white"), strokeWidth=alt.value(4), strokeOpacity=alt.value(0.85)),
            text.encode(color=alt.value(color)),
        ]
    return alt.layer(*layers).properties(width=WIDTH_PX, height=HEIGHT_PX)


def _near(limits: Sequence[tuple[float, str]], highest: float) -> list[tuple[float, str]]:
    return [(figure, words) for figure, words in limits if highest >= NEAR * figure]


def _steps(answer: Simulation, named: Mapping[str, Sequence[tuple[Moment, float | None]]]) -> alt.Chart:
    """Return a chart of figures that hold from one moment to the next; the last one holds to the end."""
    end = float(answer.hours.hours) if answer.hours else answer.simulated_s
    rows = [
        {"series": name, "time": time, "figure": figure}
        for name, figures in named.items()
        for time, figure in [*((_place(moment), figure) for moment, figure in figures), (end, figures[-1][1])]
    ]
    return alt.Chart({"values": rows})


def _place(moment: Moment) -> float:
    return moment.start_s if moment.start_hours is None else moment.start_hours


def _time(answer: Simulation, *, titled: bool = False) -> alt.X:
    if answer.hours is None:
        return alt.X(
            "time:Q",
            title="time [s]" if titled else None,
            scale=alt.Scale(domain=[0, answer.simulated_s], nice=False),
            axis=alt.Axis(tickCount=12),
        )
    hours = answer.hours.hours
    ticks = list(range(0, hours + 1, DAY_HOURS if hours > DAY_HOURS else DAY_HOURS // 8))
    title = f"hour of {answer.hours.profile} (simulated as {seconds(answer.hours.hour_s)} each)" if titled else None
    return alt.X("time:Q", title=title, scale=alt.Scale(domain=[0, hours], nice=False), axis=alt.Axis(values=ticks))


def _figure(title: str) -> alt.Y:
    return alt.Y("figure:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5, minExtent=46))


_TOOLTIP = [
    alt.Tooltip("series:N"),
    alt.Tooltip("time:Q", format=",.4~r"),
    alt.Tooltip("figure:Q", format=",.4~r"),
]


def _png(spec: dict[str, Any]) -> bytes:
    return vl_convert.vegalite_to_png(spec, scale=DOTS_PER_PIXEL)


def _svg(spec: dict[str, Any]) -> bytes:
    return vl_convert.vegalite_to_svg(spec).encode("utf-8")


def _html(spec: dict[str, Any]) -> bytes:
    """Return a page that holds all scripts it needs: it opens without a network."""
    return vl_convert.vegalite_to_html(spec, bundle=True).encode("utf-8")


_WRITERS: Mapping[str, Callable[[dict[str, Any]], bytes]] = {"png": _png, "svg": _svg, "html": _html}
