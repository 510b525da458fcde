"""A run looked at closely: its requests counted, as many of them as a reader can use, and what the engine did meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.domain.attempt import ServerRecord
    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.timing import Phase, RequestTiming, Sample


@dataclass(frozen=True, slots=True)
class PhaseCount:
    """So many requests of a phase ended so; `failure` is empty for successes."""

    phase: Phase
    failure: str
    requests: int


@dataclass(frozen=True, slots=True)
class RunLook:
    """What a database tells of one run. Of the requests `timings` holds every `every`-th, of the readings every `thinned`-th.

    `server` is the start of a server that it ran on, None for an imported run.
    """

    run: ProfiledRun
    server: ServerRecord | None
    counts: tuple[PhaseCount, ...]
    every: int
    timings: tuple[RequestTiming, ...]
    thinned: int
    samples: tuple[Sample, ...]

    @property
    def requests(self) -> int:
        """Requests that the database holds of the run."""
        return sum(count.requests for count in self.counts)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One figure of the engine or of a GPU at a time on the clock of the run; `name` tells several of them apart."""

    series: str
    unit: str
    name: str
    at_s: float
    value: float
