"""What the method page asks, kept as other answers are: how wrong the program is, and the figures that no formula gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.usecases.fixed_figures import fixed_figures
from advisor.usecases.validating.estimator import validate
from advisor.usecases.validating.table import validate_all
from dashboard.answers import kept
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.fixed_figures import FixedFigures
    from advisor.domain.judged import Validation
    from advisor.domain.validation_summary import ValidationSummary


KEPT = 2
"""Answers of one kind that are kept: there is one at a time."""


@kept(most=KEPT)
def estimator_errors() -> Validation:
    """Return how wrong the estimator is on GPUs that it was not fitted on."""
    return validate(profiles=settings().profiles)


@kept(most=KEPT)
def all_errors() -> ValidationSummary:
    """Return everything that the program is judged on; takes up to a minute."""
    return validate_all(profiles=settings().profiles)


@kept(most=KEPT)
def figures() -> FixedFigures:
    """Return the constants and assumptions with their sources."""
    return fixed_figures(settings().profiles)
