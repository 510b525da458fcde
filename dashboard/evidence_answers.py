"""Answers about evidence, kept as the others are: points, curves, runs, and one run close up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.cli.asked import question_in
from advisor.usecases.counting import all_runs, why_no_evidence
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.listing import list_prices
from advisor.usecases.observing import modeled_curve, observed_points
from advisor.usecases.run_details import look_at_run
from dashboard.answers import Failure, fresh, kept
from dashboard.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.observed import Figure, Layout, ObservedPoint
    from advisor.domain.run_listing import RunListing
    from advisor.domain.run_look import RunLook
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.observing import Modeled
    from dashboard.state import Asked

LOOKS_KEPT = 16
"""Runs close up that are kept: each has thousands of rows."""


LISTINGS_KEPT = 2
"""Listings of the database that are kept: there is one at a time."""


def points(asked: Asked, figure: Figure) -> tuple[ObservedPoint, ...] | Failure:
    """Return all observed points of a figure, or the expected failure."""
    return _points(asked.arguments, figure)


def curve(asked: Asked, layout: Layout, figure: Figure, *, reaches: float) -> Modeled | Failure:
    """Return what is modeled of a deployment, or why nothing is."""
    return _curve(asked.arguments, layout, figure, reaches)


@kept()
def _points(arguments: tuple[str, ...], figure: Figure) -> tuple[ObservedPoint, ...]:
    given, workload = settings(), question_in(arguments).workload
    return observed_points(figure, workload=workload, profiles=given.profiles, database=given.database)


@kept()
def _curve(arguments: tuple[str, ...], layout: Layout, figure: Figure, reaches: float) -> Modeled:
    workload = question_in(arguments).workload
    return modeled_curve(layout, figure, workload=workload, reaches=reaches, shipped=_shipped(fresh()))


@st.cache_resource(max_entries=2, show_spinner=False)
def _shipped(moment: str) -> Shipped:
    """Return the facts that curves are modeled from: frozen, and the same for all panels."""
    del moment
    return open_profiles(**settings().sources)


@kept(most=LISTINGS_KEPT)
def runs() -> RunListing:
    """Return the runs of the database, or the expected failure."""
    return all_runs(settings().database)


def no_evidence() -> Mapping[str, str]:
    """Return why some runs are no evidence; nothing where that cannot be told."""
    found = _no_evidence()
    return {} if isinstance(found, Failure) else found


@kept(most=LISTINGS_KEPT)
def _no_evidence() -> Mapping[str, str]:
    return why_no_evidence(**settings().sources)


@kept(most=LOOKS_KEPT)
def close_up(run_id: str) -> RunLook:
    """Return one run close up, or the expected failure."""
    return look_at_run(run_id, database=settings().database)


@st.cache_data(show_spinner=False)
def rentable() -> frozenset[str]:
    """Return the GPUs that somebody rents out."""
    return frozenset(str(row["gpu"]) for row in list_prices(settings().profiles, gpus=(), price_bases=()).rows)
