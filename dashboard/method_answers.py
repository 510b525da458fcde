"""What the method page asks, kept as other answers are: how wrong the program is, and the figures that no formula gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.errors import AdvisorError
from advisor.usecases.fixed_figures import fixed_figures
from advisor.usecases.validating.estimator import validate
from advisor.usecases.validating.table import validate_all
from dashboard.answers import Failure, fresh
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.fixed_figures import FixedFigures
    from advisor.domain.judged import Validation
    from advisor.domain.validation_summary import ValidationSummary


def estimator_errors() -> Validation | Failure:
    """Return how wrong the estimator is on GPUs that it was not fitted on."""
    return _estimator_errors(fresh())


def all_errors() -> ValidationSummary | Failure:
    """Return everything that the program is judged on; takes up to a minute."""
    return _all_errors(fresh())


def figures() -> FixedFigures | Failure:
    """Return the constants and assumptions with their sources."""
    return _figures(fresh())


@st.cache_data(max_entries=2, show_spinner=False)
def _estimator_errors(stamp: str) -> Validation | Failure:
    del stamp
    try:
        return validate(profiles=settings().profiles)
    except AdvisorError as problem:
        return Failure.of(problem)


@st.cache_data(max_entries=2, show_spinner=False)
def _all_errors(stamp: str) -> ValidationSummary | Failure:
    del stamp
    try:
        return validate_all(profiles=settings().profiles)
    except AdvisorError as problem:
        return Failure.of(problem)


@st.cache_data(max_entries=2, show_spinner=False)
def _figures(stamp: str) -> FixedFigures | Failure:
    del stamp
    try:
        return fixed_figures(settings().profiles)
    except AdvisorError as problem:
        return Failure.of(problem)
