"""What the reader is told beside the answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from advisor.domain.basis import Basis
from advisor.domain.model import Precision
from advisor.domain.offer import PriceBasis
from advisor.domain.routing import Routing
from tests.shipped import DIFFUSION, GEMMA, TODAY, answer, question, workload

ON_THE_MARKET: dict[str, Any] = {"prices": {}, "gpus": ("h100-sxm",)}


def messages(code: str, qps: float = 5, slo: str = "e2e:p95<12s", **more: Any) -> list[str]:
    shown = answer(question(qps, slo, **more))
    return [caution.message for caution in shown.warnings if caution.code == code]


def test_every_price_older_than_thirty_days_is_flagged_with_its_age_and_no_other_is() -> None:
    offers = [candidate.offer for candidate in answer(question(5, "e2e:p95<12s", **ON_THE_MARKET)).candidates]
    day = offers[0].as_of + timedelta(days=31)
    shown = answer(question(5, "e2e:p95<12s", **ON_THE_MARKET, today=day, max_price_age_days=365))
    plans = [*shown.candidates, *(plan for plan in shown.best_by_contender.values() if plan)]
    ages = {(plan.offer.provider, plan.offer.as_of, (day - plan.offer.as_of).days) for plan in plans}
    flagged = [caution.message for caution in shown.warnings if caution.code == "stale_price"]
    for provider, as_of, age in ages:
        told = [message for message in flagged if provider in message and f"is {age} days old ({as_of})" in message]
        assert bool(told) is (age > 30)
    assert flagged


def test_an_own_price_is_never_stale() -> None:
    assert not messages("stale_price", today=date(2030, 1, 1))


def test_a_modeled_answer_says_how_far_it_may_be_off() -> None:
    shown = answer(question(5, "e2e:p95<12s", models=(GEMMA,)))
    assert shown.decision.candidate.basis is Basis.MODELED
    (message,) = [caution.message for caution in shown.warnings if caution.code == "modeled"]
    assert "is modeled, not measured" in message
    assert "with 90 % probability" in message


def test_the_rewritten_sampler_is_mentioned_where_diffusion_is_shown() -> None:
    assert messages("new_sampler", models=(DIFFUSION,))
    assert not messages("new_sampler", models=(GEMMA,))


def test_each_warning_stands_once() -> None:
    shown = answer(question(50, "tpot:p95<12ms", prices={}, gpus=(), today=TODAY + timedelta(days=20)))
    pairs = [(caution.code, caution.message) for caution in shown.warnings]
    assert len(pairs) == len(set(pairs))


def test_a_prompt_heavy_load_is_simulated_and_says_so() -> None:
    heavy: dict[str, Any] = {"qps": 2, "slo": "e2e:p95<60s", "work": workload(30_000, 100), "models": (GEMMA,)}
    (message,) = messages("weak_formula", **heavy)
    assert "of the time on prompts: size and latencies" in message
    assert message.endswith("come from simulation")
    assert not messages("weak_formula", 2, models=(GEMMA,))


def test_a_weak_formula_that_was_not_simulated_is_warned_about() -> None:
    (message,) = messages("weak_formula", 2, "e2e:p95<60s", work=workload(30_000, 100), models=(GEMMA,), simulate=False)
    assert "was not simulated: its latencies may be much longer than shown" in message


def test_four_bit_weights_do_not_borrow_the_scores_of_sixteen() -> None:
    (message,) = messages("quantized_quality", models=(GEMMA,), precisions=(Precision.INT4,))
    assert "its own scores are not known here" in message
    assert not messages("quantized_quality", models=(GEMMA,), precisions=(Precision.FP8,))


def test_a_consumer_gpu_comes_with_its_license() -> None:
    assert messages("consumer_gpu", 1, prices={"rtx-4090-24gb": "0.50"}, models=(DIFFUSION,))
    assert not messages("consumer_gpu", 1, models=(DIFFUSION,))


def test_a_spot_price_says_that_replicas_can_be_taken_away() -> None:
    spot: dict[str, Any] = {"prices": {}, "gpus": ("h100-nvl",), "price_bases": (PriceBasis.SPOT,)}
    assert messages("spot", 5, **spot)
    assert not messages("spot", 5)


def test_strong_bursts_are_simulated_and_mild_ones_are_not() -> None:
    assert "arrivals in bursts (dispersion 20)" in messages("weak_formula", models=(GEMMA,), burstiness=20)[0]
    assert not messages("weak_formula", models=(GEMMA,), burstiness=4)


def test_routing_that_looks_at_no_replica_is_warned_about_for_canvases_alone() -> None:
    blind: dict[str, Any] = {"qps": 50, "routing": Routing.ROUND_ROBIN}
    (message,) = messages("routing", models=(DIFFUSION,), **blind)
    assert "asks for least-outstanding routing" in message
    assert not messages("routing", models=(GEMMA,), **blind)
    assert not messages("routing", 50, models=(DIFFUSION,))


def test_rows_of_another_engine_version_are_named_with_theirs() -> None:
    published: dict[str, Any] = {
        "prices": {"gb10-128gb": "0.50"},
        "precisions": (Precision.NVFP4,),
        "work": workload(241, 230),
    }
    told = messages("other_engine_version", 0.5, **published)
    assert told
    assert all("nightly-aarch64" in message for message in told)
    assert not messages("other_engine_version", 0.5, models=(GEMMA,), precisions=(Precision.BF16,))
