"""`advisor simulate`: a fleet under load over time, and whether it keeps its objectives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor import __version__
from advisor.domain.answer import Caution
from advisor.domain.prediction import Percentiles
from advisor.domain.simulation import Hours, Kept, Latencies, Met, Simulation
from advisor.domain.slo import Metric
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.arriving import Arriving
from advisor.usecases.deployments import does_not_fit, line_of
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.judging import Verdict, criteria, figure_s, verdict_of
from advisor.usecases.replaying import Replay
from advisor.usecases.replica import replica_of
from advisor.usecases.serving import Serving
from advisor.usecases.simulating.cautions import cautions
from advisor.usecases.simulating.formulas import by_formula, mixture
from advisor.usecases.simulating.offered import Hourly, offered
from advisor.usecases.simulating.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from advisor.domain.simulation import ByFormula, SimulationQuestion
    from advisor.usecases.replica import Replica
    from advisor.usecases.simulating.offered import Offered, Run

MS = 1e3
MANY_REQUESTS = 1_000_000
MOST_REQUESTS = 5_000_000


def simulate(
    question: SimulationQuestion,
    *,
    profiles: Path | None,
    database: str | None,
    announce: Callable[[str], None],
    allow_simulated: bool = False,
) -> Simulation:
    """Return how a fleet fares under a load. An overloaded one is an answer too.

    Parameters
    ----------
    question
        The fleet, its load and its objectives.
    profiles
        Folder of profiles; None means the shipped one.
    database
        Address of the user's own measurements.
    announce
        Takes a sentence before a run that will take a while.
    allow_simulated
        Whether runs of the demo engine count as evidence.

    Raises
    ------
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run or does not fit.
    InputError
        If the load has no rate, too few requests, or too many.
    """
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    fleet = _Fleet.of(question, replica_of(question.served, shipped))
    _of_a_size(fleet.offered.requests, announce)
    return _answer(fleet)


def _of_a_size(requests: int, announce: Callable[[str], None]) -> None:
    if requests > MOST_REQUESTS:
        raise InputError(
            f"{requests:,} requests would be simulated, {MOST_REQUESTS:,} at most can be",
            hint="ask for fewer with --requests or --duration, or simulate a part of the fleet at a part of --qps",
        )
    if requests > MANY_REQUESTS:
        announce(f"simulating {requests:,} requests, which may take a minute")


@dataclass(frozen=True)
class _Fleet:
    """Everything that one run needs and shows."""

    question: SimulationQuestion
    replica: Replica
    serving: Serving
    offered: Offered

    @classmethod
    def of(cls, question: SimulationQuestion, replica: Replica) -> _Fleet:
        if not replica.memory.slots:
            raise InfeasibleError(
                f"{replica.deployment.contender} on {replica.deployment.gpu.name} {does_not_fit(replica.memory)}",
                hint="take a larger GPU, a smaller --precision, or more --tensor-parallel",
            )
        serving = Serving(replica.curve, replica.deployment.max_num_seqs, arriving_of(question))
        return cls(question, replica, serving, offered(question, serving))

    @cached_property
    def run(self) -> Run:
        """The run."""
        replay = Replay(self.serving, self.replica.deployment.max_num_batched_tokens)
        return self.offered.run(replay, replicas=self.question.replicas, seed=self.question.seed)

    @property
    def saturation_rps(self) -> float:
        """Rate beyond which its queues grow."""
        return self.serving.station.saturation_rps * self.question.replicas

    @property
    def slots(self) -> int:
        """Slots of all replicas."""
        return self.serving.slots * self.question.replicas

    @property
    def timeline(self) -> Timeline:
        """The run over time."""
        return Timeline(self.run, self.slots)

    @property
    def hours(self) -> Hours | None:
        """The hours of its daily profile, if it has one."""
        if not isinstance(self.offered, Hourly):
            return None
        daily, peak_rps = self.offered.daily, self.offered.rate_rps * self.offered.daily.peak_share
        return Hours(
            profile=daily.name,
            hours=len(daily.relative_rate),
            hour_s=self.offered.hour_s,
            peak_qps=peak_rps,
            utilization=peak_rps / self.saturation_rps,
        )


def arriving_of(question: SimulationQuestion) -> Arriving:
    """Return how requests arrive: by the hours of a profile, else as in the trace, unless a burstiness says otherwise."""
    times_s = question.served.workload.arrival_s
    if question.burstiness is None and question.daily is None and times_s:
        return Arriving(times_s=times_s, routing=question.routing)
    return Arriving(scv=1.0 if question.burstiness is None else question.burstiness, routing=question.routing)


def _answer(fleet: _Fleet) -> Simulation:
    question, replica, timeline = fleet.question, fleet.replica, fleet.timeline
    arriving, slots_used = fleet.serving.arriving, timeline.slots_used
    in_service = slots_used.mean / question.replicas
    hours = fleet.hours
    return Simulation(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        **line_of(replica.deployment),
        speed_basis=replica.curve.basis_at(in_service),
        spread=replica.curve.grounds.log_sd_at(in_service),
        replicas=question.replicas,
        routing=question.routing,
        workload=question.served.workload.name,
        input_tokens=float(replica.curve.work.input_tokens.mean()),
        output_tokens=float(replica.curve.work.output_tokens.mean()),
        slo=question.limits,
        qps=fleet.offered.rate_rps,
        burstiness=None if arriving.replays else arriving.scv,
        trace=question.served.workload.name if arriving.replays else None,
        hours=hours,
        requests=fleet.run.counted.tokens.size,
        simulated_s=timeline.span_s,
        seed=question.seed,
        saturation_qps=fleet.saturation_rps,
        utilization=fleet.offered.rate_rps / fleet.saturation_rps,
        attainment=_attainment(fleet),
        latency=_latencies(fleet),
        formulas=_formulas(fleet),
        slots=fleet.slots,
        slots_used=slots_used,
        waiting=timeline.waiting,
        timeline=timeline.moments(hours.hours if hours else 0),
        warnings=(
            *cautions(question, fleet.serving, fleet.offered, replica, in_service=in_service),
            *_busiest_hour(fleet),
        ),
        sources=replica.sources(),
    )


def _attainment(fleet: _Fleet) -> tuple[Kept, ...]:
    question, diffuses = fleet.question, fleet.replica.deployment.diffuses
    asked = criteria(question.limits, attainment=question.attainment)
    overloaded = fleet.offered.rate_rps >= fleet.saturation_rps
    return tuple(
        _kept(verdict_of(criterion, [fleet.run.counted], diffuses=diffuses), fleet, overloaded=overloaded)
        for criterion in asked
    )


def _busiest_hour(fleet: _Fleet) -> Iterator[Caution]:
    """Yield what the busiest hour misses: the share over all hours hides it."""
    load, run = fleet.offered, fleet.run.counted
    if not isinstance(load, Hourly):
        return
    shares = load.daily.shares_of_mean
    start_s = shares.index(max(shares)) * load.hour_s
    first, end = np.searchsorted(run.outcome.arrivals_s, (start_s, start_s + load.hour_s)).tolist()
    for criterion in criteria(fleet.question.limits, attainment=fleet.question.attainment):
        margins = criterion.margins(run.part(first, end), diffuses=fleet.replica.deployment.diffuses)
        if margins.size and margins.mean() < criterion.bar:
            yield Caution(
                code="busiest_hour",
                message=f"the busiest hour by itself misses {criterion.words}: only the quieter ones make up for it",
            )


def _kept(verdict: Verdict, fleet: _Fleet, *, overloaded: bool) -> Kept:
    return Kept(
        objective=verdict.criterion.words,
        target=verdict.criterion.target,
        share=verdict.share.value,
        low=verdict.share.low,
        high=verdict.share.high,
        met=_met(verdict, exact=fleet.serving.arriving.replays, overloaded=overloaded),
    )


def _met(verdict: Verdict, *, exact: bool, overloaded: bool) -> Met:
    """Return whether it is kept. What an overloaded fleet still keeps now, it will not keep for long."""
    kept = verdict.margin.value >= verdict.criterion.bar
    if overloaded:
        return Met.UNDECIDED if kept else Met.NO
    if exact:
        return Met.YES if kept else Met.NO
    return Met.YES if verdict.passes else Met.NO if verdict.fails else Met.UNDECIDED


def _latencies(fleet: _Fleet) -> Latencies:
    return Latencies(
        ttft_ms=_percentiles_ms(fleet, Metric.TTFT),
        tpot_ms=None if fleet.replica.deployment.diffuses else _percentiles_ms(fleet, Metric.TPOT),
        ntpot_ms=_percentiles_ms(fleet, Metric.NTPOT),
        e2e_ms=_percentiles_ms(fleet, Metric.E2E),
    )


def _percentiles_ms(fleet: _Fleet, metric: Metric) -> Percentiles:
    latency_ms = figure_s(fleet.run.counted, metric, diffuses=fleet.replica.deployment.diffuses) * MS
    p50, p95, p99 = np.quantile(latency_ms, (0.5, 0.95, 0.99)).tolist()
    return Percentiles(mean=float(latency_ms.mean()), p50=p50, p95=p95, p99=p99)


def _formulas(fleet: _Fleet) -> ByFormula | None:
    mixed = mixture(fleet.question, fleet.serving, fleet.offered.rate_rps)
    return None if mixed is None else by_formula(fleet.question, mixed, e2e_s=fleet.run.counted.outcome.e2e_s)
