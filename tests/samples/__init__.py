"""One hand-made answer of each kind. Every name says `example`, and every number is invented: nothing is evidence."""

from __future__ import annotations

from tests.samples.others import CALIBRATION, ESTIMATE, LISTING, VALIDATION
from tests.samples.recommendations import CHOSEN, QUESTION, RECOMMENDATION, WORKLOAD

ANSWERS = {
    "recommendation": RECOMMENDATION,
    "estimate": ESTIMATE,
    "validation": VALIDATION,
    "calibration": CALIBRATION,
    "listing": LISTING,
}

__all__ = [
    "ANSWERS",
    "CALIBRATION",
    "CHOSEN",
    "ESTIMATE",
    "LISTING",
    "QUESTION",
    "RECOMMENDATION",
    "VALIDATION",
    "WORKLOAD",
]
