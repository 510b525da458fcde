"""Several replicas behind each routing rule against the event simulation; tolerances hold what was measured."""

from functools import partial

import numpy as np
import pytest

from advisor.domain.routing import Routing
from advisor.queueing import FloatArray, Station, Traffic, Unstable, fleet_state, pool, sample_sizes, sojourn_law, solve
from advisor.queueing.simulate import Demand, Sharing, arrival_times_s, simulate, stretched_s

REPLICAS = 4
COUNTS = np.arange(1.0, 65.0)
STATIONS = {
    "autoregressive": Station(COUNTS / (0.5 + 0.01 * COUNTS + 0.02 * np.sqrt(COUNTS))),
    "diffusion": Station(np.array([2.75, 3.76, 4.34, 4.59])),
}
REQUESTS = {("autoregressive", 0.5): 60_000, ("autoregressive", 0.85): 100_000, ("diffusion", 0.5): 60_000}
SEEDS = {"autoregressive": range(1), "diffusion": range(2)}
# In 2 million requests per cell diffusion came out -6.1 % (least outstanding) to +5.9 % (two choices) off on the mean, -8.4 to
# +5.7 % on p95; what the tolerances have beyond that is the noise of these shorter runs.
MEAN = {"autoregressive": 0.01, "diffusion": 0.075}
P95 = {"autoregressive": 0.012, "diffusion": 0.1}


def work_of(seed: int, *, requests: int) -> FloatArray:
    work = np.random.default_rng(seed).exponential(size=requests)
    return np.asarray(work / work.mean(), dtype=np.float64)


def simulated_s(station: Station, traffic: Traffic, *, work: FloatArray, routing: Routing, seed: int) -> FloatArray:
    rng = np.random.default_rng(100 + seed)
    rate_rps = traffic.arrival_rps
    drawn_s = arrival_times_s(rng, requests=work.size, arrival_rps=rate_rps, arrival_scv=traffic.arrival_scv)
    demand = Demand(stretched_s(drawn_s, arrival_rps=rate_rps), work)
    return simulate(Sharing(station), demand, replicas=REPLICAS, routing=routing, seed=seed).after(3000).e2e_s


@pytest.mark.parametrize("routing", Routing)
@pytest.mark.parametrize("scv", [1.0, pytest.param(4.0, marks=pytest.mark.grid)])
@pytest.mark.parametrize("load", [0.5, 0.85])
@pytest.mark.parametrize("kind", STATIONS)
def test_every_rule_agrees_with_the_simulation(kind: str, load: float, scv: float, routing: Routing) -> None:
    station = STATIONS[kind]
    traffic = Traffic(arrival_rps=load * REPLICAS * station.saturation_rps, arrival_scv=scv)
    works = [work_of(seed, requests=REQUESTS.get((kind, load), 200_000)) for seed in SEEDS[kind]]
    runs = [
        simulated_s(station, traffic, work=work, routing=routing, seed=seed)
        for seed, work in zip(SEEDS[kind], works, strict=True)
    ]
    fleet = fleet_state(lambda k: pool(station, replicas=k), traffic, replicas=REPLICAS, routing=routing)
    law = sojourn_law(fleet.state, sizes=sample_sizes(np.concatenate(works)))
    assert law.mean() == pytest.approx(np.mean(runs), rel=MEAN[kind])
    assert law.quantile(0.95) == pytest.approx(np.quantile(runs, 0.95), rel=P95[kind])


def state_under(routing: Routing, *, replicas: int = REPLICAS, scv: float = 1.0, load: float = 0.8) -> float:
    """Mean sojourn of diffusion replicas."""
    station = STATIONS["diffusion"]
    traffic = Traffic(arrival_rps=load * replicas * station.saturation_rps, arrival_scv=scv)
    pooled = partial(_pooled, station)
    return fleet_state(pooled, traffic, replicas=replicas, routing=routing).state.mean_sojourn_s


def _pooled(station: Station, replicas: int) -> Station:
    return pool(station, replicas=replicas)


@pytest.mark.parametrize("scv", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("replicas", [2, 4, 8])
def test_the_more_a_router_knows_the_shorter_it_takes(replicas: int, scv: float) -> None:
    order = (Routing.LEAST_OUTSTANDING, Routing.POWER_OF_TWO, Routing.ROUND_ROBIN, Routing.RANDOM)
    means_s = [state_under(routing, replicas=replicas, scv=scv) for routing in order]
    assert means_s == sorted(means_s)


def test_one_replica_needs_no_router() -> None:
    assert len({state_under(routing, replicas=1, scv=2.0) for routing in Routing}) == 1


def test_random_choice_thins_a_poisson_stream_to_poisson_streams() -> None:
    station = STATIONS["diffusion"]
    alone = solve(station, arrival_rps=0.8 * station.saturation_rps)
    assert state_under(Routing.RANDOM) == pytest.approx(alone.mean_sojourn_s, rel=1e-12)


@pytest.mark.parametrize("routing", Routing)
def test_a_fleet_that_cannot_keep_up_is_unstable_under_every_rule(routing: Routing) -> None:
    with pytest.raises(Unstable):
        state_under(routing, load=1.01)


def test_two_choices_of_two_replicas_are_all_there_are() -> None:
    both = [state_under(routing, replicas=2) for routing in (Routing.POWER_OF_TWO, Routing.LEAST_OUTSTANDING)]
    assert both[0] == both[1]


@pytest.mark.grid
def test_rules_that_look_at_no_replica_cost_block_diffusion_what_its_plans_say() -> None:
    station = STATIONS["diffusion"]
    traffic = Traffic(arrival_rps=0.85 * REPLICAS * station.saturation_rps)
    p95_s = {}
    for routing in (Routing.LEAST_OUTSTANDING, Routing.ROUND_ROBIN, Routing.RANDOM):
        runs = [
            simulated_s(station, traffic, work=work_of(seed, requests=100_000), routing=routing, seed=seed)
            for seed in range(2)
        ]
        p95_s[routing] = float(np.quantile(np.concatenate(runs), 0.95))
    assert p95_s[Routing.ROUND_ROBIN] / p95_s[Routing.LEAST_OUTSTANDING] == pytest.approx(1.5, abs=0.15)
    assert p95_s[Routing.RANDOM] / p95_s[Routing.LEAST_OUTSTANDING] == pytest.approx(2.0, abs=0.25)
