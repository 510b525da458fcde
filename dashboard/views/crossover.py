"""Where the cheaper contender changes: along one axis, or over two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.crossover_map import headline
from advisor.report.figures import number, share
from advisor.usecases.crossing.axes import AXES
from dashboard import parts
from dashboard.answers import Failure
from dashboard.charts.crossover import cost_curve, cost_map, cost_rows, map_rows
from dashboard.charts.crossover import told as curve_told
from dashboard.crossover_answers import flips, mapped
from dashboard.page_inputs import page_input
from dashboard.tables import plot, table

if TYPE_CHECKING:
    from advisor.domain.crossover import Crossover, CrossoverMap, ScopeLine
    from dashboard.state import Asked

NONE = "one axis only"
NAMES = tuple(AXES)
TITLES = {NONE: NONE, **{name: f"{kind.title} [{kind.unit}]" for name, kind in AXES.items()}}


def page(asked: Asked) -> None:
    """Show flips along an axis, or the map of two."""
    st.markdown("### Where the cheaper one changes")
    left, right = st.columns(2)
    across = left.selectbox(
        "Along", NAMES, format_func=TITLES.__getitem__, key=page_input("crossover.axis", "qps", NAMES),
        help="What is varied; everything else stays as asked on the left.",
    )  # fmt: skip
    rest = (NONE, *(name for name in NAMES if name != across))
    up = right.selectbox(
        "And", rest, format_func=TITLES.__getitem__, key=page_input("crossover.and", NONE, rest),
        help="A second axis makes a map. One of the two must be the load.",
    )  # fmt: skip
    if up == NONE:
        _one(asked, across)
    else:
        _two(asked, across, up)


def _one(asked: Asked, axis: str) -> None:
    by_gpu = st.toggle(
        "On each GPU type alone too", key=page_input("crossover.gpus", default=False),
        help="Also looks for flips among the plans on one GPU type, which takes some seconds more.",
    )  # fmt: skip
    with st.spinner("Sizing every contender along the axis", show_time=True):
        found = flips(asked, axis, by_gpu=by_gpu)
    more = ("--axis", axis, *(() if by_gpu else ("--by", "overall")))
    if isinstance(found, Failure):
        parts.failed(found)
    else:
        _flips(found)
    _command(asked, *more)


def _flips(found: Crossover) -> None:
    st.markdown(f"**{parts.escaped(found.summary)}**")
    parts.basis_chip(str(found.basis))
    chart = cost_curve(found)
    if chart is not None:
        told = f"{curve_told(found)} Dashed: as asked."
        plot(chart, lambda: cost_rows(found), name=f"cost-by-{found.axis.name}", caption=told)
    rows = [row for line in found.scopes for row in _rows(line, found)]
    if rows:
        table(rows, name=f"flips-by-{found.axis.name}")
    parts.warnings(found.warnings)
    parts.sources(found.sources)


def _rows(line: ScopeLine, found: Crossover) -> list[dict[str, object]]:
    return [
        {
            "among": line.name or "all plans",
            f"flip [{found.axis.unit}]": number(flip.value),
            "cheaper below": flip.below,
            "cheaper above": flip.above,
            "tie or turns": f"{number(flip.low)} to {number(flip.high)}",
            "range of 90 % of draws with a flip": ""
            if flip.p05 is None or flip.p95 is None
            else f"{number(flip.p05)} to {number(flip.p95)}",
            "no flip in": "" if flip.none_share is None else share(flip.none_share),
        }
        for flip in line.flips
    ]


def _two(asked: Asked, across: str, up: str) -> None:
    with st.spinner("Sizing every contender over the map", show_time=True):
        found = mapped(asked, across, up)
    if isinstance(found, Failure):
        parts.failed(found)
    else:
        _map(found)
    _command(asked, "--axis", across, "--axis", up)


def _map(found: CrossoverMap) -> None:
    st.markdown(f"**{parts.escaped(headline(found))}**")
    parts.basis_chip(str(found.basis))
    told = "Pale: another model is too close to call. Empty: nothing meets the objectives. Cross: as asked."
    name = f"map-of-{found.across.name}-and-{found.up.name}"
    plot(cost_map(found), lambda: map_rows(found), name=name, caption=told)
    parts.warnings(found.warnings)
    parts.sources(found.sources)


def _command(asked: Asked, *more: str) -> None:
    st.subheader("On the command line")
    st.code(asked.command_of("crossover", *more, simulates=False), language="bash", wrap_lines=True)
