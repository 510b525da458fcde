"""The cells on which the queueing formulas are judged, and how one of them is: by event simulation of the same station.

Safe to be run in a fresh process: a cell is a few plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.routing import Routing
from advisor.queueing import Station, Traffic, fleet_state, pool, sample_sizes, sojourn_law, squared_cv
from advisor.queueing.simulate import Demand, Outcome, Sharing, arrival_times_s, simulate, stretched_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

FIGURES = ("mean", "p95", "p99")


def _station(points: Mapping[int, float], *, slots: int) -> Station:
    """Return the station through some points (requests in flight: completions per second), c/X straight in between."""
    in_flight = np.array([*points], dtype=np.float64)
    n = np.arange(1.0, slots + 1.0)
    return Station(n / np.interp(n, in_flight, in_flight / np.array([*points.values()])))


CHAT_RPS = {1: 0.69, 2: 1.37, 4: 2.49, 8: 4.85, 16: 7.97, 32: 11.94, 64: 16.14, 128: 19.29, 192: 20.86, 256: 21.54}
"""Closed loop of an autoregressive server on chat (experiment C of the methods), as are the next two of diffusion servers."""
FOUR_CANVASES_RPS = {1: 2.75, 2: 3.76, 3: 4.34, 4: 4.59}
EIGHT_CANVASES_RPS = {1: 2.75, 2: 3.76, 4: 4.66, 6: 4.95, 8: 5.13}

AUTOREGRESSIVE = ("AR K=256", "AR K=32")
DIFFUSION = ("diffusion K=4", "diffusion K=8")
STATIONS: Mapping[str, Station] = {
    "AR K=256": _station(CHAT_RPS, slots=256),
    "AR K=64": _station(CHAT_RPS, slots=64),
    "AR K=32": _station(CHAT_RPS, slots=32),
    "diffusion K=4": _station(FOUR_CANVASES_RPS, slots=4),
    "diffusion K=8": _station(EIGHT_CANVASES_RPS, slots=8),
}

MEAN_TOKENS, TOKENS_CV, CANVAS_TOKENS = 300.0, 0.8, 256.0


def _lognormal(rng: np.random.Generator, requests: int, *, cv: float) -> FloatArray:
    variance = np.log1p(cv**2)
    return rng.lognormal(-variance / 2.0, np.sqrt(variance), size=requests)


WORKS: Mapping[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "constant": lambda _rng, requests: np.ones(requests),
    "exponential": lambda rng, requests: rng.exponential(size=requests),
    "lognormal": lambda rng, requests: _lognormal(rng, requests, cv=1.5),
    "canvases": lambda rng, requests: np.ceil(_lognormal(rng, requests, cv=TOKENS_CV) * MEAN_TOKENS / CANVAS_TOKENS),
}

SCVS = (1.0, 4.0)
LOADS = (0.3, 0.5, 0.7, 0.85, 0.95)
ROUTED = ("AR K=64", "diffusion K=4")
ROUTED_LOADS = LOADS[1:4]
REPLICAS = (2, 4, 8)

SEEDS = 3
REQUESTS = {0.3: 300_000, 0.5: 300_000, 0.7: 300_000, 0.85: 600_000, 0.95: 1_000_000}
"""Requests per seed: the fuller a station, the longer it remembers, and the more a run of it needs."""
ROUTED_SHARE = 1 / 12
"""Of those, for each replica of a fleet: it fills from empty as one replica does, and pools what it remembers."""
QUICK_SHARE = 0.1
WARM_UP_SHARE = 0.1
SAMPLE, SAMPLE_SEED = 400_000, 77


@dataclass(frozen=True, slots=True)
class Cell:
    """One station, or several behind a router, under one kind of work and arrivals."""

    station: str
    work: str
    load: float
    arrival_scv: float
    replicas: int = 1
    routing: Routing = Routing.LEAST_OUTSTANDING

    @property
    def arrival_rps(self) -> float:
        """Arrivals per second at all replicas."""
        return self.load * self.replicas * STATIONS[self.station].saturation_rps

    def requests(self, *, quick: bool) -> int:
        """Return how many requests are simulated per seed."""
        share = (ROUTED_SHARE * self.replicas if self.replicas > 1 else 1.0) * (QUICK_SHARE if quick else 1.0)
        return round(REQUESTS[self.load] * share)


SINGLE = tuple(
    Cell(station, work, load, scv)
    for scv in SCVS
    for load in LOADS
    for station in (*AUTOREGRESSIVE, *DIFFUSION)
    for work in WORKS
    if work != "canvases" or station in DIFFUSION
)
FLEETS = tuple(
    Cell(station, work, load, scv, replicas, routing)
    for routing in Routing
    for scv in SCVS
    for station in ROUTED
    for replicas in REPLICAS
    for load in ROUTED_LOADS
    for work in ("exponential", "lognormal")
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell with the relative errors [1] of the formulas and their noise, one for each of `FIGURES`.

    Noise is the standard error of the simulated figure over its seeds. `simulated_s` are the figures that count as true.
    """

    cell: Cell
    errors: tuple[float, ...]
    noises: tuple[float, ...]
    requests: int
    simulated_s: tuple[float, ...] = ()


def judge(cell: Cell, *, quick: bool, seed: int) -> Judged:
    """Return how wrong the formulas are on a cell."""
    requests = cell.requests(quick=quick)
    runs = np.array([_figures(_simulated(cell, requests=requests, seed=SEEDS * seed + i)) for i in range(SEEDS)])
    simulated_s = runs.mean(axis=0)
    errors = np.array(_formula_s(cell)) / simulated_s - 1.0
    noises = runs.std(axis=0, ddof=1) / np.sqrt(SEEDS) / simulated_s
    return Judged(cell, tuple(errors.tolist()), tuple(noises.tolist()), SEEDS * requests, tuple(simulated_s.tolist()))


def _simulated(cell: Cell, *, requests: int, seed: int) -> Outcome:
    """Run one seed. Its mean gap and mean work are exact: the load then is, and latencies vary less between seeds."""
    rng = np.random.default_rng(seed)
    drawn_s = arrival_times_s(rng, requests=requests, arrival_rps=cell.arrival_rps, arrival_scv=cell.arrival_scv)
    work = WORKS[cell.work](rng, requests)
    demand = Demand(stretched_s(drawn_s, arrival_rps=cell.arrival_rps), work / work.mean())
    kind = Sharing(STATIONS[cell.station])
    outcome = simulate(kind, demand, replicas=cell.replicas, routing=cell.routing, seed=seed)
    return outcome.after(int(requests * WARM_UP_SHARE))


def _figures(outcome: Outcome) -> tuple[float, ...]:
    p95_s, p99_s = np.quantile(outcome.e2e_s, (0.95, 0.99)).tolist()
    return float(outcome.e2e_s.mean()), p95_s, p99_s


@lru_cache(maxsize=len(WORKS))
def sizes_of_work(work: str) -> tuple[FloatArray, float]:
    """Return relative sizes and variation of a kind of work, from requests that no simulation sees."""
    drawn = WORKS[work](np.random.default_rng(SAMPLE_SEED), SAMPLE)
    return sample_sizes(drawn), squared_cv(drawn)


def _formula_s(cell: Cell) -> tuple[float, ...]:
    sizes, scv = sizes_of_work(cell.work)
    station = STATIONS[cell.station]
    fleet = fleet_state(
        lambda replicas: pool(station, replicas=replicas),
        Traffic(arrival_rps=cell.arrival_rps, work_scv=scv, arrival_scv=cell.arrival_scv),
        replicas=cell.replicas,
        routing=cell.routing,
    )
    law = sojourn_law(fleet.state, sizes=sizes)
    return law.mean(), law.quantile(0.95), law.quantile(0.99)
