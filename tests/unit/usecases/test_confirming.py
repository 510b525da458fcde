"""Every plan is simulated before it is shown, and so is the same plan with one replica fewer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from advisor import catalog
from advisor.domain.assurance import DecidedBy, OneFewer
from advisor.domain.routing import Routing
from advisor.usecases.candidates import candidate_of
from advisor.usecases.market import Market
from tests.benchmarks.sweep_plans import drawn, findings
from tests.shipped import DIFFUSION, GEMMA, MTP, SHIPPED, answer, question, workload

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.question import Question
    from advisor.usecases.plans import Plan

TRACES = Path(__file__).parents[3] / "profiles" / "traces"
CHAT = workload(1155, 211, cv=0.8)


def candidates(shown: Recommendation) -> list[Candidate]:
    return [*shown.candidates, *(plan for plan in shown.best_by_contender.values() if plan)]


def plans(asked: Question) -> list[Plan]:
    return [plan for group in Market.of(asked, SHIPPED).plans().values() for plan in group]


@pytest.mark.grid
def test_every_plan_shown_keeps_its_target_with_its_whole_interval() -> None:
    for plan in candidates(answer(question(50, "e2e:p95<4s", work=CHAT, prices={}, gpus=()))):
        found = plan.attainment
        assert found.target == 0.95
        assert found.low is not None
        assert found.simulated is not None
        assert found.high is not None
        assert 0.95 <= found.low <= found.simulated <= found.high <= 1
        assert found.requests is not None
        assert found.requests >= 4000


@pytest.mark.grid
def test_one_replica_fewer_fails_or_may_saturate() -> None:
    shown = candidates(answer(question(50, "e2e:p95<4s", work=CHAT, prices={}, gpus=())))
    several = [plan for plan in shown if plan.replicas > 1]
    assert several
    for plan in several:
        found = plan.attainment
        assert found.one_fewer_reason in {OneFewer.FAILS, OneFewer.SATURATES, OneFewer.TIE}
        assert found.one_fewer is not None
        if found.one_fewer_reason is OneFewer.FAILS:
            assert found.one_fewer < 0.95
        if found.one_fewer_reason is OneFewer.SATURATES:
            fewer = (plan.replicas - 1) / plan.replicas
            assert plan.saturation_qps.low * fewer <= 50
            assert found.one_fewer == 0


def test_a_single_replica_has_no_smaller_fleet() -> None:
    found = answer(question(0.5, "e2e:p95<12s")).decision.candidate.attainment
    assert (found.one_fewer, found.one_fewer_reason) == (None, OneFewer.NONE)


def test_without_simulation_its_fields_are_empty() -> None:
    for plan in candidates(answer(question(50, "e2e:p95<4s", work=CHAT, simulate=False))):
        found = plan.attainment
        assert (found.simulated, found.low, found.high, found.one_fewer) == (None, None, None, None)
        assert (found.target, found.requests) == (0.95, None)


def test_no_plan_lets_the_interval_of_its_speed_cross_saturation() -> None:
    for qps in (7, 50, 300):
        for plan in candidates(answer(question(qps, "e2e:p95<30s", work=CHAT, prices={}, gpus=(), simulate=False))):
            at = plan.saturation_qps
            assert at.low < at.value < at.high
            assert qps < at.low


def test_the_interval_of_saturation_is_that_of_the_spread() -> None:
    (plan, *_) = plans(question(50, "e2e:p95<12s", work=CHAT))
    shown = candidate_of(plan).saturation_qps
    assert shown.high / shown.value == pytest.approx(shown.value / shown.low)
    assert shown.low / shown.value == pytest.approx(plan.serving.secure_share)


@pytest.mark.grid
def test_a_share_of_requests_within_all_limits_at_once_takes_no_less_than_each_by_itself() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    slo = "ttft:p95<400ms;e2e:p95<4s"
    each, joint = (answer(question(20, slo, attainment=share, **asked)) for share in (None, 0.95))
    assert joint.decision.candidate.attainment.objective == "ttft <= 400 ms and e2e <= 4 s"
    for name, plan in joint.best_by_contender.items():
        alone = each.best_by_contender[name]
        assert plan is None or (alone is not None and plan.usd_per_hour >= alone.usd_per_hour)


@pytest.mark.grid
def test_a_higher_attainment_never_takes_fewer_replicas() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    costs = [
        answer(question(20, "e2e:p95<4s", attainment=share, **asked)).decision.candidate.usd_per_hour
        for share in (0.5, 0.9, 0.99)
    ]
    assert costs == sorted(costs)


def test_a_mean_is_checked_as_a_mean() -> None:
    found = answer(question(20, "e2e:mean<3s", work=CHAT)).decision.candidate.attainment
    assert found.objective == "e2e mean <= 3 s"
    assert found.target is None
    assert found.simulated is not None


def test_bursts_take_more_replicas_than_random_arrivals_and_those_more_than_even_ones() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,), "simulate": False}
    replicas = [
        answer(question(10, "e2e:p95<1.6s", burstiness=scv, **asked)).decision.candidate.replicas
        for scv in (0.0, 1.0, 4.0, 20.0)
    ]
    assert replicas == sorted(replicas)
    assert replicas[0] < replicas[-1]


def test_routing_that_looks_at_no_replica_takes_no_fewer_replicas() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,), "simulate": False}
    replicas = {
        rule: answer(question(30, "e2e:p95<1.6s", routing=rule, **asked)).decision.candidate.replicas
        for rule in Routing
    }
    assert replicas[Routing.LEAST_OUTSTANDING] == min(replicas.values())
    assert replicas[Routing.RANDOM] == max(replicas.values())


def test_the_plan_states_the_routing_rule() -> None:
    shown = answer(question(30, "e2e:p95<1.6s", work=CHAT, models=(DIFFUSION,), routing=Routing.POWER_OF_TWO))
    assert {plan.routing for plan in candidates(shown)} == {Routing.POWER_OF_TWO}


def test_replicas_of_block_diffusion_ask_for_least_outstanding() -> None:
    shown = answer(question(30, "e2e:p95<1.6s", work=CHAT, models=(DIFFUSION,)))
    assert any("fewest outstanding requests" in note for note in shown.decision.candidate.notes)


def test_the_conversation_trace_is_replayed_and_keeps_its_objective() -> None:
    work = catalog.read_trace(TRACES / "azure-conversation-2023.csv")
    (plan, *_) = plans(question(20, "e2e:p95<12s", work=work, models=(GEMMA,)))
    assert plan.trials is not None
    judgment = plan.trials.at(plan.needed, plan.rate_rps)
    assert (judgment.requests, judgment.exact) == (4000, True)
    assert judgment.quantile_s(0.95) <= 12
    assert plan.load.arrival_scv > 1


@pytest.mark.grid
def test_the_code_trace_is_noticed_and_simulated() -> None:
    work = catalog.read_trace(TRACES / "azure-code-2023.csv")
    shown = answer(question(20, "e2e:p95<6s", work=work, models=(GEMMA,)))
    (told,) = [caution.message for caution in shown.warnings if caution.code == "weak_formula"][:1]
    assert "in bursts" in told
    assert "come from simulation" in told
    plan = shown.decision.candidate
    assert plan.latency.decided_by is DecidedBy.SIMULATION
    assert plan.latency.e2e_p95_ms <= 6000
    poisson = answer(question(20, "e2e:p95<6s", work=work, models=(GEMMA,), burstiness=1.0)).decision.candidate
    assert plan.usd_per_hour > poisson.usd_per_hour, "bursts, not the mean, buy the GPUs"


def test_a_trace_with_a_burstiness_of_its_own_lends_its_lengths_alone() -> None:
    work = catalog.read_trace(TRACES / "azure-code-2023.csv")
    (plan, *_) = plans(question(20, "e2e:p95<6s", work=work, models=(GEMMA,), burstiness=1.0))
    assert plan.load.arrival_scv == 1.0
    assert plan.trials is not None
    assert not plan.trials.at(plan.needed, plan.rate_rps).exact


@pytest.mark.grid
def test_the_same_seed_gives_the_same_answer_and_another_seed_nearly_so() -> None:
    asked: dict[str, Any] = {"work": CHAT, "models": (DIFFUSION,)}
    one, again, other = (
        answer(question(20, "e2e:p95<2s", seed=seed, **asked)).decision.candidate.attainment for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    assert one.simulated == pytest.approx(other.simulated, abs=0.02)


@pytest.mark.grid
def test_a_prefix_cache_takes_no_more_replicas() -> None:
    asked: dict[str, Any] = {"models": (MTP.partition("+")[0],), "simulate": True}
    cold = workload(4000, 200, cv=0.5)
    warm = cold.model_copy(update={"cached_prompt_share": 0.6})
    costs = [answer(question(30, "ttft:p95<1s", work=w, **asked)).decision.candidate.usd_per_hour for w in (cold, warm)]
    assert costs[1] <= costs[0]


@pytest.mark.grid
@pytest.mark.parametrize("first", [40, 44])
def test_plans_of_random_questions_hold_in_a_longer_simulation_with_other_seeds(first: int) -> None:
    found = [finding for number in range(first, first + 4) for finding in findings(drawn(number), runs=4)]
    assert found
    assert [finding for finding in found if finding.clear] == []
