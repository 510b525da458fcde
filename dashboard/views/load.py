"""The chosen plan under load over time: does it keep its objectives, how full is it, and what a fleet by the hour saves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from advisor.domain.simulation import LEAST_REQUESTS, MOST_REPLICAS, Met
from advisor.report import simulation as words
from advisor.report.figures import fine_share, milliseconds, money, number, seconds, share
from advisor.report.plans import layout
from dashboard import parts
from dashboard.answers import Failure, recommendation
from dashboard.charts import load as charts
from dashboard.choices import choices
from dashboard.load_answers import BURSTS, DAY, PLANNED, SOURCES, TRACE, Load, command, following, simulation
from dashboard.page_inputs import page_input
from dashboard.tables import plot, table
from dashboard.upload_inputs import page_upload

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.simulation import Kept, Simulation
    from dashboard.state import Asked
    from dashboard.uploads import Upload

MET_SIGNS = {Met.YES: "✓ kept", Met.NO: "✕ missed", Met.UNDECIDED: "? undecided"}


def page(asked: Asked) -> None:
    """Show the plan of a question under a load."""
    st.markdown("### The plan under load")
    with st.spinner("Working out the plan", show_time=True):
        answer = recommendation(asked)
    if isinstance(answer, Failure):
        parts.failed(answer)
        parts.command(asked)
        return
    load = _load(answer)
    if load.source == TRACE and load.trace is None:
        st.info("Upload a trace to replay it against the plan.", icon=":material/upload_file:")
    else:
        _simulated(asked, load, answer)
    if load.source == DAY or answer.question.daily:
        _by_the_hour(asked, load, answer)


def _load(answer: Recommendation) -> Load:
    """Take from the visitor what the plan is put under."""
    best = answer.decision.candidate
    source: str = st.segmented_control(  # type: ignore[assignment]  # one is always chosen
        "Requests arrive", SOURCES, key=page_input("load.arrivals", PLANNED, SOURCES), required=True
    )
    left, middle, right = st.columns(3)
    replicas = left.number_input(
        "Replicas",
        min_value=1,
        max_value=MOST_REPLICAS,
        key=page_input("load.replicas", best.replicas, within=(1, MOST_REPLICAS)),
        help=f"The plan has {best.replicas}: {layout(best)}.",
    )
    qps = middle.number_input(
        "Requests per second",
        min_value=0.001,
        value=None,
        key=page_input("load.qps", None, within=(0.001, 1e9)),
        placeholder="as planned",
        format="%g",
        help="Another rate than the plan is made for; the mean over all hours of a day or week.",
    )
    requests = right.number_input(
        "Requests to simulate",
        min_value=LEAST_REQUESTS,
        value=None,
        step=1000,
        key=page_input("load.requests", None, within=(LEAST_REQUESTS, 5e6)),
        placeholder="as suits the load",
        help="More take longer and make the intervals narrower. A trace is replayed once.",
    )
    load = Load(
        source=source,
        replicas=None if replicas == best.replicas else int(replicas),
        qps=qps,
        requests=None if requests is None or source == TRACE else int(requests),
    )
    return _of_source(load, answer)


def _of_source(load: Load, answer: Recommendation) -> Load:
    """Take what only this source of arrivals needs."""
    if load.source == BURSTS:
        key = page_input("load.burstiness", 4.0, within=(0.0, 1000.0))
        tip = "Squared variation of the times between arrivals: 1 is random, 4 bursts."
        return replace(
            load, burstiness=st.number_input("Burstiness (CV²)", 0.0, 1000.0, key=key, format="%g", help=tip)
        )
    if load.source == DAY:
        names = choices()["daily"]
        usual = answer.question.daily.name if answer.question.daily else names[0]
        usual = usual if usual in names else names[0]
        return replace(load, daily=st.selectbox("Daily profile", names, key=page_input("load.daily", usual, names)))
    return replace(load, trace=_trace()) if load.source == TRACE else load


def _trace() -> Upload | None:
    label = "A trace: CSV with t_s, input_tokens and output_tokens per request"
    return page_upload("load.trace", label, kind="trace", tip="Its times are stretched to the rate of the plan.")


def _simulated(asked: Asked, load: Load, answer: Recommendation) -> None:
    with st.spinner("Simulating request by request; a week of a busy fleet takes up to a minute", show_time=True):
        found = simulation(asked, load, answer)
    if isinstance(found, Failure):
        parts.failed(found)
    else:
        _verdict(found)
        _over_time(found)
        _latencies(found)
        parts.warnings(found.warnings)
        parts.sources(found.sources)
    st.subheader("On the command line")
    st.code(command(asked, load), language="bash", wrap_lines=True)
    if not isinstance(found, Failure):
        parts.downloads(found, name="simulation")


def _verdict(found: Simulation) -> None:
    st.markdown(f"#### {parts.escaped(words.headline(found))}")
    told = f"{found.requests:,} requests of {found.workload}, {words.arrivals(found)}; {words.simulated(found)}."
    st.caption(parts.escaped(told))
    busiest = found.hours
    figures = (
        *(
            (f"{parts.escaped(line.objective)} {MET_SIGNS[line.met]}", words.within(line.share), _interval(line))
            for line in found.attainment
        ),
        (
            "Utilization",
            share(busiest.utilization if busiest else found.utilization),
            f"{'Busiest hour: r' if busiest else 'R'}ate over that of saturation, {number(found.saturation_qps)} requests/s",
        ),
        (
            "Slots in use",
            f"{number(found.slots_used.mean)} of {found.slots:,}",
            f"On average; {found.slots_used.peak:,} at most",
        ),
        (
            "Waiting",
            f"{number(found.waiting.mean)}",
            f"Requests without a slot, on average; {found.waiting.peak:,} at most",
        ),
    )
    with st.container(horizontal=True):
        for label, value, tip in figures:
            st.metric(label, value, help=parts.escaped(tip), border=True)
    table([_kept_row(line) for line in found.attainment], name="objectives-kept")
    parts.basis_chip(found.speed_basis)


def _interval(line: Kept) -> str:
    return f"Share of requests; long-run between {words.within(line.low)} and {words.within(line.high)} with 99 % confidence"


def _kept_row(line: Kept) -> dict[str, object]:
    return {
        "objective": line.objective,
        "asked": "mean" if line.target is None else fine_share(line.target),
        "within": words.within(line.share),
        "99 % interval": f"{words.within(line.low)} to {words.within(line.high)}",
        "kept": MET_SIGNS[line.met],
    }


def _over_time(found: Simulation) -> None:
    st.subheader("Over time")
    for name, (drawn, fields) in charts.PLOTS.items():
        plot(drawn(found), partial(charts.rows, found, fields), name=name)
    if found.hours:
        st.caption(f"Each hour of {parts.escaped(found.hours.profile)} is simulated as {seconds(found.hours.hour_s)}.")


def _latencies(found: Simulation) -> None:
    st.subheader(f"Latency, {words.simulated(found)}")
    latency = found.latency
    named = (("ttft", latency.ttft_ms), ("tpot", latency.tpot_ms), ("ntpot", latency.ntpot_ms), ("e2e", latency.e2e_ms))
    rows = [
        {"latency": name, **{key: milliseconds(value) for key, value in figures.model_dump().items()}}
        for name, figures in named
        if figures
    ]
    table(rows, name="latency-percentiles")


def _by_the_hour(asked: Asked, load: Load, answer: Recommendation) -> None:
    """Show a fleet that follows the hours beside the static one for the busiest: what `recommend --daily-profile` plans."""
    st.subheader("A fleet that follows the hours")
    hourly = following(asked, load.daily) if load.source == DAY else asked
    with st.spinner("Sizing each hour", show_time=True):
        found = answer if hourly is asked else recommendation(hourly)
    if isinstance(found, Failure):
        parts.failed(found)
        return
    best = found.decision.candidate
    if best.schedule is None:
        st.info("This question has no daily profile.", icon=":material/info:")
        return
    _schedule(best)
    parts.command(hourly)


def _schedule(best: Candidate) -> None:
    schedule = best.schedule
    if schedule is None:
        return
    st.caption(
        parts.escaped(
            f"{best.contender} {best.precision} on {best.gpu}, {best.offer.price_basis} at {best.offer.provider}, price of "
            f"{best.offer.as_of}; sized for {number(schedule.peak_qps)} requests/s in the busiest hour. A replica starts "
            f"{seconds(schedule.startup_s)} ahead and is paid from then on."
        )
    )
    switched_usd = schedule.scheduled_usd_per_month
    figures = (
        ("Static, per month", money(schedule.static_usd_per_month), f"{layout(best)} all the time"),
        (
            "By the hour, per month",
            "not possible" if switched_usd is None else money(switched_usd),
            "Whole shapes, paid while they run"
            if switched_usd
            else f"{best.offer.price_basis} costs the same when idle",
        ),
        ("Saved", "-" if schedule.saving_share is None else share(schedule.saving_share), "Of the static price"),
    )
    with st.container(horizontal=True):
        for label, value, tip in figures:
            st.metric(label, value, help=parts.escaped(tip), border=True)
    rows = charts.schedule_rows(schedule, static=best.replicas)
    plot(charts.schedule(schedule, static=best.replicas), rows, name="fleet-by-the-hour")
