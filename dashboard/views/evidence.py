"""What is known of speed: points that were measured and published, the modeled band through them, and each run close up."""

from __future__ import annotations

from shlex import join
from typing import TYPE_CHECKING

import streamlit as st

from advisor.domain.observed import TITLES, Figure
from advisor.report.figures import counted
from dashboard import parts
from dashboard.answers import Failure
from dashboard.charts import evidence as charts
from dashboard.evidence_answers import curve, points, rentable
from dashboard.page_inputs import page_input
from dashboard.settings import settings
from dashboard.tables import plot, table
from dashboard.views import evidence_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.domain.observed import Layout, ObservedPoint
    from dashboard.state import Asked

PANELS, MOST_PANELS = 4, 8
"""Deployments that are drawn from the start, and at most."""

MOST_DOTS = 600
"""Points that one panel draws at most: with more of them none can be told from its neighbour."""

MEASURE = "advisor profile run --endpoint $URL --model gemma-4-26b --gpu h100 --concurrency 1,8,64 --rate 2"
TRY_OUT = "advisor profile run profiles/campaigns/demo.yaml"


def page(asked: Asked) -> None:
    """Show the evidence for a question."""
    st.markdown("### Speed against load: measured, published and modeled")
    figure = _figure()
    with st.spinner("Reading what was observed", show_time=True):
        found = points(asked, figure)
    if isinstance(found, Failure):
        parts.failed(found)
    else:
        _curves(asked, figure, found)
    evidence_runs.section()


def _figure() -> Figure:
    names = list(Figure)
    key = page_input("evidence.figure", Figure.OUTPUT_TOK_S, names)
    return st.selectbox("Figure", names, key=key, format_func=lambda name: f"{TITLES[name][0]} [{TITLES[name][1]}]")


def _curves(asked: Asked, figure: Figure, found: Sequence[ObservedPoint]) -> None:
    if not any(point.run_id for point in found):
        _how_to_measure(found)
    kept = _filtered(found)
    layouts = _layouts(asked, kept)
    if not layouts:
        unit = f"{TITLES[figure][0]}"
        st.info(f"No point shows this figure ({unit}) under these filters.", icon=":material/filter_alt_off:")
        return
    names = [layout.label for layout in layouts]
    key = page_input("evidence.deployments", names[:PANELS], names)
    chosen = st.multiselect("Deployments", names, key=key, max_selections=MOST_PANELS, help="One panel each.")
    shown = [layout for layout in layouts if layout.label in chosen]
    for row in range(0, len(shown), 2):
        for column, layout in zip(st.columns(2), shown[row : row + 2], strict=False):
            with column:
                _panel(asked, figure, layout, [point for point in kept if point.layout == layout])
    _legend_in_words()
    rows = charts.point_rows([point for point in kept if point.layout in shown], figure)
    _table(rows, figure)


def _how_to_measure(found: Sequence[ObservedPoint]) -> None:
    """Say in an empty database how to fill it."""
    with st.container(border=True):
        st.markdown(
            f"**No runs of your own yet.** What is shown is published ({counted(len(found), 'point')}) and modeled. "
            "Your own runs take precedence over both. To measure a server that already runs:"
        )
        st.code(MEASURE, language="bash", wrap_lines=True)
        st.markdown("To try it without a GPU (simulated, kept apart, no evidence):")
        st.code(TRY_OUT, language="bash", wrap_lines=True)


FILTERS: dict[str, tuple[str, Callable[[ObservedPoint], str]]] = {
    "model": ("Model", lambda point: point.layout.model),
    "gpu": ("GPU", lambda point: point.layout.gpu),
    "precision": ("Precision", lambda point: point.layout.precision or "unknown"),
    "basis": ("Basis", lambda point: str(point.basis)),
    "engine": ("Engine version", lambda point: point.engine),
}
"""What points are filtered by. A new filter is one entry."""


def _filtered(found: Sequence[ObservedPoint]) -> list[ObservedPoint]:
    kept = list(found)
    with st.expander("Filters", icon=":material/filter_alt:"):
        for column, (name, (label, read)) in zip(st.columns(len(FILTERS)), FILTERS.items(), strict=True):
            known = sorted({read(point) for point in found})
            key = page_input(f"evidence.{name}", [], known)
            wanted: list[str] = column.multiselect(label, known, key=key, placeholder="all")
            kept = [point for point in kept if not wanted or read(point) in wanted]
        alike = st.toggle(
            "Only points with lengths like the question's",
            key=page_input("evidence.alike", default=False),
            help="Prompts and replies within a factor of two of those of the workload on the left.",
        )
    return [point for point in kept if point.alike or not alike]


def _layouts(asked: Asked, kept: Sequence[ObservedPoint]) -> list[Layout]:
    """Return the deployments: those of own runs, then on GPUs of the question, on GPUs for rent, and by number of points."""
    counts: dict[Layout, int] = {}
    own = {point.layout for point in kept if point.run_id}
    for point in kept:
        counts[point.layout] = counts.get(point.layout, 0) + 1
    asked_gpus = dict(asked.words).get("gpus", "").split(",")
    for_rent = rentable()

    def place(one: Layout) -> tuple[bool, bool, bool, int, str]:
        return one not in own, one.gpu not in asked_gpus, one.gpu not in for_rent, -counts[one], one.label

    return sorted(counts, key=place)


def _panel(asked: Asked, figure: Figure, layout: Layout, observed: Sequence[ObservedPoint]) -> None:
    st.markdown(f"**{parts.escaped(layout.label)}**")
    reaches = max((point.in_flight_mean for point in observed), default=1.0)
    modeled = curve(asked, layout, figure, reaches=reaches)
    cut = observed[:: -(-len(observed) // MOST_DOTS)] if observed else observed
    rows = charts.point_rows(cut, figure)
    drawn: list[dict[str, object]] = []
    if not isinstance(modeled, Failure):
        drawn = charts.modeled_rows(modeled.points, label=layout.label, engine=modeled.engine, figure=figure)
    chart = charts.against_load(rows, drawn, figure=figure)
    beneath = plot(chart, [*rows, *drawn], name=f"{figure} of {layout.label}")
    if len(cut) < len(observed):
        st.caption(f"{len(cut):,} of {len(observed):,} points are drawn, spread evenly; the table has all.")
    if isinstance(modeled, Failure):
        st.caption(f"Nothing is modeled here: {parts.escaped(modeled.message)}.")
        return
    if not modeled.points:
        st.caption("`advisor estimate` does not give this figure, so nothing is modeled.")
        return
    with beneath, st.popover("Command", icon=":material/terminal:", type="tertiary"):
        st.caption(f"The modeled curve, {modeled.slots} slots, {parts.escaped(modeled.engine)}:")
        st.code(_estimate(asked, modeled.arguments), language="bash", wrap_lines=True)


WORKLOAD_OPTIONS = ("workload", "isl", "osl", "isl-cv", "osl-cv", "content", "steps", "cache-hit")


def _estimate(asked: Asked, arguments: Sequence[str]) -> str:
    """Return the command that gives a modeled curve."""
    words = dict(asked.words)
    work = [word for name in WORKLOAD_OPTIONS if name in words for word in (f"--{name}", words[name])]
    trace = ["--trace", asked.trace.name] if asked.trace else []
    return join(["advisor", "estimate", *arguments, *work, *trace, *settings().shown])


def _legend_in_words() -> None:
    st.caption(
        "Each panel is one deployment with axes of its own. Points: ● measured, ◆ published, ✚ SIMULATED (no evidence), with "
        "95 % intervals where they are known; filled: lengths within a factor of two of the question's, hollow: others; "
        "open loops stand at their mean requests in flight. Dashed line and band: modeled by `advisor estimate` with evidence taken in, and 95 % of the spread that is left "
        "(±1.96 log sd); a band is left out for TTFT, whose spread is not that of the speed. Published points link to their source below."
    )


def _table(rows: Sequence[dict[str, object]], figure: Figure) -> None:
    with st.expander(f"{counted(len(rows), 'point')} of these deployments", icon=":material/table:"):
        table(
            rows,
            name=f"points-of-{figure}",
            columns={
                "address": st.column_config.LinkColumn("link", display_text="open"),
                f"{figure}": st.column_config.NumberColumn(f"{TITLES[figure][0]} [{TITLES[figure][1]}]", format="%.4g"),
                "low": None,
                "high": None,
            },
        )
