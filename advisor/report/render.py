"""The door of this room: any answer, in any format.

To add a format, write one function and enter it in `FORMATS`. To add a kind of answer, write how it is arranged and what
its records are, and enter both in `KINDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.domain.answer import Calibration, Estimate, Listing, Recommendation, Validation
from advisor.domain.campaign_plan import CampaignPlan, CampaignStatus
from advisor.domain.imported import Imported
from advisor.domain.prediction import Prediction
from advisor.domain.queue_validation import QueueValidation
from advisor.domain.run_listing import History, RunListing
from advisor.domain.simulation import Simulation
from advisor.report import (
    campaign,
    estimate,
    imported,
    judgment,
    listing,
    prediction,
    queue_validation,
    recommendation,
    runs,
    simulation,
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
    | Estimate
    | Prediction
    | Simulation
    | Validation
    | QueueValidation
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
    Estimate: Kind(estimate.arrange, estimate.records),
    Prediction: Kind(prediction.arrange, prediction.records),
    Simulation: Kind(simulation.arrange, simulation.records),
    Validation: Kind(judgment.arrange_validation, judgment.validation_records),
    QueueValidation: Kind(queue_validation.arrange, queue_validation.records),
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
