"""How many replicas a plan needs, were its deployment faster or slower than estimated."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.domain.model import Precision
from advisor.planning.search import cheapest_first
from advisor.usecases.market import Market
from advisor.usecases.needing import Sizing, e2e_p95_s, needs_of
from tests.shipped import DIFFUSION, GEMMA, SHIPPED, question

if TYPE_CHECKING:
    from advisor.usecases.plans import Plan

FACTORS = np.linspace(-0.6, 0.6, 25)


@cache
def plan(model: str, qps: float, slo: str = "e2e:p95<8s") -> Plan:
    asked = question(qps, slo, models=(model,), precisions=(Precision.FP8,), simulate=False)
    market = Market.of(asked, SHIPPED)
    return next(cheapest_first(list(market.planner.options(market.fitting[model], market.curves[model]))))


@pytest.mark.parametrize("model", [GEMMA, DIFFUSION])
@pytest.mark.parametrize("log_factor", [-0.3, 0.25])
def test_a_faster_deployment_is_the_same_as_one_with_every_time_of_its_curve_divided(
    model: str, log_factor: float
) -> None:
    nominal, factor = plan(model, 20.0), exp(log_factor)
    curve = nominal.serving.curve
    times = {name: getattr(curve, name) / factor for name in ("turn_s", "prefill_s_per_token", "ttft_s", "step_s")}
    faster = replace(nominal, serving=replace(nominal.serving, curve=replace(curve, **times)))
    assert Sizing(nominal).needed(log_factor) == Sizing(faster).needed(0.0)


@pytest.mark.parametrize(("model", "qps"), [(GEMMA, 2.0), (GEMMA, 60.0), (DIFFUSION, 3.0), (DIFFUSION, 60.0)])
def test_sizes_between_those_worked_out_are_at_most_one_replica_off(model: str, qps: float) -> None:
    needs, sizing = needs_of(Sizing.of(plan(model, qps)), FACTORS), Sizing.of(plan(model, qps))
    exact = np.array([sizing.settled(sizing.needed(x)) for x in FACTORS])
    off = np.abs(needs.at(FACTORS) - exact)
    assert off.max() <= max(1.0, 0.02 * exact.max())
    assert np.mean(off > 0) <= 0.2


def test_the_faster_a_deployment_the_fewer_replicas_it_needs() -> None:
    assert np.all(np.diff(needs_of(Sizing.of(plan(DIFFUSION, 60.0)), FACTORS).at(FACTORS)) <= 0)


def test_as_planned_the_size_is_the_planned_one_or_what_its_margin_leaves() -> None:
    nominal = plan(GEMMA, 60.0)
    assert needs_of(Sizing.of(nominal), FACTORS).at(np.array([0.0]))[0] <= nominal.needed


def test_a_deployment_too_slow_for_its_limit_cannot_do_it_with_any_number_of_replicas() -> None:
    tight = plan(DIFFUSION, 1.0, "e2e:p95<1500ms")
    slow, quick = needs_of(Sizing.of(tight), np.linspace(-1.5, 0.5, 9)).at(np.array([-1.4, 0.4]))
    assert np.isinf(slow)
    assert np.isfinite(quick)


def test_a_fleet_that_is_slower_answers_later_until_it_cannot_carry_its_load() -> None:
    nominal = plan(GEMMA, 20.0)
    shown = [e2e_p95_s(nominal, x) for x in (0.3, 0.0, -0.1)]
    assert shown == sorted(shown, key=lambda time: time or 0.0)
    assert shown[1] == pytest.approx(nominal.e2e_p95_s)
    assert e2e_p95_s(nominal, -3.0) is None
