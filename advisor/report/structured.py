"""An answer as JSON, and the JSON Schema of each answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from advisor.domain.answer import SCHEMA_VERSION, Estimate, Listing, Recommendation
from advisor.domain.campaign_plan import CampaignPlan, CampaignStatus
from advisor.domain.comparison import Comparison
from advisor.domain.crossover import Crossover, CrossoverMap
from advisor.domain.decide_validation import DecideValidation
from advisor.domain.imported import Imported
from advisor.domain.judged import Calibration, Validation
from advisor.domain.next_measurement import AdaptiveRun, NextMeasurement
from advisor.domain.prediction import Prediction
from advisor.domain.queue_validation import QueueValidation
from advisor.domain.reproduction import Reproduction
from advisor.domain.review import Review
from advisor.domain.run_listing import History, RunListing
from advisor.domain.sensitivity import Sensitivity
from advisor.domain.simulation import Simulation
from advisor.domain.validation_summary import ValidationSummary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.value import Value

ANSWERS: Mapping[str, type[Value]] = {
    "recommend": Recommendation,
    "next": NextMeasurement,
    "compare": Comparison,
    "crossover": Crossover,
    "crossover-map": CrossoverMap,
    "sensitivity": Sensitivity,
    "reproduce": Reproduction,
    "review": Review,
    "estimate": Estimate,
    "predict": Prediction,
    "simulate": Simulation,
    "validate": ValidationSummary,
    "validate-estimator": Validation,
    "validate-queueing": QueueValidation,
    "validate-decide": DecideValidation,
    "calibrate": Calibration,
    "models": Listing,
    "gpus": Listing,
    "workloads": Listing,
    "prices": Listing,
    "profile-adaptive": AdaptiveRun,
    "profile-plan": CampaignPlan,
    "profile-status": CampaignStatus,
    "runs": RunListing,
    "history": History,
    "import": Imported,
}


def as_json(answer: Value) -> str:
    """Return an answer as indented JSON. Money is a decimal string, a date is ISO 8601, rows stand under their key."""
    if isinstance(answer, Listing):
        rows = answer.model_dump(mode="json")["rows"]
        return json.dumps({"schema_version": SCHEMA_VERSION, answer.key: rows}, indent=2, ensure_ascii=False) + "\n"
    return answer.model_dump_json(indent=2) + "\n"


def schema_of(command: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a command answers with ``--format json``."""
    answer = ANSWERS[command]
    body = _listing_schema(command) if answer is Listing else answer.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:advisor:{command}:{SCHEMA_VERSION}",
        **body,
        "title": f"advisor {command}, version {SCHEMA_VERSION}",
    }


def _listing_schema(key: str) -> dict[str, Any]:
    whole = Listing.model_json_schema(mode="serialization")["properties"]
    return {
        "type": "object",
        "properties": {"schema_version": {"const": SCHEMA_VERSION}, key: whole["rows"]},
        "required": ["schema_version", key],
        "additionalProperties": False,
    }
