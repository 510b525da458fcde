"""What must hold for every fleet, router and stream of requests in the event simulation."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.domain.routing import Routing
from advisor.queueing import FloatArray, Station
from advisor.queueing.simulate import Batching, Demand, Sharing, simulate

SLACK_S = 1e-9

routings = st.sampled_from(Routing)
replica_counts = st.integers(1, 4)
some = settings(max_examples=80)


@dataclass(frozen=True)
class Fleet:
    kind: Sharing | Batching
    slots: int


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    requests = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    gaps_s = rng.exponential(draw(st.floats(0.001, 2.0)), size=requests) * rng.integers(0, 2, size=requests)
    work = rng.integers(1, 30, size=requests).astype(np.float64)
    first = np.minimum(rng.integers(1, 30, size=requests), work)
    return Demand(gaps_s.cumsum(), work, first, rng.integers(0, 500, size=requests).astype(np.float64))


@st.composite
def sharing_fleets(draw: st.DrawFn) -> Fleet:
    n = np.arange(1.0, draw(st.integers(1, 8)) + 1.0)
    return Fleet(Sharing(Station(n / (draw(st.floats(0.01, 1.0)) + draw(st.floats(0.001, 0.2)) * n))), n.size)


@st.composite
def batching_fleets(draw: st.DrawFn) -> Fleet:
    slots = draw(st.integers(1, 8))
    each_s, alone_s = draw(st.floats(0.0, 0.01)), draw(st.floats(0.001, 0.1))
    step_s: FloatArray = each_s * np.arange(float(slots)) + alone_s
    width, budget = draw(st.sampled_from([1, 4, 256])), draw(st.integers(1, 4096))
    return Fleet(Batching(step_s, np.full(slots, draw(st.floats(0.0, 1e-3))), budget, width), slots)


fleets = st.one_of(sharing_fleets(), batching_fleets())


@some
@given(fleet=fleets, demand=demands(), replicas=replica_counts, routing=routings)
def test_every_request_is_served_and_in_order(fleet: Fleet, demand: Demand, replicas: int, routing: Routing) -> None:
    outcome = simulate(fleet.kind, demand, replicas=replicas, routing=routing)
    assert np.isfinite(outcome.dones_s).all()
    assert (outcome.dones_s >= outcome.firsts_s - SLACK_S).all()
    assert (outcome.firsts_s >= outcome.starts_s - SLACK_S).all()
    assert (outcome.starts_s >= outcome.arrivals_s - SLACK_S).all()


@some
@given(fleet=fleets, demand=demands(), replicas=replica_counts, routing=routings)
def test_no_replica_holds_more_than_its_slots(fleet: Fleet, demand: Demand, replicas: int, routing: Routing) -> None:
    outcome = simulate(fleet.kind, demand, replicas=replicas, routing=routing)
    assert outcome.in_service(outcome.starts_s).max() <= replicas * fleet.slots


@some
@given(fleet=fleets, demand=demands())
def test_slots_are_given_in_the_order_of_arrival(fleet: Fleet, demand: Demand) -> None:
    assert (np.diff(simulate(fleet.kind, demand, replicas=1).starts_s) >= 0.0).all()


@some
@given(fleet=sharing_fleets(), demand=demands())
def test_nobody_waits_while_a_slot_is_free(fleet: Fleet, demand: Demand) -> None:
    outcome = simulate(fleet.kind, demand, replicas=1)
    moments_s = np.concatenate((outcome.arrivals_s, outcome.dones_s)) + SLACK_S
    waiting, in_service = outcome.waiting(moments_s), outcome.in_service(moments_s)
    assert (in_service[waiting > 0] == fleet.slots).all()


@some
@given(fleet=sharing_fleets(), demand=demands(), replicas=replica_counts, routing=routings)
def test_a_request_never_takes_less_time_than_alone_or_at_the_best_speed(
    fleet: Fleet, demand: Demand, replicas: int, routing: Routing
) -> None:
    assert isinstance(fleet.kind, Sharing)
    best_s = fleet.kind.station.slowdowns_s.min()
    outcome = simulate(fleet.kind, demand, replicas=replicas, routing=routing)
    assert (outcome.e2e_s >= demand.work * best_s - 1e-6).all()


@some
@given(demand=demands(), slots=st.integers(1, 8))
def test_a_server_of_constant_rate_does_all_work_without_a_pause(demand: Demand, slots: int) -> None:
    outcome = simulate(Sharing(Station(np.full(slots, 2.0))), demand, replicas=1)
    end_s = 0.0
    for arrival_s, work in zip(demand.arrivals_s.tolist(), demand.work.tolist(), strict=True):
        end_s = max(end_s, arrival_s) + work / 2.0
    assert np.isclose(outcome.dones_s.max(), end_s, rtol=1e-9)


@some
@given(demand=demands(), slots=st.integers(1, 8), step_s=st.floats(0.001, 0.1))
def test_an_engine_takes_every_step_and_reads_every_prompt(demand: Demand, slots: int, step_s: float) -> None:
    kind = Batching(np.full(slots, step_s), np.full(slots, 1e-4), 8192)
    outcome = simulate(kind, demand, replicas=1)
    assert demand.prompt_tokens is not None
    least_s = demand.work * step_s + demand.prompt_tokens * 1e-4
    assert (outcome.dones_s - outcome.starts_s >= least_s - 1e-6).all()


@some
@given(fleet=fleets, demand=demands(), replicas=replica_counts, routing=routings, seed=st.integers(0, 9))
def test_the_same_seed_has_the_same_outcome(
    fleet: Fleet, demand: Demand, replicas: int, routing: Routing, seed: int
) -> None:
    one, same = (simulate(fleet.kind, demand, replicas=replicas, routing=routing, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(one.dones_s, same.dones_s)


@some
@given(fleet=fleets, demand=demands(), share=st.floats(0.1, 1.0))
def test_who_comes_later_changes_no_start_before(fleet: Fleet, demand: Demand, share: float) -> None:
    kept = max(int(share * demand.work.size), 1)
    assert demand.first is not None
    assert demand.prompt_tokens is not None
    cut = Demand(demand.arrivals_s[:kept], demand.work[:kept], demand.first[:kept], demand.prompt_tokens[:kept])
    whole = simulate(fleet.kind, demand, replicas=1)
    known = whole.starts_s[:kept] <= demand.arrivals_s[kept - 1]
    assert np.allclose(whole.starts_s[:kept][known], simulate(fleet.kind, cut, replicas=1).starts_s[known], rtol=1e-9)
