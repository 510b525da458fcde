"""What the time to first token of a deployment rests on beside formulas: runs of the user that correct it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.answer import CitedSource
from advisor.domain.basis import Basis

if TYPE_CHECKING:
    from advisor.domain.profiled import ProfiledRun, RunConditions

OPEN_LOOP = "open-loop runs"
ONE_IN_FLIGHT = "closed loops with one in flight"


@dataclass(frozen=True, slots=True)
class TextGrounds:
    """Runs of one kind, and `factor`: how many times as long as by formula they waited for the first text.

    `alone` says that they are closed loops with one in flight, which show no queue. `fitting` says that they are fresh and
    of the engine version in question.
    """

    runs: tuple[ProfiledRun, ...]
    factor: float
    alone: bool
    fitting: bool

    @property
    def basis(self) -> Basis:
        """How the runs are known."""
        return self.runs[0].basis

    @property
    def kind(self) -> str:
        """What kind of runs they are, in words."""
        return ONE_IN_FLIGHT if self.alone else OPEN_LOOP

    @property
    def requests(self) -> int:
        """Requests that were answered in all runs together."""
        return sum(run.figures.completed for run in self.runs)

    def sources(self) -> tuple[CitedSource, ...]:
        """Return one entry per campaign, dated by its newest run."""
        newest = {run.campaign_id: run for run in sorted(self.runs, key=lambda run: run.measured_at)}
        return tuple(
            CitedSource(
                kind="ttft",
                title=f"time to first token, {self.kind}: {run_in_words(run)}",
                url=None,
                date=run.measured_at.date(),
            )
            for run in newest.values()
        )


def run_in_words(run: ProfiledRun) -> str:
    """Name the campaign of a run, with what ran and what measured it."""
    simulated = " (SIMULATED)" if run.basis is Basis.SIMULATED else ""
    ran = f"{run.conditions.model} on {run.conditions.gpu}, {engine_in_words(run.conditions)}"
    return f"own runs, campaign {run.campaign_id}{simulated}: {ran}, measured by {run.tool}"


def engine_in_words(conditions: RunConditions) -> str:
    """Return engine and version, as far as they are known."""
    return " ".join(part for part in (conditions.engine, conditions.engine_version) if part) or "an unknown engine"
