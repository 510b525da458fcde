"""One hand-made answer of each kind. Every name says `example`, and every number is invented: nothing is evidence."""

from __future__ import annotations

from tests.samples.campaigns import CAMPAIGN_AT_WORK, CAMPAIGN_PLAN, CAMPAIGN_STATUS
from tests.samples.comparisons import COMPARISON, REPRODUCTION
from tests.samples.crossovers import CROSSOVER, CROSSOVER_MAP, SENSITIVITY
from tests.samples.decide_validations import DECIDE_VALIDATION
from tests.samples.next_measurements import ADAPTIVE_RUN, NEXT_MEASUREMENT
from tests.samples.others import CALIBRATION, ESTIMATE, LISTING, VALIDATION
from tests.samples.predictions import PREDICTION
from tests.samples.queue_validations import QUEUE_VALIDATION
from tests.samples.recommendations import CHOSEN, QUESTION, RECOMMENDATION, WORKLOAD
from tests.samples.runs import HISTORY, IMPORTED, RUNS
from tests.samples.simulations import SIMULATION
from tests.samples.validation_summaries import VALIDATION_SUMMARY

ANSWERS = {
    "recommendation": RECOMMENDATION,
    "next-measurement": NEXT_MEASUREMENT,
    "adaptive-run": ADAPTIVE_RUN,
    "decide-validation": DECIDE_VALIDATION,
    "comparison": COMPARISON,
    "crossover": CROSSOVER,
    "crossover-map": CROSSOVER_MAP,
    "sensitivity": SENSITIVITY,
    "reproduction": REPRODUCTION,
    "estimate": ESTIMATE,
    "prediction": PREDICTION,
    "simulation": SIMULATION,
    "validation": VALIDATION,
    "validation-summary": VALIDATION_SUMMARY,
    "queue-validation": QUEUE_VALIDATION,
    "calibration": CALIBRATION,
    "listing": LISTING,
    "runs": RUNS,
    "history": HISTORY,
    "imported": IMPORTED,
    "campaign-at-work": CAMPAIGN_AT_WORK,
    "campaign-plan": CAMPAIGN_PLAN,
    "campaign-status": CAMPAIGN_STATUS,
}

__all__ = [
    "ADAPTIVE_RUN",
    "ANSWERS",
    "CALIBRATION",
    "CAMPAIGN_AT_WORK",
    "CAMPAIGN_PLAN",
    "CAMPAIGN_STATUS",
    "CHOSEN",
    "COMPARISON",
    "CROSSOVER",
    "CROSSOVER_MAP",
    "DECIDE_VALIDATION",
    "ESTIMATE",
    "HISTORY",
    "IMPORTED",
    "LISTING",
    "NEXT_MEASUREMENT",
    "PREDICTION",
    "QUESTION",
    "QUEUE_VALIDATION",
    "RECOMMENDATION",
    "REPRODUCTION",
    "RUNS",
    "SENSITIVITY",
    "SIMULATION",
    "VALIDATION",
    "VALIDATION_SUMMARY",
    "WORKLOAD",
]
