"""One hand-made answer of each kind. Every name says `example`, and every number is invented: nothing is evidence."""

from __future__ import annotations

from tests.samples.campaigns import CAMPAIGN_PLAN, CAMPAIGN_STATUS
from tests.samples.others import CALIBRATION, ESTIMATE, LISTING, VALIDATION
from tests.samples.predictions import PREDICTION
from tests.samples.queue_validations import QUEUE_VALIDATION
from tests.samples.recommendations import CHOSEN, QUESTION, RECOMMENDATION, WORKLOAD
from tests.samples.runs import HISTORY, IMPORTED, RUNS
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
    "runs": RUNS,
    "history": HISTORY,
    "imported": IMPORTED,
    "campaign-plan": CAMPAIGN_PLAN,
    "campaign-status": CAMPAIGN_STATUS,
}

__all__ = [
    "ANSWERS",
    "CALIBRATION",
    "CAMPAIGN_PLAN",
    "CAMPAIGN_STATUS",
    "CHOSEN",
    "ESTIMATE",
    "HISTORY",
    "IMPORTED",
    "LISTING",
    "PREDICTION",
    "QUESTION",
    "QUEUE_VALIDATION",
    "RECOMMENDATION",
    "RUNS",
    "SIMULATION",
    "VALIDATION",
    "WORKLOAD",
]
