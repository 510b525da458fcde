"""A fleet of one deployment as the event simulation sees it: engines, and requests that come and ask for work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from advisor.errors import InputError
from advisor.queueing.simulate import Batching, Demand, Outcome, arrival_times_s, simulate, stretched_s
from advisor.usecases.curves import GRID

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.usecases.serving import Serving

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

MOST_REPLICAS_SIMULATED = 32
"""A larger fleet is simulated as so many replicas with their share of the arrivals: pooling gains little beyond."""

SOJOURNS_AFTER = 2.0
"""How long arrivals go on behind the last counted request, in mean sojourns: it must not see the fleet run empty."""

REPLAYED_SOJOURNS = 10.0
"""Mean sojourns that a trace has to last; a shorter one is replayed several times."""

MOST_PASSES = 100

LONG_S = 1e6
"""Time between requests that never meet."""

UNCOUNTED = 0.1
"""Share of each run at its start whose latencies are not counted: the fleet starts about as full as it will be."""


@dataclass(frozen=True)
class Served:
    """A run: when each request was served, and how many output tokens it has; shape ``(requests,)``."""

    outcome: Outcome
    tokens: FloatArray

    def after(self, first: int) -> Served:
        """Return the run without the requests before a position."""
        return self.part(first, self.tokens.size)

    def part(self, first: int, end: int) -> Served:
        """Return the run of the requests from a position to before another."""
        return Served(self.outcome.part(first, end), self.tokens[first:end])


@dataclass(frozen=True)
class Replay:
    """Runs of a serving deployment. Its representative requests are drawn at random, or follow the order of a trace.

    `token_budget` is `max_num_batched_tokens` of a replica.
    """

    serving: Serving
    token_budget: int

    @cached_property
    def engine(self) -> Batching:
        """The engine of a replica: time per step and per prompt token with 1 to all slots in service."""
        curve = self.serving.curve
        in_service = np.arange(1.0, self.serving.slots + 1.0)
        canvas = curve.deployment.model.canvas
        return Batching(
            step_s=np.interp(in_service, GRID, curve.step_s),
            prefill_s_per_token=np.interp(in_service, GRID, curve.prefill_s_per_token),
            token_budget=self.token_budget,
            tokens_per_step=canvas.tokens if canvas else 1,
        )

    @cached_property
    def steps(self) -> FloatArray:
        """Forward passes of each representative request, whole ones, at least one."""
        work = self.serving.curve.work
        return np.maximum(np.rint(work.turns * self.serving.curve.steps_per_turn), 1.0)

    @cached_property
    def first_steps(self) -> FloatArray:
        """Forward passes of each representative request until its first text shows."""
        return np.maximum(np.rint(self.serving.curve.work.first_turn_share * self.steps), 1.0)

    def run(self, rate_rps: float, *, replicas: int, requests: int, seed: int, present: float = 0.0) -> Served:
        """Return one run.

        Parameters
        ----------
        rate_rps
            Arrivals per second at the whole fleet.
        replicas
            Replicas of the fleet. More than 32 are simulated as 32 with their share of the arrivals.
        requests
            How many requests are counted; a trace brings its own.
        seed
            Of arrivals, requests and routing.
        present
            Requests per replica that are in service at the start, so that the run is soon as busy as it will be.

        Raises
        ------
        InputError
            If a trace is over before the first replies are, however often it is replayed.
        """
        if self.serving.arriving.replays:
            return self._replayed(rate_rps, replicas=replicas, seed=seed, present=present)
        whole, uncounted = self.drawn(
            rate_rps,
            replicas=replicas,
            requests=requests,
            seed=seed,
            present=present,
            after=round(SOJOURNS_AFTER * present * min(replicas, MOST_REPLICAS_SIMULATED)),
        )
        return whole.part(uncounted, uncounted + requests)

    def _replayed(self, rate_rps: float, *, replicas: int, seed: int, present: float) -> Served:
        """Replay the trace once, or where it is over before the fleet has filled, several times after one uncounted pass."""
        times_s = stretched_s(self.serving.arriving.trace_s, arrival_rps=rate_rps)
        passes = max(ceil(REPLAYED_SOJOURNS * present * replicas / times_s.size), 1)
        if passes == 1:
            return self.follow(times_s, np.arange(times_s.size), replicas=replicas, seed=seed)
        if passes > MOST_PASSES:
            raise InputError(
                f"the trace lasts {times_s[-1]:.3g} s at {rate_rps:g} requests/s, replies take longer: nothing to simulate",
                hint="use a longer trace, --burstiness in its place, or --no-simulate",
            )
        starts_s = np.arange(passes + 1) * (times_s[-1] + 1.0 / rate_rps)
        whole = self.follow(
            np.add.outer(starts_s, times_s).ravel(),
            np.tile(np.arange(times_s.size), passes + 1),
            replicas=replicas,
            seed=seed,
        )
        return whole.after(times_s.size)

    def alone(self) -> Served:
        """Return each representative request once, with a replica for itself."""
        kinds = np.arange(self.steps.size)
        return self.follow(kinds.astype(np.float64) * LONG_S, kinds, replicas=1, seed=0)

    def drawn(
        self, rate_rps: float, *, replicas: int, requests: int, seed: int, present: float = 0.0, after: int = 0
    ) -> tuple[Served, int]:
        """Return a whole run of drawn arrivals, and how many requests at its start `run` does not count.

        `after` more requests come behind those that count, so that the fleet does not run empty around the last of them.
        """
        rng = np.random.default_rng(seed)
        simulated = min(replicas, MOST_REPLICAS_SIMULATED)
        warm = round(present * simulated)
        dropped = int(requests * UNCOUNTED)
        times_s = arrival_times_s(
            rng,
            requests=dropped + requests + after,
            arrival_rps=rate_rps * simulated / replicas,
            arrival_scv=self.serving.arriving.scv,
        )
        kinds = rng.integers(self.steps.size, size=times_s.size)
        whole = self._follow_warm(times_s, kinds, rng=rng, warm=warm, replicas=simulated, seed=seed)
        return whole, warm + dropped

    def follow(self, times_s: FloatArray, kinds: IntArray, *, replicas: int, seed: int) -> Served:
        """Return a run of requests of given kinds at given times, from an empty fleet."""
        return self._follow_warm(times_s, kinds, rng=np.random.default_rng(seed), warm=0, replicas=replicas, seed=seed)

    def _follow_warm(
        self, times_s: FloatArray, kinds: IntArray, *, rng: np.random.Generator, warm: int, replicas: int, seed: int
    ) -> Served:
        """Let `warm` requests be under way at time 0: longer ones more likely, each somewhere in its reply."""
        under_way = rng.choice(self.steps.size, size=warm, p=self.steps / self.steps.sum())
        left = np.ceil(rng.random(warm) * self.steps[under_way])
        everyone = np.concatenate((under_way, kinds))
        work = self.serving.curve.work
        demand = Demand(
            arrivals_s=np.concatenate((np.zeros(warm), times_s)),
            work=np.concatenate((np.maximum(left, 1.0), self.steps[kinds])),
            first=np.concatenate((np.ones(warm), self.first_steps[kinds])),
            prompt_tokens=np.concatenate((np.zeros(warm), work.prompt_tokens[kinds])),
        )
        outcome = simulate(self.engine, demand, replicas=replicas, routing=self.serving.arriving.routing, seed=seed)
        return Served(self._corrected(outcome), work.output_tokens[everyone])

    def _corrected(self, outcome: Outcome) -> Outcome:
        """Return an outcome whose first texts come as late as the user's own open-loop runs say."""
        factor = self.serving.curve.ttft_factor
        if factor == 1.0:
            return outcome
        firsts_s = np.minimum(outcome.arrivals_s + factor * outcome.ttft_s, outcome.dones_s)
        return replace(outcome, firsts_s=firsts_s)
