"""`advisor crossover` on the shipped profiles: its costs are those of `recommend`, its flips those of a fine grid."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor.domain.crossover import Scope, Standing
from advisor.domain.model import Precision
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.planning.flips import condensed, flips_of, stretches
from advisor.usecases.crossing.axes import AXES, axis_of
from advisor.usecases.crossing.crossover import crossover
from advisor.usecases.crossing.draws import bands_of
from advisor.usecases.crossing.points import ALL, Part, Points
from advisor.usecases.market import Market
from tests.shipped import DIFFUSION, GEMMA, H100, MTP, NO_DATABASE, SHIPPED, answer, question, workload

if TYPE_CHECKING:
    from advisor.domain.crossover import Crossover, ScopeLine
    from advisor.domain.question import Question

L40S = "l40s-48gb"
BOTH = {H100: "3.00", L40S: "0.90"}
TIGHT = "e2e:p95<2s"
PLAIN: dict[str, Any] = {
    "prices": BOTH,
    "simulate": False,
    "work": workload(),
    "precisions": (Precision.FP8,),
}


def ask(qps: float = 20, slo: str = TIGHT, **more: Any) -> Question:
    return question(qps, slo, **{**PLAIN, **more})


def points(axis: str, asked: Question | None = None) -> Points:
    market = Market.of(asked or ask(), SHIPPED)
    return Points(axis_of(axis, market, SHIPPED), market, SHIPPED)


def crossed(axis: str, asked: Question | None = None, **more: Any) -> Crossover:
    return crossover(asked or ask(), axis, profiles=None, database=NO_DATABASE, **more)


def overall(found: Crossover) -> ScopeLine:
    return next(line for line in found.scopes if line.scope is Scope.OVERALL)


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        ("qps", 3.7),
        ("qps", 171.0),
        ("output-tokens", 90.0),
        ("output-tokens", 640.0),
        ("input-tokens", 2500.0),
        ("steps", 6.5),
        ("e2e", 1.1),
        ("e2e", 9.0),
        (f"price:{L40S}", 0.31),
        (f"price:{H100}", 5.5),
    ],
)
def test_costs_at_a_point_are_those_that_recommend_finds(axis: str, value: float) -> None:
    of = points(axis)
    asked, shipped = of.bound.applied((ask(), SHIPPED), value)
    streams = Market.of(asked, shipped).streams
    cheapest = {name: plan.usd for name, stream in streams.items() if (plan := next(iter(stream), None))}
    assert {name: found.usd for name, found in of.standings(value).items()} == pytest.approx(cheapest)
    if cheapest:
        told = answer(asked).best_by_contender
        for name, usd in cheapest.items():
            found = told[name]
            assert found is not None
            assert usd <= float(found.usd_per_hour) * 1.000001 <= usd * 1.0201


def test_a_drafter_that_yields_more_costs_no_more_and_leaves_the_evidence_as_it_is() -> None:
    of = points("acceptance")
    costs = [of.standings(value)[MTP].usd for value in (1.5, 2.5, 3.5)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    asked = AXES["acceptance"].asked(of.market)
    assert asked is not None
    assert of.standings(asked)[MTP].usd == pytest.approx(next(iter(of.market.streams[MTP])).usd)


def test_spares_and_a_limit_on_gpus_count_as_in_recommend() -> None:
    asked = ask(spares=1, max_gpus=6)
    of = points("qps", asked)
    for value in (2.0, 20.0, 60.0):
        streams = Market.of(asked.model_copy(update={"qps": value}), SHIPPED).streams
        cheapest = {name: plan.usd for name, stream in streams.items() if (plan := next(iter(stream), None))}
        assert {name: found.usd for name, found in of.standings(value).items()} == pytest.approx(cheapest)


@pytest.mark.parametrize("part", [ALL, Part(Scope.GPU, L40S)])
def test_flips_along_the_load_are_those_of_a_fine_grid(part: Part) -> None:
    of = points("qps", ask(slo="e2e:p95<3s"))
    low, high = of.bound.axis.low, of.bound.axis.high
    found = condensed(stretches(lambda v: of.leaders(v, part), np.geomspace(low, high, 97).tolist()))
    fine = np.geomspace(low, high, 601).tolist()
    brute = [(next(group), led) for led, group in groupby(fine, key=lambda v: of.leaders(v, part))]
    ends = [start for start, _ in brute[1:]] + [high]
    told = condensed([type(found[0])(start, end, led) for (start, led), end in zip(brute, ends, strict=True)])
    assert [(f.below, f.above) for f in flips_of(found)] == [(f.below, f.above) for f in flips_of(told)]
    for mine, theirs in zip(flips_of(found), flips_of(told), strict=True):
        assert mine.value == pytest.approx(theirs.value, rel=0.05)


def test_a_longer_reply_flips_from_the_drafted_model_to_diffusion_with_an_interval() -> None:
    found = crossed("output-tokens", ask(draws=100), scopes=(Scope.OVERALL,), within=(80.0, 900.0))
    (flip,) = overall(found).flips
    assert (flip.below, flip.above, flip.changes_model) == (MTP, DIFFUSION, True)
    assert flip.p05 is not None
    assert flip.p95 is not None
    assert flip.p05 < flip.value < flip.p95
    assert flip.none_share is not None
    assert 0.0 <= flip.none_share < 0.5
    assert found.summary.startswith(f"{MTP} is cheaper below")


def test_the_same_question_draws_the_same_interval() -> None:
    asked = ask(draws=50, prices={H100: "3.00"})
    first, second = (overall(crossed("e2e", asked, scopes=(Scope.OVERALL,))) for _ in range(2))
    assert first == second
    assert first.flips


def test_without_a_flip_the_answer_says_who_stays_the_cheapest() -> None:
    found = crossed("qps", ask(slo="e2e:p95<20s"), scopes=(Scope.OVERALL,), within=(40.0, 120.0))
    line = overall(found)
    assert line.flips == ()
    assert line.stretches[0].low == 40.0
    assert line.stretches[-1].high == 120.0
    assert found.summary.startswith("No flip between 40 requests/s and 120 requests/s")


def test_stretches_say_where_nothing_meets_the_objectives() -> None:
    found = crossed("e2e", ask(prices={L40S: "0.90"}), scopes=(Scope.OVERALL,), within=(0.01, 4.0))
    assert overall(found).stretches[0].standing is Standing.NONE


def test_scopes_by_gpu_and_basis_hold_plans_of_theirs_alone() -> None:
    of = points("qps")
    assert [part.name for part in of.parts(Scope.GPU)] == sorted(BOTH)
    assert [part.name for part in of.parts(Scope.BASIS)] == ["owned"]
    for part in of.parts(Scope.GPU):
        assert {found.lot.deployment.gpu.name for found in of.standings(20.0, part).values()} == {part.name}


def test_prices_along_an_axis_are_in_proportion_for_plans_on_that_gpu() -> None:
    of = points(f"price:{H100}", ask(prices={H100: "3.00"}))
    cheap, dear = of.standings(1.0)[GEMMA].usd, of.standings(3.0)[GEMMA].usd
    assert dear == pytest.approx(3 * cheap)


def test_a_gpu_of_which_only_a_start_is_written_is_the_usual_one() -> None:
    assert points("price:h100").bound.axis.name == f"price:{H100}"


def test_costs_told_are_in_cents_and_name_their_plan() -> None:
    line = overall(crossed("qps", scopes=(Scope.OVERALL,)))
    assert {point.contender for point in line.costs} >= {GEMMA, DIFFUSION}
    for point in line.costs:
        assert point.usd_per_hour == point.usd_per_hour.quantize(Decimal("0.01"))
        assert point.contender in point.plan


@pytest.mark.parametrize(
    ("axis", "problem"),
    [
        ("ttft", "no objective limits ttft"),
        ("price", "of which GPU"),
        ("price:a100-pcie", "not among the GPUs"),
    ],
)
def test_an_axis_that_does_not_apply_is_told_in_one_line(axis: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        crossed(axis)


def test_an_unknown_axis_and_an_empty_range_are_told() -> None:
    with pytest.raises(UnknownNameError, match="unknown axis 'colour'"):
        crossed("colour")
    with pytest.raises(InputError, match="holds no value"):
        crossed("qps", within=(5.0, 5.0))
    with pytest.raises(InputError, match="steps lies between 1 and 48"):
        crossed("steps", within=(2.0, 100.0))
    with pytest.raises(InputError, match="no model here writes in canvases"):
        crossed("steps", ask(models=(GEMMA,)))


def test_an_axis_along_which_nothing_is_feasible_ends_like_recommend() -> None:
    with pytest.raises(InfeasibleError, match="anywhere between"):
        crossed("e2e", within=(0.001, 0.01))


def test_a_floor_of_quality_that_no_model_reaches_is_told_as_recommend_does() -> None:
    with pytest.raises(InfeasibleError) as told:
        crossed("qps", ask(min_quality={"mmlu-pro": 99.0}))
    with pytest.raises(InfeasibleError) as expected:
        answer(ask(min_quality={"mmlu-pro": 99.0}))
    assert str(told.value) == str(expected.value)


def test_bands_are_those_of_the_plans_that_recommend_draws() -> None:
    bands = overall(crossed("qps", ask(draws=300), scopes=(Scope.OVERALL,))).bands
    assert {band.contender for band in bands} == {GEMMA, MTP, DIFFUSION}
    middle = sorted({band.value for band in bands})[3]
    drawn = answer(ask(middle, draws=300)).best_by_contender
    for band in (band for band in bands if band.value == middle):
        plan = drawn[band.contender]
        assert plan is not None
        assert plan.outlook is not None
        a_replica = float(BOTH[H100])  # sizes lie between nodes
        for end, of_plan in ((band.usd_per_hour_p05, "p05"), (band.usd_per_hour_p95, "p95")):
            one = getattr(
                plan.outlook.usd_per_hour, of_plan
            )  # the cheapest layout of a draw costs no more than this one
            assert one is None or (end is not None and float(end) <= one + a_replica)


def test_bands_reach_as_far_as_the_axis() -> None:
    bands = overall(
        crossed("qps", ask(5, "e2e:p95<30s", draws=100), scopes=(Scope.OVERALL,), within=(0.5, 500.0))
    ).bands
    assert {band.value for band in bands} >= {0.5, 500.0}
    assert all(band.usd_per_hour_p95 is not None for band in bands)


def test_where_nothing_can_be_had_there_are_no_bands() -> None:
    assert bands_of(points("qps", ask(5, "e2e:p95<1ms", draws=50)), ALL, [1.0, 10.0]).costs == {}


def test_without_draws_there_are_no_bands() -> None:
    assert overall(crossed("qps", ask(draws=0), scopes=(Scope.OVERALL,))).bands == ()
