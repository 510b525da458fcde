"""What a simulated fleet is offered: drawn arrivals, a trace, or the hours of a daily profile; and the run that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from advisor.domain.simulation import LEAST_REQUESTS
from advisor.errors import InputError
from advisor.queueing import MAX_LOAD
from advisor.queueing.simulate import hourly_times_s, stretched_s
from advisor.usecases.replaying import MOST_REPLICAS_SIMULATED, SOJOURNS_AFTER, Replay, Served

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.domain.daily import DailyProfile
    from advisor.domain.simulation import SimulationQuestion
    from advisor.usecases.serving import Load, Serving

    FloatArray = NDArray[np.float64]

SECONDS_PER_HOUR = 3600.0
REQUESTS = 20_000
REQUESTS_OF_A_PROFILE = 200_000
REQUESTS_PER_PRESENT = 10
"""Drawn requests for each one that is in the fleet at least, unless told otherwise: a run outlives most of its memory."""
SOJOURNS_PER_HOUR = 20.0
"""Shortened hours hold so many mean sojourns of the busiest one, so that the fleet forgets one hour in the next."""


@dataclass(frozen=True)
class Run:
    """All requests of a run, those whose latencies count, and the stretch of time that is looked at.

    `scale` is how many replicas one simulated replica stands for.
    """

    whole: Served
    counted: Served
    start_s: float
    end_s: float
    scale: float = 1.0


class Offered(Protocol):
    """A load that can be run once. `requests` is how many it has, more or less."""

    @property
    def rate_rps(self) -> float:
        """Mean arrivals per second at the whole fleet."""
        ...

    @property
    def requests(self) -> int:
        """Requests to simulate."""
        ...

    def run(self, replay: Replay, *, replicas: int, seed: int) -> Run:
        """Return the run."""
        ...


def offered(question: SimulationQuestion, serving: Serving) -> Offered:
    """Return the load of a question.

    Raises
    ------
    InputError
        If there is no rate, a length is asked for that a trace or a profile has already, or too few requests arrive.
    """
    rate_rps = question.qps or own_rate_rps(question)
    if question.daily is not None:
        return _hourly(question, question.daily, serving, rate_rps=rate_rps)
    if serving.arriving.replays:
        return _replayed(question, serving, rate_rps=rate_rps)
    return _drawn(question, serving, rate_rps=rate_rps)


def own_rate_rps(question: SimulationQuestion) -> float:
    """Return the mean rate of the trace that the workload was read from.

    Raises
    ------
    InputError
        If it was read from none.
    """
    times_s = question.served.workload.arrival_s
    if not times_s:
        raise InputError("missing --qps", hint="say how many requests arrive per second, for example --qps 50")
    return (len(times_s) - 1) / (times_s[-1] - times_s[0])


def load_at(serving: Serving, rate_rps: float, *, replicas: int) -> Load | None:
    """Return what the formulas say of a fleet; None where it is overloaded."""
    if rate_rps >= MAX_LOAD * serving.station.saturation_rps * replicas:
        return None
    return serving.predict(rate_rps, replicas=replicas)


def _simulated(replicas: int) -> int:
    return min(replicas, MOST_REPLICAS_SIMULATED)


@dataclass(frozen=True)
class Drawn:
    """Arrivals drawn at a constant rate. The fleet starts with `present` requests per replica under way."""

    rate_rps: float
    requests: int
    present: float

    def run(self, replay: Replay, *, replicas: int, seed: int) -> Run:
        """Return the run; a large fleet is simulated as a smaller one with its share of the arrivals."""
        simulated = _simulated(replicas)
        whole, uncounted = replay.drawn(
            self.rate_rps,
            replicas=replicas,
            requests=self.requests,
            seed=seed,
            present=self.present,
            after=round(SOJOURNS_AFTER * self.present * simulated),
        )
        counted = whole.part(uncounted, uncounted + self.requests)
        first_s, last_s = counted.outcome.arrivals_s[[0, -1]].tolist()
        return Run(whole, counted, start_s=first_s, end_s=last_s, scale=replicas / simulated)


def _drawn(question: SimulationQuestion, serving: Serving, *, rate_rps: float) -> Drawn:
    load = load_at(serving, rate_rps, replicas=question.replicas)
    present = min(load.in_system, float(serving.slots)) if load else float(serving.slots)
    simulated = _simulated(question.replicas)
    usual = max(REQUESTS, int(REQUESTS_PER_PRESENT * present * simulated))
    if question.duration_s is not None:
        usual = _enough(round(rate_rps * simulated / question.replicas * question.duration_s), longer="--duration")
    return Drawn(rate_rps, question.requests or usual, present)


def _enough(requests: int, *, longer: str) -> int:
    if requests < LEAST_REQUESTS:
        raise InputError(
            f"{requests} requests arrive, too few to judge", hint=f"give a larger {longer} or a larger --qps"
        )
    return requests


@dataclass(frozen=True)
class Replayed:
    """A trace, replayed once at a mean rate from an empty fleet."""

    rate_rps: float
    trace_s: FloatArray

    @property
    def requests(self) -> int:
        """Requests of the trace."""
        return self.trace_s.size

    def run(self, replay: Replay, *, replicas: int, seed: int) -> Run:
        """Return the run."""
        times_s = stretched_s(self.trace_s, arrival_rps=self.rate_rps)
        whole = replay.follow(times_s, np.arange(times_s.size), replicas=replicas, seed=seed)
        return Run(whole, whole, start_s=0.0, end_s=float(times_s[-1]))


def _replayed(question: SimulationQuestion, serving: Serving, *, rate_rps: float) -> Replayed:
    if question.requests is not None or question.duration_s is not None:
        raise InputError(
            "--requests and --duration say nothing here: a trace is replayed once, as it is",
            hint="leave them out, or draw arrivals with --burstiness",
        )
    return Replayed(rate_rps, serving.arriving.trace_s)


@dataclass(frozen=True)
class Hourly:
    """One pass through a daily profile whose hours are shortened to `hour_s`, from an empty fleet."""

    rate_rps: float
    daily: DailyProfile
    hour_s: float
    scv: float

    @property
    def span_s(self) -> float:
        """Simulated time of all hours."""
        return self.hour_s * len(self.daily.relative_rate)

    @property
    def requests(self) -> int:
        """Expected requests of the whole fleet."""
        return round(self.rate_rps * self.span_s)

    def run(self, replay: Replay, *, replicas: int, seed: int) -> Run:
        """Return the run. Hours of full length get fewer arrivals, and are then compressed."""
        rng = np.random.default_rng(seed)
        simulated, pace = _simulated(replicas), self.hour_s / SECONDS_PER_HOUR
        times_s = pace * hourly_times_s(
            rng,
            shares_of_mean=self.daily.shares_of_mean,
            arrival_rps=self.rate_rps * pace * simulated / replicas,
            arrival_scv=self.scv,
        )
        kinds = rng.integers(replay.steps.size, size=_enough(times_s.size, longer="--requests"))
        whole = replay.follow(times_s, kinds, replicas=simulated, seed=seed)
        return Run(whole, whole, start_s=0.0, end_s=self.span_s, scale=replicas / simulated)


def _hourly(question: SimulationQuestion, daily: DailyProfile, serving: Serving, *, rate_rps: float) -> Hourly:
    if question.duration_s is not None:
        raise InputError(
            "--duration says nothing beside --daily-profile: all its hours are simulated",
            hint="say with --requests how many requests they shall have",
        )
    wanted_s = (question.requests or REQUESTS_OF_A_PROFILE) / rate_rps / len(daily.relative_rate)
    hour_s = max(wanted_s, SOJOURNS_PER_HOUR * _longest_sojourn_s(serving, daily, rate_rps, replicas=question.replicas))
    scv = 1.0 if question.burstiness is None else question.burstiness
    return Hourly(rate_rps, daily, min(hour_s, SECONDS_PER_HOUR), scv)


def _longest_sojourn_s(serving: Serving, daily: DailyProfile, rate_rps: float, *, replicas: int) -> float:
    """Return the mean sojourn in the busiest hour; where that is overloaded, the time in service with all slots taken."""
    load = load_at(serving, rate_rps * daily.peak_share, replicas=replicas)
    return load.e2e.mean() if load else serving.slots / serving.station.saturation_rps
