"""An open loop in front of a profiled server, simulated: it decides where the formulas are weak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Protocol

import numpy as np

from advisor.domain.prediction import Percentiles
from advisor.domain.routing import Routing
from advisor.queueing.simulate import Batching, Demand, Outcome, Sharing, arrival_times_s, simulate
from advisor.usecases.predicting.first_token import FirstCanvas, Prompts
from advisor.usecases.predicting.open_loop import PERCENTILES, Times

if TYPE_CHECKING:
    from advisor.queueing import FleetState, FloatArray
    from advisor.usecases.predicting.closed_loop import ClosedLoop
    from advisor.usecases.predicting.open_loop import Arrivals, OpenLoop

RUNS = 5
LEAST_REQUESTS = 40_000
MOST_REQUESTS = 200_000
MOST_REPLICAS = 64
TURNOVERS = 20
"""Requests of a run over those in flight, at least: how often the fleet is emptied and filled."""
RELAXATIONS = 40
"""Requests of a run over those in which a loaded queue forgets its past, at least."""
UNSTEADY = 0.1
"""Spread of p95 between runs from which they are made as long as they may be, and a warning if that does not help."""
LEFT_OUT = 0.1
"""Share of a run that is left out at its start, when the fleet fills, and at its end, when nobody comes any more."""
TOKEN_BUDGET = 8192
"""Prompt tokens that an iteration reads at most (`max_num_batched_tokens`); the profile does not tell it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs of an open loop: their statistics, how much p95 of e2e differs between them, and how long each was.

    `replicas` were simulated, fewer than asked for where those are very many. `by_iterations`: prompts held up everybody, as they do in an engine.
    """

    times: Times
    p95_spread: float
    requests: int
    replicas: int
    by_iterations: bool


class _Server(Protocol):
    """What is simulated, and what each request asks of it."""

    @property
    def kind(self) -> Sharing | Batching: ...

    def demand(self, arrivals_s: FloatArray, rng: np.random.Generator) -> Demand: ...


@dataclass(frozen=True)
class _Shared:
    """A server that shares its speed as the formulas say."""

    loop: ClosedLoop
    canvas: FirstCanvas | None

    @property
    def kind(self) -> Sharing:
        return Sharing(self.loop.station)

    def demand(self, arrivals_s: FloatArray, rng: np.random.Generator) -> Demand:
        work = _drawn(rng, self.loop.work_scv, arrivals_s.size)
        if self.canvas is None:
            return Demand(arrivals_s, work)
        return Demand(
            arrivals_s, work, first=np.minimum(self.canvas.limit * _drawn(rng, self.canvas.scv, work.size), work)
        )


@dataclass(frozen=True)
class _Iterating:
    """An autoregressive engine: it reads prompts between steps."""

    loop: ClosedLoop
    prompts: Prompts
    output_tokens: float

    @cached_property
    def step_s(self) -> FloatArray:
        """Seconds per step with 1..K in service that give the closed loop the throughput of the profile.

        With c in flight, each for ``out`` iterations, one iteration takes ``s + c / out`` prompts: c/X = out s + c prompts.
        """
        counts = np.arange(1.0, self.loop.slots + 1.0)
        return np.asarray(
            (self.loop.station.slowdowns_s - counts * self.prompts.prompt_s) / self.output_tokens, dtype=np.float64
        )

    @property
    def kind(self) -> Batching:
        return Batching(self.step_s, np.full(self.loop.slots, self.prompts.prefill_s_per_token), TOKEN_BUDGET)

    def demand(self, arrivals_s: FloatArray, rng: np.random.Generator) -> Demand:
        tokens = _whole(_drawn(rng, self._output_scv, arrivals_s.size) * self.output_tokens)
        prompts = _whole(_drawn(rng, self.prompts.input_scv, tokens.size) * self.prompts.input_tokens)
        return Demand(arrivals_s, tokens, first=np.ones_like(tokens), prompt_tokens=prompts)

    @property
    def _output_scv(self) -> float:
        """Squared variation of reply lengths: what that of the work leaves beside the prompts."""
        decoding_s, prompt_s = float(self.step_s[0]) * self.output_tokens, self.prompts.prompt_s
        variance_s2 = self.loop.work_scv * (decoding_s + prompt_s) ** 2 - self.prompts.input_scv * prompt_s**2
        return max(variance_s2, 0.0) / decoding_s**2


def _server(open_loop: OpenLoop) -> _Server:
    loop, first = open_loop.loop, open_loop.first
    if isinstance(first, Prompts) and loop.output_tokens is not None:
        engine = _Iterating(loop, first, loop.output_tokens)
        if engine.step_s.min() > 0:
            return engine
    return _Shared(loop, first if isinstance(first, FirstCanvas) else None)


def rehearsed(open_loop: OpenLoop, arrivals: Arrivals, fleet: FleetState, *, seed: int) -> Trial:
    """Return what several runs, with random numbers of their own, show together.

    Parameters
    ----------
    open_loop
        The server. If its prompts are known it works in iterations; else it shares its speed as the formulas say.
    arrivals
        What arrives.
    fleet
        The steady state, which says how long a run must be.
    seed
        Start of the random numbers.
    """
    in_flight = arrivals.rate_rps / arrivals.replicas * fleet.state.mean_sojourn_s
    part = _in_part(arrivals, in_flight)
    requests = _requests(open_loop, part, fleet, in_flight=in_flight * part.replicas)
    trial = _trial(open_loop, part, requests=requests, seed=seed)
    if trial.p95_spread > UNSTEADY and requests < MOST_REQUESTS:
        trial = _trial(open_loop, part, requests=MOST_REQUESTS, seed=seed)
    return trial


def _trial(open_loop: OpenLoop, arrivals: Arrivals, *, requests: int, seed: int) -> Trial:
    server = _server(open_loop)
    outcomes = [_outcome(server, arrivals, requests, np.random.default_rng((seed, run))) for run in range(RUNS)]
    e2e_s, ttft_s = np.stack([o.e2e_s for o in outcomes]), np.stack([o.ttft_s for o in outcomes])
    each_s = np.quantile(e2e_s, 0.95, axis=1)
    iterates = isinstance(server, _Iterating)
    if isinstance(server, _Iterating):
        ttft_s = ttft_s + server.prompts.fixed_s
    known = iterates or isinstance(open_loop.first, FirstCanvas)
    return Trial(
        Times(_statistics(ttft_s) if known else None, _statistics(e2e_s)),
        p95_spread=float(np.ptp(each_s) / each_s.mean()),
        requests=requests,
        replicas=arrivals.replicas,
        by_iterations=iterates,
    )


def _in_part(arrivals: Arrivals, in_flight: float) -> Arrivals:
    """Return a part of a large fleet with its share of the arrivals: pooling gains little beyond.

    Where the router looks at no replica, gaps are as variable as leaves each replica with what it sees in the whole fleet.
    """
    most = min(MOST_REPLICAS, int(MOST_REQUESTS / TURNOVERS / in_flight))
    replicas = max(min(arrivals.replicas, most), 1)
    share, scv = replicas / arrivals.replicas, arrivals.scv
    if arrivals.routing is Routing.RANDOM:
        scv = 1.0 + (scv - 1.0) * share
    elif arrivals.routing is Routing.ROUND_ROBIN:
        scv *= share
    return replace(arrivals, replicas=replicas, rate_rps=arrivals.rate_rps * share, scv=scv)


def _requests(open_loop: OpenLoop, arrivals: Arrivals, fleet: FleetState, *, in_flight: float) -> int:
    """Return the length of a run: many times what is in flight, and what a loaded queue takes to forget its past."""
    forgotten = (arrivals.scv + open_loop.loop.work_scv) / (1.0 - fleet.state.utilization) ** 2
    return ceil(min(max(LEAST_REQUESTS, TURNOVERS * in_flight, RELAXATIONS * forgotten), MOST_REQUESTS))


def _outcome(server: _Server, arrivals: Arrivals, requests: int, rng: np.random.Generator) -> Outcome:
    """Return one run without its edges. Its mean gap is exact: its own load then varies less, and with it its latencies."""
    times = arrival_times_s(rng, requests=requests, arrival_rps=1.0, arrival_scv=arrivals.scv)
    arrivals_s = times * (requests / float(times[-1]) / arrivals.rate_rps)
    demand, seed = server.demand(arrivals_s, rng), int(rng.integers(2**31))
    whole = simulate(server.kind, demand, replicas=arrivals.replicas, routing=arrivals.routing, seed=seed)
    edge = int(LEFT_OUT * requests)
    kept = slice(edge, requests - edge)
    return Outcome(whole.arrivals_s[kept], whole.starts_s[kept], whole.firsts_s[kept], whole.dones_s[kept])


def _drawn(rng: np.random.Generator, scv: float, size: int) -> FloatArray:
    """Return draws of a gamma law, scaled to mean 1, none so small that it counts for nothing."""
    if scv == 0.0:
        return np.ones(size)
    drawn = np.maximum(rng.gamma(1.0 / scv, scv, size=size), 1e-6)
    return np.asarray(drawn / drawn.mean(), dtype=np.float64)


def _whole(tokens: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(np.rint(tokens), 1.0), dtype=np.float64)


def _statistics(times_s: FloatArray) -> Percentiles:
    p50, p95, p99 = np.quantile(times_s, PERCENTILES).tolist()
    return Percentiles(mean=float(times_s.mean()), p50=p50, p95=p95, p99=p99)
