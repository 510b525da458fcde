"""`advisor predict`: open-loop latency of a server for which the user brings a closed-loop profile."""

from __future__ import annotations

from datetime import UTC, datetime
from math import floor
from typing import TYPE_CHECKING

from advisor import __version__, catalog
from advisor.domain.assurance import DecidedBy
from advisor.domain.prediction import Percentiles, Prediction
from advisor.domain.routing import Routing
from advisor.errors import InfeasibleError, InputError
from advisor.queueing import MAX_LOAD
from advisor.queueing.weak import FEW_SLOTS, weaknesses
from advisor.usecases.predicting.anchoring import anchored, nearest
from advisor.usecases.predicting.closed_loop import ClosedLoop
from advisor.usecases.predicting.first_token import Prompts, first_token
from advisor.usecases.predicting.foretelling import TAIL, Foretold
from advisor.usecases.predicting.open_loop import Arrivals, OpenLoop
from advisor.usecases.predicting.rehearsing import rehearsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.domain.prediction import PredictQuestion
    from advisor.queueing import FleetState

MOST_SLOTS = 2**20
"""Slots of a fleet at most: each is a state of the queue."""
PROMPTS_MATTER = 0.15
"""Share of time on prompts from which it counts how a router spreads them."""
ALIKE = 0.3
"""Squared variation of work below which requests are nearly alike."""
MS_PER_S = 1e3


def predict(question: PredictQuestion, *, profile: Path) -> Prediction:
    """Return the latencies of requests that arrive at a rate, whatever is in flight.

    Parameters
    ----------
    question
        How much arrives in which rhythm, and how many replicas share it.
    profile
        The CSV with what was measured of one replica.

    Raises
    ------
    DataError
        If the profile is bad.
    InputError
        If the slots are fewer than the profile begins with, or the fleet is too large to be computed.
    InfeasibleError
        If the rate reaches 99 % of saturation, where there is no steady state to speak of.
    """
    loop = ClosedLoop(catalog.read_server_profile(profile), question.slots)
    _check(question, loop)
    open_loop = OpenLoop(loop, first_token(loop, question.decode))
    return _answer(question, _foretold(question, open_loop))


def _check(question: PredictQuestion, loop: ClosedLoop) -> None:
    """Refuse what cannot be computed, and what never settles."""
    if loop.slots < loop.lowest.concurrency:
        raise InputError(
            f"--slots {loop.slots} is below the lowest concurrency of the profile, {loop.lowest.concurrency}",
            hint="measure with 1 in flight, or leave --slots out",
        )
    if question.replicas * loop.slots > MOST_SLOTS:
        most = MOST_SLOTS // loop.slots
        raise InputError(
            f"{question.replicas:,} replicas of {loop.slots:,} slots are too many to be computed",
            hint=f"ask for {most:,} replicas at the same rate per replica: fleets so large hardly differ",
        )
    alone_rps = loop.station.saturation_rps
    if question.rate_qps >= MAX_LOAD * question.replicas * alone_rps:  # beyond it no run is long enough
        enough = floor(question.rate_qps / (MAX_LOAD * alone_rps)) + 1
        near = "reach" if question.rate_qps >= question.replicas * alone_rps else "come too close to"
        raise InfeasibleError(
            f"{question.rate_qps:g} requests/s {near} the saturation rate of {question.replicas * alone_rps:.4g} requests/s "
            f"({question.replicas} x {alone_rps:.4g})",
            hint=f"{enough:,} replicas would carry it, at {question.rate_qps / (enough * alone_rps):.0%} of saturation",
        )


def _foretold(question: PredictQuestion, open_loop: OpenLoop) -> Foretold:
    arrivals = Arrivals(
        rate_rps=question.rate_qps, scv=question.burstiness, replicas=question.replicas, routing=question.routing
    )
    fleet = open_loop.fleet(arrivals)
    rate_rps, first = question.rate_qps / question.replicas, open_loop.first
    prefill_share = rate_rps * first.prompt_s if isinstance(first, Prompts) else 0.0
    weak = tuple(
        weaknesses(
            load=rate_rps / open_loop.loop.station.saturation_rps,
            arrival_scv=question.burstiness,
            prefill_share=prefill_share,
            first_token=isinstance(first, Prompts),
        )
    )
    coarse = tuple(_coarse(open_loop, arrivals, fleet, prefill_share=prefill_share))
    run = nearest(open_loop.loop.profile.anchors, rate_rps=rate_rps, below_rps=open_loop.loop.station.saturation_rps)
    simulated = question.simulate and (weak or coarse)
    return Foretold(
        open_loop,
        question.replicas,
        fleet,
        formula=open_loop.by_formula(fleet),
        weak=weak,
        coarse=coarse,
        trial=rehearsed(open_loop, arrivals, fleet, seed=question.seed) if simulated else None,
        anchor=anchored(open_loop, run) if run else None,
    )


def _coarse(open_loop: OpenLoop, arrivals: Arrivals, fleet: FleetState, *, prefill_share: float) -> Iterator[str]:
    """Yield why the formulas are a coarse guide, though no weak regime is touched.

    Two moments of gaps and work stand for all of them. Measured against simulation at loads of 0.3 to 0.8: e2e p95 10 to
    80 % off with four slots and gaps or work far from exponential, 5 to 25 % with many slots and constant work; TTFT of an
    autoregressive server up to 30 % too high where a router or the arrivals themselves even them out.
    """
    few = open_loop.loop.slots <= FEW_SLOTS
    routing = arrivals.routing if arrivals.replicas > 1 else Routing.RANDOM
    other = arrivals.scv != 1.0 or routing in {Routing.ROUND_ROBIN, Routing.POWER_OF_TWO}
    leveled = routing is not Routing.RANDOM and prefill_share > PROMPTS_MATTER
    if few and other:
        yield "few slots under arrivals that are not random at each replica"
    if isinstance(open_loop.first, Prompts) and (other or leveled):
        yield "prompts under arrivals that are not random at each replica"
    if open_loop.loop.work_scv < ALIKE and (few or other or fleet.state.wait_probability > TAIL):
        yield "requests that are nearly alike"


def _answer(question: PredictQuestion, foretold: Foretold) -> Prediction:
    loop, times = foretold.open_loop.loop, foretold.times
    saturation_qps = question.replicas * loop.station.saturation_rps
    tokens = loop.output_tokens
    return Prediction(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        profile=loop.profile.name,
        rate_qps=question.rate_qps,
        burstiness=question.burstiness,
        replicas=question.replicas,
        routing=question.routing,
        slots=loop.slots,
        saturation_qps=saturation_qps,
        utilization=question.rate_qps / saturation_qps,
        in_flight_per_replica=question.rate_qps / question.replicas * times.e2e_s.mean,
        ttft_ms=_in_ms(times.ttft_s) if times.ttft_s else None,
        e2e_s=times.e2e_s,
        ntpot_ms=times.e2e_s.mean / tokens * MS_PER_S if tokens else None,
        in_range=foretold.in_range,
        decided_by=DecidedBy.SIMULATION if foretold.trial else DecidedBy.FORMULA,
        notes=tuple(foretold.notes()),
        warnings=foretold.cautions(),
    )


def _in_ms(times_s: Percentiles) -> Percentiles:
    return Percentiles(**{name: figure * MS_PER_S for name, figure in times_s.model_dump().items()})
