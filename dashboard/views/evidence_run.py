"""One run close up: what qualifies it, its requests, and what the engine and the GPUs did meanwhile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.figures import counted, milliseconds, number, seconds, share
from advisor.usecases.run_details import MOST_ROWS, request_rows, series_of
from dashboard import parts
from dashboard.charts import evidence as charts
from dashboard.page_inputs import page_input
from dashboard.tables import csv_download, plot, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.domain.run_figures import Percentiles, RunFigures
    from advisor.domain.run_listing import RunLine
    from advisor.domain.run_look import RunLook, SeriesPoint

MOST_BARS = 150
"""Requests up to which each gets a bar of its own."""

SHORT = 8
"""Characters of an identifier that are shown."""


def show(line: RunLine, look: RunLook) -> None:
    """Show one run, by its line of the listing and what was read of it."""
    _judged(line)
    _figures(look.run.figures)
    _requests(look)
    _machine(look)


def _judged(line: RunLine) -> None:
    """Say what the run is, whether it counts, and what qualifies it, in full."""
    with st.container(horizontal=True):
        parts.basis_chip(line.basis)
        st.badge(line.measured_at.strftime("%Y-%m-%d %H:%M UTC"), icon=":material/event:", color="gray")
        st.badge(
            "counts" if line.valid else "does not count",
            icon=":material/gavel:",
            color="green" if line.valid else "red",
        )
    if line.basis == "simulated":
        st.warning("SIMULATED: the demo engine made these figures. They are no evidence.", icon=":material/science:")
    for kind, told in (("does not count", line.reasons), ("flag", line.flags)):
        for sentence in told:
            code, _, words = sentence.partition(": ")
            st.markdown(f"- {kind}: **{parts.escaped(code)}** {parts.escaped(words)}")


def _figures(figures: RunFigures) -> None:
    canvas = figures.canvas
    told = [
        ("Output tok/s", number(figures.output_tok_s), _within(figures.throughput_half_width_share)),
        ("e2e p50", _of(figures.e2e_s, "p50", seconds), _within(figures.e2e_half_width_share)),
        ("TTFT p95", _of(figures.ttft_ms, "p95", milliseconds), "Intended arrival to first text"),
        ("Highest KV use", _or_dash(figures.kv_cache_usage_max_share, share), "By the engine's own metric"),
    ]
    if canvas:
        tip = f"Over {number(canvas.canvases)} canvases; {number(canvas.tokens_per_canvas)} tokens of each were used"
        told.append(("Steps per canvas", number(canvas.steps_per_canvas), tip))
    elif figures.accepted_tokens_per_step is not None:
        told.append(
            (
                "Tokens per step",
                number(figures.accepted_tokens_per_step),
                "Of verified drafts, by the engine's counters",
            )
        )
    for column, (label, value, tip) in zip(st.columns(len(told)), told, strict=True):
        column.metric(label, value, help=tip, border=True)


def _within(half_width_share: float | None) -> str:
    return "No interval is known" if half_width_share is None else f"95 % interval: ±{share(half_width_share)}"


def _of(latency: Percentiles | None, statistic: str, in_words: Callable[[float], str]) -> str:
    value = getattr(latency, statistic, None)
    return "-" if value is None else in_words(value)


def _or_dash(value: float | None, in_words: Callable[[float], str]) -> str:
    return "-" if value is None else in_words(value)


def _requests(look: RunLook) -> None:
    """Show the requests over time and their latencies, as many of them as were read."""
    if not look.timings:
        st.info("No single requests are stored of this run: imported results have none.", icon=":material/timeline:")
        return
    rows = request_rows(look.timings)
    st.caption(_told(look, len(rows)))
    views = ["By arrival", "Bars", "Distribution", "Rows"]
    view = st.segmented_control("Requests", views, key=page_input("evidence.view", views[0], views))
    _VIEWS[views.index(view) if view in views else 0](rows, look)


def _told(look: RunLook, read: int) -> str:
    counts = ", ".join(f"{c.requests:,} {c.phase}{' ' + c.failure if c.failure else ''}" for c in look.counts)
    cut = (
        f" One in {look.every} is shown, {read:,} in all, spread evenly (at most {MOST_ROWS:,} are read)."
        if look.every > 1
        else ""
    )
    return f"{counted(look.requests, 'request')} stored: {counts}.{cut}"


def _arrivals(rows: list[dict[str, object]], look: RunLook) -> None:
    for column, (field, title) in zip(st.columns(2), _LATENCIES, strict=True):
        with column:
            plot(charts.by_arrival(rows, field=field, title=title), rows, name=_named(f"{field}-by-arrival", look))


_LATENCIES = (("ttft_ms", "time to first token [ms]"), ("e2e_s", "end-to-end time [s]"))


def _bars(rows: list[dict[str, object]], look: RunLook) -> None:
    if len(rows) > MOST_BARS:
        st.caption(f"The first {MOST_BARS} of {len(rows):,} requests, by intended arrival.")
    kept = sorted(rows, key=lambda row: float(str(row["intended_s"])))[:MOST_BARS]
    plot(charts.gantt(kept), kept, name=_named("requests-as-bars", look))


def _distribution(rows: list[dict[str, object]], look: RunLook) -> None:
    figures = look.run.figures
    for column, (field, title), found in zip(st.columns(2), _LATENCIES, (figures.ttft_ms, figures.e2e_s), strict=True):
        at = {name: value for name in ("p50", "p95", "p99") if (value := getattr(found, name, None)) is not None}
        chart = charts.distribution(rows, field=field, title=title, at=at)
        with column:
            plot(chart, partial(charts.measured, rows, field), name=_named(f"{field}-distribution", look))
    st.caption("Successful requests of the measured phase; the marked percentiles are those of the whole run.")


def _rows(rows: list[dict[str, object]], look: RunLook) -> None:
    table(rows, name=_named("requests", look))


def _named(what: str, look: RunLook) -> str:
    return f"{what}-of-run-{look.run.id[:SHORT]}"


_VIEWS = (_arrivals, _bars, _distribution, _rows)


def _machine(look: RunLook) -> None:
    """Show what engine and GPUs told while the run went on, and what served it."""
    by_series: dict[str, list[SeriesPoint]] = {}
    for point in series_of(look.samples):
        by_series.setdefault(point.series, []).append(point)
    if not by_series:
        st.caption("No readings of the engine or of a GPU are stored of this run.")
        return
    st.markdown("**Engine and GPU meanwhile**")
    listed = list(by_series.values())
    for row in range(0, len(listed), 2):
        for column, points in zip(st.columns(2), listed[row : row + 2], strict=False):
            with column:
                plot(charts.over_time(points), _readings(points), name=_named(points[0].series, look))
    if "GPU power" not in by_series:
        st.caption("Power was not read: the driver's library saw no GPU.")
    if look.thinned > 1:
        st.caption(f"One reading in {look.thinned} is shown, spread evenly over the run.")
    every = [row for points in listed for row in _readings(points)]
    csv_download(every, name=_named("readings", look), label="CSV of all readings")
    _server(look)


def _readings(points: Sequence[SeriesPoint]) -> list[dict[str, object]]:
    return [{"series": p.series, "unit": p.unit, "name": p.name, "at_s": p.at_s, "value": p.value} for p in points]


def _server(look: RunLook) -> None:
    server = look.server
    if server is None:
        return
    with st.expander("What served it", icon=":material/dns:"):
        software, hardware = server.software, server.hardware
        st.code(" ".join(software.command), language="bash", wrap_lines=True)
        told = {
            "engine": f"{software.engine} {software.engine_version}",
            "GPUs": ", ".join(hardware.gpus) or "none seen",
            "driver": hardware.driver,
            "host": hardware.hostname,
            **{name: str(value) for name, value in server.effective.items()},
        }
        rows = [{"setting": name, "value": value} for name, value in told.items()]
        table(rows, name=_named("server", look))
