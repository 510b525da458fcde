"""The tables, as SQLAlchemy models. Rows are added, never changed; what is taken back gets a row that says so.

A change of the schema is one migration in `advisor/store/migrations/versions` beside the change here; a test holds both
together.
"""

from advisor.store.tables.base import Base
from advisor.store.tables.campaigns import AcceptedRow, AttemptRow, CampaignRow, CellRow, WorkloadRow
from advisor.store.tables.drivers import CancelRow, ClaimRow, StartRow
from advisor.store.tables.measurements import MeasurementRow
from advisor.store.tables.recommendations import RecommendationRow
from advisor.store.tables.runs import DiscardRow, RunRow, SampleNameRow, SampleRow, TimingRow
from advisor.store.tables.servers import HardwareRow, ServerRow, SoftwareRow

__all__ = [
    "AcceptedRow",
    "AttemptRow",
    "Base",
    "CampaignRow",
    "CancelRow",
    "CellRow",
    "ClaimRow",
    "DiscardRow",
    "HardwareRow",
    "MeasurementRow",
    "RecommendationRow",
    "RunRow",
    "SampleNameRow",
    "SampleRow",
    "ServerRow",
    "SoftwareRow",
    "StartRow",
    "TimingRow",
    "WorkloadRow",
]
