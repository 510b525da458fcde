"""A plan under load over time: what arrives, what is held, how long it takes; and a fleet that follows the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from advisor.domain.slo import Metric
from advisor.report.figures import number, seconds
from dashboard.charts import marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from advisor.domain.assurance import Schedule
    from advisor.domain.simulation import Moment, Simulation

HEIGHT_PX = 240
DAY_HOURS = 24
FOLLOWING, STATIC = "follows the hours", "static, for the busiest hour"
NEAR = 0.5
"""A line that is not an objective is drawn where the figures come this close to it: farther off it would flatten them."""


def arrivals(answer: Simulation) -> marks.Layered:
    """Return the rate of arrivals over time, beside saturation where it comes near."""
    rates = {"arrivals": [moment.arrival_rps for moment in answer.timeline]}
    limits = [(answer.saturation_qps, f"saturation, {number(answer.saturation_qps)} requests/s")]
    return _panel(answer, rates, "arrivals [requests/s]", _near(limits, rates))


def held(answer: Simulation) -> marks.Layered:
    """Return the slots in use and the queue over time."""
    named = {
        "slots in use, mean": [moment.in_service for moment in answer.timeline],
        "waiting, most": [float(moment.waiting_most) for moment in answer.timeline],
    }
    return _panel(answer, named, "requests", _near([(float(answer.slots), f"{answer.slots:,} slots")], named))


def latency(answer: Simulation) -> marks.Layered:
    """Return percentiles of end-to-end time over time, by arrival, beside what is asked."""
    named = {
        "p50": [moment.e2e_p50_s for moment in answer.timeline],
        "p95": [moment.e2e_p95_s for moment in answer.timeline],
        "p99": [moment.e2e_p99_s for moment in answer.timeline],
    }
    asked = [limit for limit in answer.slo if limit.metric is Metric.E2E]
    limits = [
        (limit.limit_s, f"limit of {limit.metric} {limit.statistic}: {seconds(limit.limit_s)}") for limit in asked
    ]
    return _panel(answer, named, "end-to-end time by arrival [s]", limits)


TIMES = ("start_s", "start_hours")
PLOTS: Mapping[str, tuple[Callable[[Simulation], marks.Layered], tuple[str, ...]]] = {
    "latency-over-time": (latency, ("e2e_p50_s", "e2e_p95_s", "e2e_p99_s")),
    "slots-and-queue-over-time": (held, ("in_service", "slots_used_share", "waiting_most")),
    "arrivals-over-time": (arrivals, ("arrival_rps",)),
}
"""What is drawn of a simulation, and the fields of its moments in each plot. A new plot is one entry."""


def rows(answer: Simulation, fields: Sequence[str]) -> list[dict[str, object]]:
    """Return some fields over time, one row per stretch of it."""
    return [{name: getattr(moment, name) for name in (*TIMES, *fields)} for moment in answer.timeline]


def _near(limits: Sequence[tuple[float, str]], named: Mapping[str, Sequence[float]]) -> list[tuple[float, str]]:
    highest = max(max(figures) for figures in named.values())
    return [(figure, words) for figure, words in limits if highest >= NEAR * figure]


def _panel(
    answer: Simulation,
    named: Mapping[str, Sequence[float | None]],
    title: str,
    limits: Sequence[tuple[float, str]],
) -> marks.Layered:
    drawn = (
        alt.Chart(marks.table(_steps(answer, named)))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=_time(answer),
            y=alt.Y("figure:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5)),
            color=marks.color("series:N", list(named), across=True),
            strokeDash=marks.dash("series:N", list(named), across=True),
            tooltip=[
                alt.Tooltip("series:N"),
                alt.Tooltip("time:Q", title=_unit(answer), format=",.4~r"),
                alt.Tooltip("figure:Q", title=title, format=",.4~r"),
            ],
        )
    )
    levels = [layer for figure, words in limits for layer in marks.level(figure, words, of="figure")]
    return alt.layer(drawn, *levels).properties(height=HEIGHT_PX)


def _steps(answer: Simulation, named: Mapping[str, Sequence[float | None]]) -> list[dict[str, object]]:
    """Return figures that hold from one moment to the next; the last one holds to the end."""
    end = float(answer.hours.hours) if answer.hours else answer.simulated_s
    times = [_place(moment) for moment in answer.timeline]
    return [
        {"series": name, "time": time, "figure": figure}
        for name, figures in named.items()
        for time, figure in [*zip(times, figures, strict=True), (end, figures[-1])]
    ]


def _place(moment: Moment) -> float:
    return moment.start_s if moment.start_hours is None else moment.start_hours


def _unit(answer: Simulation) -> str:
    return "time [s]" if answer.hours is None else "hour of the profile"


def _time(answer: Simulation) -> alt.X:
    if answer.hours is None:
        domain, axis = [0.0, answer.simulated_s], alt.Axis(tickCount=8, grid=False)
    else:
        domain, axis = [0.0, float(answer.hours.hours)], _clock(answer.hours.hours)
    return alt.X("time:Q", title=_unit(answer), scale=alt.Scale(domain=domain, nice=False), axis=axis)


def _clock(hours: int) -> alt.Axis:
    step = DAY_HOURS if hours > DAY_HOURS else DAY_HOURS // 8
    return alt.Axis(values=list(range(0, hours + 1, step)), grid=False)


def schedule_rows(schedule: Schedule, *, static: int) -> list[dict[str, object]]:
    """Return the replicas of each hour, of the fleet that follows the hours and of the static one."""
    named = {FOLLOWING: schedule.replicas_by_hour, STATIC: [static] * len(schedule.replicas_by_hour)}
    return [
        {"fleet": name, "hour": hour, "replicas": replicas}
        for name, by_hour in named.items()
        for hour, replicas in enumerate([*by_hour, by_hour[-1]])
    ]


def schedule(schedule: Schedule, *, static: int) -> alt.Chart:
    """Return the replicas of both fleets over the hours."""
    hours, names = len(schedule.replicas_by_hour), [FOLLOWING, STATIC]
    drawn: alt.Chart = (
        alt.Chart(marks.table(schedule_rows(schedule, static=static)))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("hour:Q", title="hour of the profile", scale=alt.Scale(domain=[0, hours]), axis=_clock(hours)),
            y=alt.Y("replicas:Q", title="replicas", axis=alt.Axis(tickMinStep=1, tickCount=5)),
            color=marks.color("fleet:N", names, across=True),
            strokeDash=marks.dash("fleet:N", names, across=True),
            tooltip=["fleet:N", "hour:Q", "replicas:Q"],
        )
        .properties(height=HEIGHT_PX)
    )
    return drawn
