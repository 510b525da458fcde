"""One hand-made answer of each kind. Every name says `example`, and every number is invented: nothing is evidence."""

from __future__ import annotations

from tests.samples.others import CALIBRATION, ESTIMATE, LISTING, VALIDATION
from tests.samples.predictions import PREDICTION
from tests.samples.queue_validations import QUEUE_VALIDATION
from tests.samples.recommendations import CHOSEN, QUESTION, RECOMMENDATION, WORKLOAD
from tests.samples.simulations import SIMULATION

ANSWERS = {
    "recommendation": RECOMMENDATION,
    "estimate": ESTIMATE,
    "prediction": PREDICTION,
    "simulation": SIMULATION,
    "validation": VALIDATION,
    "queue-validation": QUEUE_VALIDATION,
    "calibration": CALIBRATION,
    "listing": LISTING,
}

__all__ = [
    "ANSWERS",
    "CALIBRATION",
    "CHOSEN",
    "ESTIMATE",
    "LISTING",
    "PREDICTION",
    "QUESTION",
    "QUEUE_VALIDATION",
    "RECOMMENDATION",
    "SIMULATION",
    "VALIDATION",
    "WORKLOAD",
]
