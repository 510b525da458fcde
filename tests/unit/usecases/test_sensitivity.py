"""`advisor sensitivity` on the shipped profiles: beyond a flip another model is cheaper, before it the winner is."""

from __future__ import annotations

from functools import partial
from math import log, sqrt
from typing import TYPE_CHECKING, Any

import pytest

from advisor import catalog
from advisor.domain.levers import RangeBasis
from advisor.domain.model import Precision
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.crossing.levers import LOOKS, Input, inputs_of
from advisor.usecases.crossing.points import Field
from advisor.usecases.crossing.sensitivity import _flip, _leader, sensitivity, stage_of, with_sensitivity
from advisor.usecases.market import Market
from tests.shipped import DIFFUSION, GEMMA, H100, NO_DATABASE, SHIPPED, answer, question, workload

if TYPE_CHECKING:
    from advisor.domain.levers import Lever
    from advisor.domain.question import Question
    from advisor.domain.sensitivity import Sensitivity
    from advisor.usecases.crossing.levers import Stage

L40S = "l40s-48gb"
PRICES = {H100: "3.00", L40S: "0.90"}
PLAIN: dict[str, Any] = {
    "prices": PRICES,
    "work": workload(),
    "simulate": False,
    "precisions": (Precision.FP8,),
}


def ask(slo: str = "e2e:p95<2s", **more: Any) -> Question:
    return question(20, slo, **{**PLAIN, **more})


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    return sensitivity(ask(), profiles=None, database=NO_DATABASE)


def lever(found: Sensitivity, name: str) -> Lever:
    return next(lever for lever in found.levers if lever.name == name)


def chosen(asked: Question) -> str:
    return answer(asked).decision.candidate.model


def within_a_tie(asked: Question) -> bool:
    """Return whether the winner costs at most 2 % more than the other model; each plan may be up to 2 % over its cheapest."""
    best = answer(asked).best_by_model
    own, other = best[GEMMA], best[DIFFUSION]
    assert own is not None
    return other is None or float(own.usd_per_hour) <= float(other.usd_per_hour) * 1.02**2


def test_the_winner_and_its_price_are_those_of_recommend(found: Sensitivity) -> None:
    told = answer(ask())
    assert found.winner == told.decision.candidate.model == GEMMA
    assert float(found.usd_per_hour) == pytest.approx(float(told.decision.candidate.usd_per_hour), rel=0.02)
    assert found.rival == DIFFUSION


def test_every_kind_of_input_is_looked_at_once(found: Sensitivity) -> None:
    names = [one.name for one in found.levers]
    assert len(names) == len(set(names))
    assert {"qps", "e2e", "input-tokens", "output-tokens", "steps", "acceptance", "availability"} <= set(names)
    assert {"speed:winner", "speed:rival", "engine-version"} <= set(names)
    assert any(name.startswith("price:") for name in names)


def test_the_nearest_flip_comes_first_and_inputs_without_one_last(found: Sensitivity) -> None:
    ratios = [one.flip_ratio for one in found.levers]
    flipping = [abs(log(ratio)) for ratio in ratios if ratio]
    assert flipping == sorted(flipping)
    assert all(ratio is None for ratio in ratios[len(flipping) :])
    assert found.levers[0].title in found.summary


def test_a_limit_that_flips_does_so_in_recommend_too(found: Sensitivity) -> None:
    limit = lever(found, "e2e")
    assert limit.flip_value is not None
    assert limit.flip_to == DIFFUSION
    assert chosen(ask(f"e2e:p95<{limit.flip_value * 0.98:.4f}s")) == DIFFUSION
    assert within_a_tie(ask(f"e2e:p95<{limit.flip_value * 1.03:.4f}s"))


def test_a_length_that_flips_does_so_in_recommend_too(found: Sensitivity) -> None:
    length = lever(found, "output-tokens")
    assert length.flip_value is not None
    assert chosen(ask(work=workload(output_tokens=length.flip_value * 1.02))) == DIFFUSION
    assert within_a_tie(ask(work=workload(output_tokens=length.flip_value * 0.97)))


def test_both_ends_tell_what_each_model_costs(found: Sensitivity) -> None:
    for one in found.levers:
        for end in (one.low, one.high):
            assert [cost.model for cost in end.costs] == [DIFFUSION, GEMMA]
        assert one.low.value < one.high.value
        if one.asked_value is not None:
            assert one.low.value <= one.asked_value <= one.high.value


def test_ranges_say_where_they_come_from(found: Sensitivity) -> None:
    assert lever(found, "qps").range_basis is RangeBasis.FACTOR_OF_TWO
    assert lever(found, "acceptance").range_basis is RangeBasis.POSSIBLE
    assert lever(found, "speed:winner").range_basis is RangeBasis.SPREAD
    assert lever(found, "availability").range_basis is RangeBasis.POLICY
    assert lever(found, "availability").asked_value is None


def test_a_model_that_is_faster_needs_what_a_lower_load_with_looser_limits_needs() -> None:
    stage = stage_of(Market.of(ask(), SHIPPED), SHIPPED)
    speed = next(one for one in inputs_of(stage) if one.name == "speed:winner")
    faster = {s.contender: s for g in [speed.at(1.25)] for s in _cheapest(g)}
    slower_clock = ask("e2e:p95<2.5s").model_copy(update={"qps": 20 / 1.25})
    streams = Market.of(slower_clock, SHIPPED).streams
    for name in (GEMMA, f"{GEMMA}+mtp"):
        assert faster[name].usd == pytest.approx(next(iter(streams[name])).usd)


def _cheapest(at: Any) -> list[Any]:
    from advisor.usecases.crossing.points import ALL  # noqa: PLC0415 - one test needs it

    found = (stalls.cheapest(at.rate_rps) for stalls in at.contenders(ALL).values())
    return [standing for standing in found if standing is not None]


def test_a_recommendation_carries_the_inputs_of_its_own_choice() -> None:
    told = answer(ask(prices={H100: "3.00"}))
    more = with_sensitivity(told, profiles=None, database=NO_DATABASE)
    assert told.sensitivity == ()
    assert more.sensitivity
    assert more.decision == told.decision


def test_where_formulas_choose_otherwise_a_warning_stands_in_the_place_of_inputs() -> None:
    told = answer(ask(prices={H100: "3.00"}))
    other = told.best_by_model[DIFFUSION]
    assert other is not None
    turned = told.model_copy(update={"decision": told.decision.model_copy(update={"candidate": other})})
    more = with_sensitivity(turned, profiles=None, database=NO_DATABASE)
    assert more.sensitivity == ()
    assert more.warnings[-1].code == "sensitivity"


def test_one_model_alone_and_nothing_feasible_are_told() -> None:
    with pytest.raises(InputError, match="only one model"):
        sensitivity(ask(models=(GEMMA,)), profiles=None, database=NO_DATABASE)
    with pytest.raises(InfeasibleError):
        sensitivity(ask("e2e:p95<1ms"), profiles=None, database=NO_DATABASE)


def test_a_flip_inside_a_side_is_found_though_the_winner_leads_in_the_middle_and_at_the_end() -> None:
    asked = question(20, "e2e:p95<2s", **PLAIN)
    one = Input(
        name="example",
        title="example",
        unit="",
        asked_place=1.0,
        low_place=0.5,
        high_place=2.0,
        range_basis=RangeBasis.FACTOR_OF_TWO,
        at=partial(_led_between, 0.6, 0.66, stage_of(Market.of(asked, SHIPPED), SHIPPED)),
        looks=LOOKS,
    )
    told = _flip(one, 0.5, GEMMA)
    assert told is not None
    assert told[0] == pytest.approx(0.66, rel=0.01)
    assert told[1] == DIFFUSION
    assert _flip(one, 2.0, GEMMA) is None


def _led_between(low: float, high: float, stage: Stage, place: float) -> Field:
    """Return the market as asked, without the winner's plans between two places."""
    leads = low <= place <= high
    stalls = stage.base.stalls
    kept = stalls.part(lambda lot, _shelf: lot.deployment.model.name != GEMMA) if leads else stalls
    return Field(kept, stage.market.question)


def test_the_load_flips_below_the_asked_one_where_the_middle_and_the_end_do_not_show_it() -> None:
    work = catalog.read_workload(SHIPPED.root, "chat")
    market = Market.of(question(2.5, "e2e:p95<2s", prices={}, work=work, simulate=False), SHIPPED)
    stage = stage_of(market, SHIPPED)
    load = next(one for one in inputs_of(stage) if one.name == "qps")
    assert {_leader(load.at(place), GEMMA) for place in (2.5, 2.5 / sqrt(2.0), 1.25)} == {GEMMA}
    assert _leader(load.at(1.6), GEMMA) == DIFFUSION
    told = _flip(load, load.low_place, GEMMA)
    assert told is not None
    assert 1.6 <= told[0] < 2.5
    assert told[1] == DIFFUSION
