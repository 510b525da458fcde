"""The door of this room: any answer, in any format.

To add a format, write one function and enter it in `FORMATS`. To add a kind of answer, write how it is arranged and what
its records are, and enter both in `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.domain.answer import Estimate, Listing, Recommendation
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
from advisor.report import (
    campaign,
    comparison,
    crossover,
    crossover_map,
    decide_validation,
    estimate,
    imported,
    judgment,
    listing,
    next_adaptive,
    next_measurement,
    prediction,
    queue_validation,
    recommendation,
    reproduction,
    review,
    review_focus,
    runs,
    sensitivity,
    simulation,
    validation_summary,
)
from advisor.report.format import Format
from advisor.report.markdown import as_markdown
from advisor.report.spreadsheet import as_csv
from advisor.report.structured import as_json
from advisor.report.terminal import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from advisor.report.document import Document

Answer = (
    Recommendation
    | NextMeasurement
    | AdaptiveRun
    | Comparison
    | Crossover
    | CrossoverMap
    | Sensitivity
    | Reproduction
    | Review
    | Estimate
    | Prediction
    | Simulation
    | ValidationSummary
    | Validation
    | QueueValidation
    | DecideValidation
    | Calibration
    | Listing
    | CampaignPlan
    | CampaignStatus
    | RunListing
    | History
    | Imported
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a rendering shall look: columns of the terminal, color or not, everything explained or not."""

    width: int = 100
    color: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of answer knows about itself: how it reads as a document, and its flat records."""

    arrange: Callable[..., Document]
    records: Callable[[Any], Iterable[Mapping[str, object]]]


KINDS: Mapping[type[Answer], Kind] = {
    Recommendation: Kind(recommendation.arrange, recommendation.records),
    NextMeasurement: Kind(next_measurement.arrange, next_measurement.records),
    AdaptiveRun: Kind(next_adaptive.arrange, next_adaptive.records),
    Comparison: Kind(comparison.arrange, comparison.records),
    Crossover: Kind(crossover.arrange, crossover.records),
    CrossoverMap: Kind(crossover_map.arrange, crossover_map.records),
    Sensitivity: Kind(sensitivity.arrange, sensitivity.records),
    Reproduction: Kind(reproduction.arrange, reproduction.records),
    Review: Kind(review.arrange, review_focus.records),
    Estimate: Kind(estimate.arrange, estimate.records),
    Prediction: Kind(prediction.arrange, prediction.records),
    Simulation: Kind(simulation.arrange, simulation.records),
    ValidationSummary: Kind(validation_summary.arrange, validation_summary.records),
    Validation: Kind(judgment.arrange_validation, judgment.validation_records),
    QueueValidation: Kind(queue_validation.arrange, queue_validation.records),
    DecideValidation: Kind(decide_validation.arrange, decide_validation.records),
    Calibration: Kind(judgment.arrange_calibration, judgment.calibration_records),
    Listing: Kind(listing.arrange, listing.records),
    CampaignPlan: Kind(campaign.arrange_plan, campaign.plan_records),
    CampaignStatus: Kind(campaign.arrange_status, campaign.status_records),
    RunListing: Kind(runs.arrange_runs, runs.run_records),
    History: Kind(runs.arrange_history, runs.history_records),
    Imported: Kind(imported.arrange, imported.records),
}


def _table(answer: Answer, look: Look) -> str:
    document: Document = KINDS[type(answer)].arrange(answer, explain=look.explain)
    return as_text(document, width=look.width, color=look.color)


def _markdown(answer: Answer, look: Look) -> str:
    return as_markdown(KINDS[type(answer)].arrange(answer, explain=look.explain))


def _csv(answer: Answer, _look: Look) -> str:
    return as_csv(KINDS[type(answer)].records(answer))


def _json(answer: Answer, _look: Look) -> str:
    return as_json(answer)


FORMATS: Mapping[Format, Callable[[Answer, Look], str]] = {
    Format.TABLE: _table,
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.MD: _markdown,
}


def render(answer: Answer, fmt: Format, *, width: int = 100, color: bool = False, explain: bool = False) -> str:
    """Return an answer as text that ends with a line break.

    Parameters
    ----------
    answer
        The value to show.
    fmt
        One of `FORMATS`.
    width
        Columns of the terminal; only a table looks at it.
    color
        Whether a table may use ANSI colors.
    explain
        Whether a table or Markdown shows every figure, rejection and source.
    """
    return FORMATS[fmt](answer, Look(width=width, color=color, explain=explain))
