"""How sure an answer is: draws of all speeds at once, through the sizing, into intervals, verdict and regret."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor import catalog
from advisor.domain.certainty import Sureness
from advisor.domain.model import Precision
from advisor.planning.sparing import spares_needed
from advisor.usecases.market import Market
from tests.runs import conditions, keep, profiled
from tests.shipped import DIFFUSION, GEMMA, H100, MTP, NO_DATABASE, SHIPPED, answer, estimated, question

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from advisor.domain.certainty import Certainty, Outlook

L40S, B200 = "l40s-48gb", "b200-sxm-180gb"
LEVELS = (1, 8, 64, 128)


def drawn(qps: float, slo: str = "e2e:p95<8s", *, database: str = NO_DATABASE, **more: Any) -> Recommendation:
    fields = {"precisions": (Precision.FP8,), "simulate": False, "draws": 600, **more}
    return answer(question(qps, slo, **fields), database=database)


def certainty(found: Recommendation) -> Certainty:
    assert found.certainty is not None
    return found.certainty


def outlook(found: Recommendation, contender: str) -> Outlook:
    plan = found.best_by_contender[contender]
    assert plan is not None
    assert plan.outlook is not None
    return plan.outlook


def width(found: Recommendation, contender: str = GEMMA) -> float:
    usd = outlook(found, contender).usd_per_hour
    assert usd.p05 is not None
    assert usd.p95 is not None
    return usd.p95 / usd.p05


def own_runs(tmp_path: Path, factor: float, *, gpu: str = H100) -> str:
    """Return a database whose runs show plain Gemma 4 so many times as fast as it is estimated without them."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    shown = estimated(gpu=gpu, concurrency=LEVELS).points
    under = conditions(engine_version=SHIPPED.engine.version, gpu=gpu)
    keep(
        url,
        *(
            profiled(f"r{p.concurrency}", concurrency=p.concurrency, output_tok_s=p.output_tok_s * factor, under=under)
            for p in shown
        ),
    )
    return url


def test_many_users_within_a_loose_limit_are_a_clear_case_for_gemma() -> None:
    found = certainty(drawn(60.0, "e2e:p95<12s"))
    assert found.sureness is Sureness.CLEAR
    assert found.probability > 0.95


def test_one_gpu_for_either_model_is_called_equal_and_not_a_victory() -> None:
    found = drawn(0.2)
    assert certainty(found).sureness is Sureness.EQUAL
    assert certainty(found).expected_regret_usd_per_hour < Decimal("0.05")


def test_where_the_models_cost_about_the_same_it_is_too_close_to_call() -> None:
    found = certainty(drawn(8.0, "e2e:p95<1100ms"))
    assert found.sureness is Sureness.TOO_CLOSE
    assert 0.05 < 1.0 - found.probability < 0.95
    assert found.expected_regret_usd_per_hour > 0


def test_one_model_alone_has_no_rival_model_but_may_have_rival_plans() -> None:
    found = certainty(drawn(20.0, models=(GEMMA,), prices={H100: "3.00", L40S: "1.00"}))
    assert found.sureness is Sureness.ONLY
    assert found.rival is not None


def test_more_replicas_than_planned_are_needed_about_as_often_as_the_margin_allows() -> None:
    # A plan uses what is left of saturation at the low end of an 80 % interval: one time in ten it is slower than that.
    shown = outlook(drawn(120.0, "e2e:p95<12s"), GEMMA)
    assert 0.80 < shown.as_planned < 0.97


def test_whole_replicas_stay_whole_and_money_follows_them() -> None:
    found = drawn(60.0)
    shown, plan = outlook(found, GEMMA), found.best_by_contender[GEMMA]
    assert plan is not None
    for replicas, usd in ((shown.replicas.p05, shown.usd_per_hour.p05), (shown.replicas.p95, shown.usd_per_hour.p95)):
        assert replicas is not None
        assert replicas == int(replicas)
        assert usd == pytest.approx(3.0 * plan.tensor_parallel * replicas)


def test_an_interval_holds_its_middle() -> None:
    for contender in (GEMMA, MTP, DIFFUSION):
        for found in (outlook(drawn(60.0), contender).usd_per_hour, outlook(drawn(60.0), contender).e2e_p95_ms):
            assert found.p05 is not None
            assert found.p50 is not None
            assert found.p05 <= found.p50 <= (found.p95 or float("inf"))


def test_own_runs_that_agree_narrow_the_interval(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"qps": 120.0, "slo": "e2e:p95<12s", "models": (GEMMA,)}
    assert width(drawn(**asked, database=own_runs(tmp_path, 1.0))) < 0.85 * width(drawn(**asked))


@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_own_runs_that_contradict_shift_the_middle_by_about_as_much(tmp_path: Path, factor: float) -> None:
    asked: dict[str, Any] = {"qps": 200.0, "slo": "e2e:p95<12s", "models": (GEMMA,)}
    before, after = drawn(**asked), drawn(**asked, database=own_runs(tmp_path, factor))
    middles = [outlook(found, GEMMA).usd_per_hour.p50 for found in (before, after)]
    assert middles[0] is not None
    assert middles[1] is not None
    assert middles[0] / middles[1] == pytest.approx(factor, rel=0.12)


def test_runs_of_one_contender_say_something_about_the_other_on_the_same_gpu(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"qps": 200.0, "slo": "e2e:p95<12s", "prices": {B200: "6.00"}, "models": (GEMMA, DIFFUSION)}
    before, after = drawn(**asked), drawn(**asked, database=own_runs(tmp_path, 1.3, gpu=B200))
    middles = [outlook(found, DIFFUSION).usd_per_hour.p50 or 0.0 for found in (before, after)]
    assert middles[1] < middles[0]
    assert middles[0] / middles[1] < 1.3


def test_the_same_question_and_seed_have_the_same_answer_bit_for_bit() -> None:
    first, second = drawn(20.0), drawn(20.0)
    assert first.model_copy(update={"generated_at": second.generated_at}) == second


def test_another_seed_moves_shares_by_no_more_than_chance() -> None:
    first, second = (certainty(drawn(8.0, "e2e:p95<1100ms", seed=seed)) for seed in (1, 2))
    assert first != second
    assert first.probability == pytest.approx(second.probability, abs=0.09)  # 3 sd of two shares of 600


def test_nothing_is_drawn_where_nobody_asks() -> None:
    found = drawn(20.0, draws=0)
    assert found.certainty is None
    assert all(plan.outlook is None for plan in found.candidates)


def test_the_decision_is_the_same_with_and_without_draws() -> None:
    with_draws, without = drawn(20.0), drawn(20.0, draws=0)
    assert with_draws.decision.reason == without.decision.reason


def test_a_cap_on_gpus_makes_plans_that_would_need_more_impossible_instead_of_large() -> None:
    found = drawn(60.0, "e2e:p95<12s", models=(GEMMA,), max_gpus=6)
    shown = outlook(found, GEMMA)
    assert shown.replicas.p50 is not None
    assert shown.replicas.p50 <= 6
    assert shown.feasible < 1.0


def test_a_draw_that_needs_a_larger_fleet_pays_for_the_spares_that_it_takes() -> None:
    asked: dict[str, Any] = {"qps": 60.0, "slo": "e2e:p95<12s", "models": (GEMMA,)}
    bare, safe = drawn(**asked), drawn(**asked, availability=0.99)
    up = catalog.read_operations(SHIPPED.root).availability["owned"]
    needed, installed = outlook(bare, GEMMA).replicas, outlook(safe, GEMMA).replicas
    for few, all_of in ((needed.p05, installed.p05), (needed.p95, installed.p95)):
        assert few is not None
        assert all_of == few + spares_needed(int(few), availability=up, target=0.99)
    assert installed.p95 != needed.p95


@pytest.mark.parametrize(("qps", "slo"), [(8.0, "e2e:p95<1100ms"), (60.0, "e2e:p95<8s")])
def test_rivals_sized_only_where_they_may_win_change_no_figure(qps: float, slo: str) -> None:
    market = Market.of(question(qps, slo, simulate=False, draws=200), SHIPPED)
    listed = [plans[0] for plans in market.plans().values()]
    some, every = market.outlooks(listed), market.outlooks(listed, whole=True)
    assert some is not None
    assert every is not None
    assert [some.outlook(plan) for plan in listed] == [every.outlook(plan) for plan in listed]
    assert [some.certainty(plan) for plan in listed] == [every.certainty(plan) for plan in listed]
    assert (some.stakes.costs != every.stakes.costs).any()
