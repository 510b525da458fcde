"""All that is stored of a campaign, to be carried from one database to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - pydantic resolves annotations at run time
from typing import TYPE_CHECKING

from advisor.domain.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.attempt import Attempt, CampaignRecord, ServerRecord
    from advisor.domain.campaign import Cell
    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.timing import RequestTiming, Sample


class Discard(Value):
    """A run that a person took back."""

    run_id: str
    reason: str
    discarded_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignContents:
    """A campaign with its cells, servers, attempts with their runs, and runs of no attempt, which were imported.

    `accepted` are the attempts whose run is the result of its cell. `timings` and `samples` go by the attempt, and are
    empty where they were not asked for.
    """

    record: CampaignRecord
    cells: tuple[Cell, ...] = ()
    servers: tuple[ServerRecord, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    accepted: frozenset[str] = frozenset()
    imported: tuple[ProfiledRun, ...] = ()
    discards: tuple[Discard, ...] = ()
    timings: Mapping[str, tuple[RequestTiming, ...]] = field(default_factory=dict)
    samples: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)

    @property
    def runs(self) -> tuple[ProfiledRun, ...]:
        """All runs, in the order they were measured."""
        measured = (attempt.run for attempt in self.attempts if attempt.run is not None)
        return tuple(sorted((*measured, *self.imported), key=lambda run: (run.measured_at, run.id)))
