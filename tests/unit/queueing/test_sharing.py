"""The event simulation of stations against the independent judge, and the picks of its routers."""

import numpy as np
import pytest

from advisor.domain.routing import Routing
from advisor.queueing import FloatArray, Station, solve
from advisor.queueing.simulate import Demand, Outcome, Sharing, arrival_times_s, simulate
from tests.unit.queueing.simulation import lognormal_work, routed_s, served_s

COUNTS = np.arange(1.0, 9.0)
RATES_RPS = COUNTS / (0.5 + 0.1 * COUNTS)
STATION = Station(RATES_RPS)
REQUESTS = 20_000


def demand_of(seed: int, *, load: float, replicas: int = 1, scv: float = 1.0, requests: int = REQUESTS) -> Demand:
    rng = np.random.default_rng(seed)
    arrival_rps = load * replicas * STATION.saturation_rps
    arrivals_s = arrival_times_s(rng, requests=requests, arrival_rps=arrival_rps, arrival_scv=scv)
    return Demand(arrivals_s, lognormal_work(rng, jobs=requests, scv=2.25))


def outcome_of(arrivals_s: list[float], work: list[float]) -> Outcome:
    return simulate(Sharing(STATION), Demand(np.array(arrivals_s), np.array(work)), replicas=1)


@pytest.mark.parametrize("scv", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("load", [0.4, 0.95, 1.3])
def test_one_replica_serves_each_request_as_the_judge_does(load: float, scv: float) -> None:
    demand = demand_of(3, load=load, scv=scv)
    judged_s = served_s(
        rates_rps=RATES_RPS.tolist(), arrivals_s=demand.arrivals_s.tolist(), amounts=demand.work.tolist()
    )
    np.testing.assert_allclose(simulate(Sharing(STATION), demand, replicas=1).e2e_s, judged_s, rtol=1e-9)


@pytest.mark.parametrize("replicas", [2, 5])
@pytest.mark.parametrize("load", [0.4, 0.95])
def test_least_outstanding_serves_each_request_as_the_judge_does(load: float, replicas: int) -> None:
    demand = demand_of(4, load=load, replicas=replicas)
    judged_s = routed_s(
        rates_rps=RATES_RPS.tolist(),
        arrivals_s=demand.arrivals_s.tolist(),
        amounts=demand.work.tolist(),
        ties=np.zeros((REQUESTS, replicas)).tolist(),  # the first of those that tie, as ours
    )
    np.testing.assert_allclose(simulate(Sharing(STATION), demand, replicas=replicas).e2e_s, judged_s, rtol=1e-9)


def test_a_request_alone_runs_at_the_speed_of_one() -> None:
    assert outcome_of([7.0], [2.0]).e2e_s.tolist() == pytest.approx([2.0 * 0.6])


def test_two_requests_share_the_speed_of_two() -> None:
    # both at 0.7 s per unit until the first is done, then the rest of the second at 0.6
    assert outcome_of([0.0, 0.0], [1.0, 3.0]).e2e_s.tolist() == pytest.approx([0.7, 0.7 + 2 * 0.6])


def test_whoever_finds_no_slot_waits_for_the_first_that_gets_free() -> None:
    outcome = outcome_of([0.0] * 9, [1.0] * 8 + [2.0])
    assert outcome.starts_s.tolist() == pytest.approx([0.0] * 8 + [1.3])
    assert outcome.dones_s[-1] == pytest.approx(1.3 + 2 * 0.6)


def test_the_first_text_shows_after_its_part_of_the_work() -> None:
    demand = Demand(np.zeros(2), np.array([2.0, 4.0]), first=np.array([1.0, 4.0]))
    outcome = simulate(Sharing(STATION), demand, replicas=1)
    assert outcome.ttft_s.tolist() == pytest.approx([0.7, outcome.e2e_s[1]])
    assert outcome.e2e_s.tolist() == pytest.approx([1.4, 1.4 + 2 * 0.6])


def test_waiting_and_in_service_are_counted_at_any_moment() -> None:
    outcome = outcome_of([0.0] * 10, [1.0] * 10)
    assert outcome.waiting([-1.0, 0.5, 1.4]).tolist() == [0.0, 2.0, 0.0]
    assert outcome.in_service([-1.0, 0.5, 1.4, 99.0]).tolist() == [0.0, 8.0, 2.0, 0.0]


def test_the_mean_number_in_the_system_is_that_of_the_formula() -> None:
    demand = demand_of(5, load=0.8, requests=200_000)
    outcome = simulate(Sharing(STATION), demand, replicas=1)
    seen_s = np.linspace(demand.arrivals_s[10_000], demand.arrivals_s[-1], 100_000)
    state = solve(STATION, arrival_rps=0.8 * STATION.saturation_rps, work_scv=2.25)
    assert outcome.in_service(seen_s).mean() == pytest.approx(state.mean_in_system - state.mean_waiting, rel=0.02)
    assert outcome.waiting(seen_s).mean() == pytest.approx(state.arrival_rps * state.mean_wait_s, rel=0.2)


def far_apart(replicas: int, routing: Routing, *, requests: int = 9_000) -> FloatArray:
    """Which replica took each request: with two at a time, whoever shares takes longer."""
    arrivals_s = np.arange(requests, dtype=np.float64) * 100.0
    outcome = simulate(
        Sharing(STATION),
        Demand(np.repeat(arrivals_s, 2), np.ones(2 * requests)),
        replicas=replicas,
        routing=routing,
        seed=11,
    )
    return np.asarray(outcome.e2e_s.reshape(requests, 2) > 0.65, dtype=np.float64)


def test_round_robin_and_least_outstanding_never_send_two_at_once_to_one_replica() -> None:
    for routing in (Routing.ROUND_ROBIN, Routing.LEAST_OUTSTANDING, Routing.POWER_OF_TWO):
        shared = far_apart(2, routing).mean()
        assert shared == 0.0, routing


def test_random_choice_sends_two_at_once_to_one_replica_as_often_as_chance_has_it() -> None:
    assert far_apart(3, Routing.RANDOM).mean() == pytest.approx(1 / 3, abs=0.015)


def test_two_choices_meet_a_taken_replica_only_where_it_wins_a_tie() -> None:
    # of five replicas one is taken: it is among the two drawn often, and never the better one
    assert far_apart(5, Routing.POWER_OF_TWO).mean() == 0.0


def test_round_robin_takes_turns_whatever_the_replicas_hold() -> None:
    demand = Demand(np.arange(4.0), np.array([100.0, 1.0, 1.0, 1.0]))
    outcome = simulate(Sharing(STATION), demand, replicas=2, routing=Routing.ROUND_ROBIN)
    alone_s, sharing_s = 0.6, 0.7
    assert outcome.e2e_s[1:].tolist() == pytest.approx([alone_s, sharing_s, alone_s])


@pytest.mark.parametrize("routing", Routing)
def test_the_same_seed_has_the_same_outcome(routing: Routing) -> None:
    demand = demand_of(6, load=0.8, replicas=3, requests=3_000)
    one, same, other = (
        simulate(Sharing(STATION), demand, replicas=3, routing=routing, seed=seed).dones_s for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any() == (routing in {Routing.RANDOM, Routing.POWER_OF_TWO})


def test_a_fleet_needs_a_replica() -> None:
    with pytest.raises(ValueError, match="replicas"):
        simulate(Sharing(STATION), Demand(np.zeros(1), np.ones(1)), replicas=0)


@pytest.mark.parametrize(
    ("arrivals_s", "work", "first"),
    [
        ([], [], None),
        ([0.0], [1.0, 1.0], None),
        ([0.0, 1.0], [1.0, 1.0], [1.0]),
        ([1.0, 0.0], [1.0, 1.0], None),
        ([0.0], [0.0], None),
        ([0.0], [float("nan")], None),
    ],
)
def test_requests_are_described_completely(
    arrivals_s: list[float], work: list[float], first: list[float] | None
) -> None:
    with pytest.raises(ValueError, match=r"must|need"):
        Demand(np.array(arrivals_s), np.array(work), first=None if first is None else np.array(first))
