"""Answers about evidence, kept as the others are: points, curves, runs, and one run close up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.cli.asked import question_in
from advisor.errors import AdvisorError
from advisor.usecases.counting import all_runs, why_no_evidence
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.listing import list_prices
from advisor.usecases.observing import modeled_curve, observed_points
from advisor.usecases.run_details import look_at_run
from dashboard.answers import KEPT, Failure, fresh
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


def points(asked: Asked, figure: Figure) -> tuple[ObservedPoint, ...] | Failure:
    """Return all observed points of a figure, or the expected failure."""
    return _points(asked.arguments, figure, fresh())


def curve(asked: Asked, layout: Layout, figure: Figure, *, reaches: float) -> Modeled | Failure:
    """Return what is modeled of a deployment, or why nothing is."""
    return _curve(asked.arguments, layout, figure, reaches, fresh())


def runs() -> RunListing | Failure:
    """Return the runs of the database, or the expected failure."""
    return _runs(fresh())


def no_evidence() -> Mapping[str, str]:
    """Return why some runs are no evidence; nothing where that cannot be told."""
    return _no_evidence(fresh())


def close_up(run_id: str) -> RunLook | Failure:
    """Return one run close up, or the expected failure."""
    return _close_up(run_id, fresh())


@st.cache_data(show_spinner=False)
def rentable() -> frozenset[str]:
    """Return the GPUs that somebody rents out."""
    return frozenset(str(row["gpu"]) for row in list_prices(settings().profiles, gpus=(), price_bases=()).rows)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _points(arguments: tuple[str, ...], figure: Figure, stamp: str) -> tuple[ObservedPoint, ...] | Failure:
    del stamp
    given = settings()
    try:
        workload = question_in(arguments).workload
        return observed_points(figure, workload=workload, profiles=given.profiles, database=given.database)
    except AdvisorError as problem:
        return Failure.of(problem)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _curve(arguments: tuple[str, ...], layout: Layout, figure: Figure, reaches: float, stamp: str) -> Modeled | Failure:
    try:
        return modeled_curve(
            layout,
            figure,
            workload=question_in(arguments).workload,
            reaches=reaches,
            shipped=_shipped(stamp),
        )
    except AdvisorError as problem:
        return Failure.of(problem)


@st.cache_resource(max_entries=2, show_spinner=False)
def _shipped(stamp: str) -> Shipped:
    """Return the facts that curves are modeled from: frozen, and the same for all panels."""
    del stamp
    given = settings()
    return open_profiles(given.profiles, database=given.database, allow_simulated=given.allow_simulated)


@st.cache_data(max_entries=2, show_spinner=False)
def _runs(stamp: str) -> RunListing | Failure:
    del stamp
    try:
        return all_runs(settings().database)
    except AdvisorError as problem:
        return Failure.of(problem)


@st.cache_data(max_entries=2, show_spinner=False)
def _no_evidence(stamp: str) -> Mapping[str, str]:
    del stamp
    given = settings()
    try:
        return why_no_evidence(profiles=given.profiles, database=given.database, allow_simulated=given.allow_simulated)
    except AdvisorError:
        return {}


@st.cache_data(max_entries=LOOKS_KEPT, show_spinner=False)
def _close_up(run_id: str, stamp: str) -> RunLook | Failure:
    del stamp
    try:
        return look_at_run(run_id, database=settings().database)
    except AdvisorError as problem:
        return Failure.of(problem)
