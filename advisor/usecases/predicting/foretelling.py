"""What was found out about an open loop, and what a reader must know about how: assumptions, and where they do not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.answer import Caution
from advisor.usecases.predicting.cautions import profile_cautions
from advisor.usecases.predicting.first_token import in_service
from advisor.usecases.predicting.open_loop import Times
from advisor.usecases.predicting.rehearsing import RUNS, TOKEN_BUDGET, UNSTEADY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.queueing import FleetState
    from advisor.usecases.predicting.anchoring import Anchor
    from advisor.usecases.predicting.closed_loop import ClosedLoop
    from advisor.usecases.predicting.open_loop import OpenLoop
    from advisor.usecases.predicting.rehearsing import Trial

TAIL = 0.05
"""Share of arrivals that may find more in flight than was measured."""


@dataclass(frozen=True)
class Foretold:
    """An open loop in steady state. `weak` says in words why the formulas must not be trusted, `coarse` why only roughly.

    `trial` is the simulation that decides then, `anchor` the open-loop run that corrects the latencies.
    """

    open_loop: OpenLoop
    replicas: int
    fleet: FleetState
    formula: Times
    weak: tuple[str, ...]
    coarse: tuple[str, ...]
    trial: Trial | None
    anchor: Anchor | None

    @property
    def times(self) -> Times:
        """The latencies to answer with: simulated where there is a simulation, corrected where there is an anchor."""
        times = self.formula
        if self.trial:
            times = Times(self.trial.times.ttft_s or times.ttft_s, self.trial.times.e2e_s)
        return self.anchor.applied(times) if self.anchor else times

    @property
    def _loop(self) -> ClosedLoop:
        return self.open_loop.loop

    @property
    def _beyond(self) -> bool:
        """Whether the server may have more in service than was measured: arrivals find all slots taken too often.

        Where the slots are known, or throughput no longer grows, more in flight change nothing.
        """
        return not self._loop.saturated and self.fleet.state.wait_probability > TAIL

    @property
    def _below(self) -> bool:
        return in_service(self.fleet) < self._loop.lowest.concurrency

    @property
    def in_range(self) -> bool:
        """Whether all of it lies where profile and formulas hold; a load above 85 % is one of the weak regimes."""
        return not (self.weak or self._beyond or self._below)

    def notes(self) -> Iterator[str]:
        """Yield what was assumed, a sentence each."""
        loop = self._loop
        yield f"slots: {loop.slots}, {_origin_of_slots(loop)}"
        yield _work_note(loop)
        if self.open_loop.first:
            yield self.open_loop.first.note
        if self.anchor:
            yield self.anchor.note
        if self.trial:
            yield self._trial_note(self.trial)

    def _trial_note(self, trial: Trial) -> str:
        how = (
            f"reads up to {TOKEN_BUDGET:,} prompt tokens between steps"
            if trial.by_iterations
            else "shares its speed equally among requests"
        )
        why = f", for {', '.join(self.coarse)}" if self.coarse else ""
        part = f"; {trial.replicas} of them stand for the fleet" if trial.replicas < self.replicas else ""
        kept = "; TTFT is by formula" if self.formula.ttft_s and not trial.times.ttft_s else ""
        return (
            f"simulated{why}: {RUNS} runs of {trial.requests:,} requests; a replica {how}{part}; "
            f"e2e p95 of the runs lies within {trial.p95_spread:.1%}{kept}"
        )

    def cautions(self) -> tuple[Caution, ...]:
        """Return what the reader must know."""
        of_profile = profile_cautions(self._loop, self.open_loop.first)
        return (*self._regime(), *self._range(), *self._anchors(), *of_profile)

    def _regime(self) -> Iterator[Caution]:
        if self.weak:
            done = "the latencies are simulated" if self.trial else "run without --no-simulate"
            yield Caution(code="weak_regime", message=f"the formulas are weak here ({', '.join(self.weak)}): {done}")
        elif self.coarse and not self.trial:
            yield Caution(
                code="coarse_formula",
                message=f"the formulas are coarse here ({', '.join(self.coarse)}): run without --no-simulate",
            )
        if self.trial and self.trial.p95_spread > UNSTEADY:
            yield Caution(
                code="unsteady",
                message=f"simulated runs of {self.trial.requests:,} requests differ by {self.trial.p95_spread:.0%} in e2e p95: "
                "expect your own runs to differ as much",
            )

    def _range(self) -> Iterator[Caution]:
        if self._beyond:
            yield Caution(
                code="beyond_measured_range",
                message=f"{self.fleet.state.wait_probability:.0%} of arrivals find more in flight than the {self._loop.slots} per "
                "replica that were measured",
            )

    def _anchors(self) -> Iterator[Caution]:
        saturation_rps = self._loop.station.saturation_rps
        for run in self._loop.profile.anchors:
            if run.request_rate_rps >= saturation_rps:
                yield Caution(
                    code="anchor_refused",
                    message=f"the open-loop run at {run.request_rate_rps:g} requests/s is not used: it reaches the saturation of one "
                    f"replica, {saturation_rps:.4g}",
                )
        if self.anchor and self.anchor.weak:
            yield Caution(
                code="anchor_weak",
                message=f"the open-loop run used was at {self.anchor.load:.0%} of saturation: use one below 50 %",
            )
        if self.anchor and self.anchor.odd:
            yield Caution(
                code="anchor_far_off",
                message=f"the open-loop run is far from what the profile predicts for it ({self.anchor.note}): "
                "do both describe the same server?",
            )


def _origin_of_slots(loop: ClosedLoop) -> str:
    if loop.asked is not None:
        return "as given" if loop.slots_known else "the most that were measured"
    return "where throughput stops growing" if loop.saturated else "the most that were measured"


def _work_note(loop: ClosedLoop) -> str:
    if loop.lowest.e2e_p95_s is None:
        return (
            "work of requests: squared variation 1, as reply lengths in production are close to exponential; "
            "e2e_p95_s would tell"
        )
    ratio = loop.lowest.e2e_p95_s / loop.lowest.whole_s
    return (
        f"work of requests: a gamma law of squared variation {loop.work_scv:.2g}, from e2e p95 over mean, {ratio:.2f} "
        f"with {loop.lowest.concurrency} in flight"
    )
