"""Bounds that spare the sizing of what cannot lead: they must never exclude a plan that could."""

from __future__ import annotations

import random
from math import ceil
from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.domain.slo import parse_slo
from advisor.planning.search import Option
from advisor.usecases.bounds import idle_latency_s, most_in_service
from advisor.usecases.deployments import slots_on_offer
from advisor.usecases.market import Market
from advisor.usecases.planner import BOUND_MARGIN
from advisor.usecases.serving import Serving
from tests.shipped import ROOT, SHIPPED, question

if TYPE_CHECKING:
    from advisor.domain.question import Question
    from advisor.usecases.curves import Curve
    from advisor.usecases.deployments import Fitting


def market_of(asked: Question) -> Market:
    return Market.of(asked, SHIPPED)


def drawn(asked: Question, *, count: int) -> list[tuple[Fitting, Curve]]:
    market = market_of(asked)
    pairs = [pair for name in market.fitting for pair in zip(market.fitting[name], market.curves[name], strict=True)]
    kept = [
        (item, curve)
        for item, curve in pairs
        if all(float(idle_latency_s([curve], objective)[0]) <= objective.limit_s for objective in asked.slo)
    ]
    return random.Random(7).sample(kept, min(count, len(kept)))


@pytest.mark.parametrize(
    ("workload", "slo", "qps"),
    [
        ("chat", "e2e:p95<12s", 50),
        ("chat", "e2e:p95<1.5s", 200),
        ("chat", "e2e:p99<4s", 50),
        ("chat", "e2e:mean<1s", 30),
        ("chat", "ntpot:p95<20ms", 50),
        ("chat", "tpot:p95<15ms", 50),
        ("chat", "ntpot:p10<8ms", 50),
        ("chat", "e2e:p20<1s", 50),
        ("rag", "e2e:p95<30s", 5),
        ("structured-extraction", "e2e:p95<2s", 20),
    ],
)
def test_no_fleet_is_smaller_than_its_bound(workload: str, slo: str, qps: float) -> None:
    asked = question(qps, slo, work=catalog.read_workload(ROOT, workload), gpus=(), prices={})
    for item, curve in drawn(asked, count=25):
        slots = random.Random(len(item.deployment.label)).choice(slots_on_offer(item.deployment, item.memory))
        busy = min(most_in_service(curve, asked.slo), float(slots))
        bound = max(ceil(qps / curve.at(curve.grid_rates_rps, busy) / BOUND_MARGIN), 1)
        exact = Serving(curve, slots).replicas(asked.slo, qps)
        assert exact is None or bound <= exact, (item.deployment.label, slots)


@pytest.mark.grid
def test_the_bounds_do_not_change_the_cheapest_plan() -> None:
    asked = question(200, "e2e:p95<2s", prices={}, gpus=("l40s", "b200"))
    market = market_of(asked)
    leaders = {name: plans[0].usd for name, plans in market.plans().items()}
    for name, items in market.fitting.items():
        planner = market_of(asked).planner
        sized = []
        for option in planner.options(items, market.curves[name]):
            planner.cheapest_usd.clear()
            better = option.settle()
            plan = better.settle() if isinstance(better, Option) else better
            if plan is not None and not isinstance(plan, Option):
                sized.append(plan.usd)
        assert leaders[name] == pytest.approx(min(sized), rel=0.02)


def test_an_objective_on_the_first_token_alone_sets_no_bound() -> None:
    asked = question(5, "ttft:p95<300ms")
    (_, curve), *_ = drawn(asked, count=1)
    assert most_in_service(curve, parse_slo("ttft:p95<300ms")) == 512
