"""Maps of two axes: the winner at sampled points is that of exact costs, but for ties."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from advisor.domain.model import Precision
from advisor.errors import InputError
from advisor.planning.ranking import TIE_SHARE
from advisor.usecases.crossing.axes import axis_of
from advisor.usecases.crossing.map_capacity import FLEETS, whole_replicas
from advisor.usecases.crossing.map_judged import judged
from advisor.usecases.crossing.mapping import crossover_map
from advisor.usecases.market import Market
from tests.shipped import H100, NO_DATABASE, SHIPPED, question, workload

L40S = "l40s-48gb"
ASKED = question(
    20,
    "e2e:p95<2s",
    prices={H100: "3.00", L40S: "0.90"},
    work=workload(),
    simulate=False,
    draws=100,
    precisions=(Precision.FP8,),
)
POINTS = 16
SAMPLE = 12
MOST_WRONG = 1
"""Sampled points of 12 at which another contender than the cheapest, or none, may stand: edges between nodes."""

MOST_BEYOND = 3
"""Sampled points at which a contender may stand though none can do it: the edge lies between two nodes."""

PAIRS = (("example-a", "example-a"), ("example-a+mtp", "example-a"), ("example-b", "example-b"))
ENTRIES: Any = {
    (contender, ""): SimpleNamespace(
        contender=contender, lot=SimpleNamespace(deployment=SimpleNamespace(model=SimpleNamespace(name=model)))
    )
    for contender, model in PAIRS
}
COSTS: Any = {
    ("example-a", ""): np.array([[1.01, 1.1, 1.0]]),
    ("example-a+mtp", ""): np.array([[1.0, 1.0, 1.0]]),
    ("example-b", ""): np.array([[2.0, 2.0, 0.5]]),
}


def mapped(*axes: str, **more: Any) -> Any:
    return crossover_map(ASKED, (axes[0], axes[1]), **{"points": POINTS, **more}, profiles=None, database=NO_DATABASE)


@pytest.mark.parametrize(
    "axes", [("qps", "output-tokens"), ("e2e", "qps"), ("qps", f"price:{H100}"), (f"price:{H100}", f"price:{L40S}")]
)
def test_the_winner_at_a_sample_of_points_is_that_of_exact_costs(axes: tuple[str, str]) -> None:
    found = mapped(*axes)
    market = Market.of(ASKED, SHIPPED)
    bound = [axis_of(axis, market, SHIPPED) for axis in axes]
    wrong, beyond = 0, 0
    for cell in random.Random(1).sample(found.cells, SAMPLE):
        asked, shipped = bound[0].applied((ASKED, SHIPPED), found.across_values[cell.column])
        asked, shipped = bound[1].applied((asked, shipped), found.up_values[cell.row])
        streams = Market.of(asked, shipped).streams
        costs = {name: plan.usd for name, stream in streams.items() if (plan := next(iter(stream), None))}
        least = min(costs.values(), default=np.inf)
        ties = {name for name, usd in costs.items() if usd <= least * (1 + TIE_SHARE)}
        wrong += bool(ties) and cell.leader not in ties
        beyond += not ties and cell.leader is not None
    assert wrong <= MOST_WRONG
    assert beyond <= MOST_BEYOND


def test_shares_and_cells_agree_and_the_asked_point_is_on_the_map() -> None:
    found = mapped("qps", f"price:{L40S}")
    leaders = [cell.leader for cell in found.cells]
    assert len(leaders) == POINTS**2
    assert found.shares == {name: leaders.count(name) / len(leaders) for name in found.shares}
    assert found.too_close_share == np.mean([cell.too_close for cell in found.cells])
    assert found.asked_leader in found.shares
    assert (found.across_values[0], found.across_values[-1]) == pytest.approx((found.across.low, found.across.high))


def test_two_axes_that_are_the_same_or_both_change_curves_are_told() -> None:
    with pytest.raises(InputError, match="both axes are qps"):
        mapped("qps", "qps")
    with pytest.raises(InputError, match="both change how fast everything is"):
        mapped("e2e", "output-tokens")


def test_whole_replicas_are_the_fewest_that_carry_a_rate() -> None:
    per_replica = np.log(np.array([1.0, 1.5, 1.7, 1.8, 2.0]))
    rates = np.array([0.5, 1.0, 1.01, 3.0, 3.01, 250.0, 256.0, 4000.0])
    needed = whole_replicas(per_replica, rates)
    assert needed[:5].tolist() == [1, 1, 2, 2, 3]
    assert needed[6] == 128
    assert needed[7] == 2000
    assert FLEETS[-1] == 128


def test_a_lot_that_carries_nothing_needs_infinitely_many() -> None:
    assert np.isinf(whole_replicas(np.full(FLEETS.size, -np.inf), np.array([1.0, 2.0]))).all()


def test_a_fleet_that_is_too_small_to_keep_a_limit_is_not_used() -> None:
    per_replica = np.array([-np.inf, -np.inf, 0.0, 0.0, 0.0])
    assert whole_replicas(per_replica, np.array([0.5, 5.0])).tolist() == [4, 5]


def test_contenders_of_one_model_within_a_tie_do_not_take_turns() -> None:
    found = judged(ENTRIES, COSTS, Market.of(ASKED.model_copy(update={"draws": 0}), SHIPPED))
    assert found.leaders == [["example-a", "example-a+mtp", "example-b"]]
    assert found.usd.tolist() == [[1.01, 1.0, 0.5]]
    assert found.other_usd.tolist() == [[2.0, 2.0, 1.0]]


def test_a_cell_tells_what_its_leader_and_the_cheapest_other_model_cost() -> None:
    found = mapped("qps", f"price:{L40S}")
    for cell in found.cells:
        assert (cell.usd_per_hour is None) == (cell.leader is None)
        if cell.usd_per_hour is not None and cell.other_usd_per_hour is not None:
            assert float(cell.usd_per_hour) <= float(cell.other_usd_per_hour) * (1 + TIE_SHARE) + 0.01
