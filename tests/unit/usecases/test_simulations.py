"""A fleet under load: what a simulation says of plans, traces, overload and the hours of a day."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from advisor.domain.daily import HOURS_OF_A_WEEK, DailyProfile
from advisor.domain.model import Content, Precision
from advisor.domain.question import EstimateQuestion
from advisor.domain.routing import Routing
from advisor.domain.simulation import Met, Simulation, SimulationQuestion
from advisor.domain.slo import parse_slo
from advisor.domain.workload import Workload
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.asking import build_workload
from advisor.usecases.simulating import simulate as use_case
from tests.shipped import DIFFUSION, GEMMA, H100, NO_DATABASE, ROOT, workload

HOUR_S = 3600.0
NINE_TO_FIVE = DailyProfile(name="nine-to-five", relative_rate=(1.0,) * 9 + (4.0,) * 8 + (1.0,) * 7)
TRACES = ROOT / "traces"


def trace(name: str) -> Workload:
    options = dict.fromkeys(
        ("workload", "isl", "osl", "isl_cv", "osl_cv", "content", "steps", "cache_hit", "profiles"), None
    )
    return build_workload(trace=TRACES / f"{name}.csv", **options)


def simulated(
    model: str = GEMMA, *, work: Workload | None = None, slots: int = 64, slo: str = "e2e:p95<12s", **more: Any
) -> Simulation:
    served = EstimateQuestion(
        model=model, gpu=H100, precision=Precision.FP8, slots=slots, workload=work or workload(cv=0.8)
    )
    question = SimulationQuestion(served=served, slo=parse_slo(slo), **more)
    return use_case.simulate(question, profiles=None, database=NO_DATABASE, announce=pytest.fail)


def codes(answer: Simulation) -> set[str]:
    return {caution.code for caution in answer.warnings}


@pytest.mark.parametrize(("model", "slots", "qps"), [(GEMMA, 64, 6.0), (DIFFUSION, 4, 2.0)])
def test_a_constant_rate_keeps_little_s_law_and_comes_near_the_formulas(model: str, slots: int, qps: float) -> None:
    answer = simulated(model, slots=slots, qps=qps)
    assert answer.requests == 20_000
    assert answer.simulated_s == pytest.approx(20_000 / qps, rel=0.05)
    held = answer.slots_used.mean + answer.waiting.mean
    arrived_qps = answer.requests / answer.simulated_s
    assert held == pytest.approx(arrived_qps * answer.latency.e2e_ms.mean / 1e3, rel=0.02)
    assert answer.formulas is not None
    assert answer.formulas.weak_because == ()
    assert abs(answer.formulas.mean_off_share) < 0.06
    assert abs(answer.formulas.p95_off_share) < 0.08
    assert answer.latency.e2e_ms.mean * (1 + answer.formulas.mean_off_share) == pytest.approx(
        answer.formulas.e2e_mean_ms
    )


def test_the_course_of_a_run_adds_up_to_its_figures() -> None:
    answer = simulated(qps=6.0)
    moments = answer.timeline
    assert len(moments) == 120
    assert [moment.start_s for moment in moments] == pytest.approx([i * answer.simulated_s / 120 for i in range(120)])
    assert sum(moment.arrival_rps for moment in moments) / 120 * answer.simulated_s == pytest.approx(answer.requests)
    assert sum(moment.in_service for moment in moments) / 120 == pytest.approx(answer.slots_used.mean)
    assert max(moment.waiting_most for moment in moments) == answer.waiting.peak
    assert max(moment.in_service for moment in moments) <= answer.slots_used.peak <= answer.slots == 64
    assert all(moment.slots_used_share == pytest.approx(moment.in_service / 64) for moment in moments)


def test_a_drawn_run_is_as_full_at_both_ends_as_in_between() -> None:
    answer = simulated(qps=100.0, replicas=8, requests=4_000)
    assert answer.slots_used.mean > 200
    for moment in (answer.timeline[0], answer.timeline[-1]):
        assert moment.in_service == pytest.approx(answer.slots_used.mean, rel=0.25)


def test_a_trace_is_replayed_once_at_its_own_rate_from_an_empty_fleet() -> None:
    work = trace("azure-conversation-2023")
    answer = simulated(work=work)
    assert (answer.requests, answer.trace, answer.burstiness) == (4_000, "azure-conversation-2023", None)
    assert answer.simulated_s == pytest.approx(work.arrival_s[-1])
    assert answer.qps == pytest.approx(3_999 / answer.simulated_s)
    assert answer.timeline[0].in_service < answer.slots_used.mean / 4
    assert answer.attainment[0].met is Met.YES


def test_a_trace_stretched_to_a_rate_takes_as_long_as_that_rate_takes() -> None:
    answer = simulated(work=trace("azure-conversation-2023"), qps=10.0, replicas=2)
    assert answer.qps == 10.0
    assert answer.simulated_s == pytest.approx(399.9)


def test_bursts_of_a_trace_that_the_formulas_miss_show_in_the_run() -> None:
    work = trace("azure-code-2023")
    burst, even = (simulated(work=work, qps=4.0, slo="e2e:p95<2s", burstiness=b) for b in (None, 1.0))
    assert burst.latency.e2e_ms.p95 > 1.5 * even.latency.e2e_ms.p95
    assert burst.formulas is not None
    assert any("bursts" in reason for reason in burst.formulas.weak_because)
    assert even.requests == 20_000


def test_more_replicas_keep_no_less_of_the_same_trace() -> None:
    work = trace("azure-conversation-2023")
    kept = [simulated(work=work, qps=25.0, replicas=k).attainment[0].share for k in (1, 2, 3, 4, 6)]
    assert kept[0] < 0.5
    assert kept[-1] == 1.0
    assert all(more >= fewer - 0.002 for fewer, more in pairwise(kept))


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    one, same, other = (
        simulated(qps=6.0, requests=2_000, replicas=2, routing=Routing.POWER_OF_TWO, seed=seed) for seed in (3, 3, 4)
    )
    undated = {"generated_at": one.generated_at}
    assert same.model_copy(update=undated) == one
    assert other.latency != one.latency


def test_an_overloaded_fleet_is_an_answer_in_which_the_queue_grows() -> None:
    answer = simulated(qps=60.0, slo="e2e:p95<12s;ttft:p95<500ms")
    waiting = [moment.waiting_most for moment in answer.timeline]
    assert answer.utilization > 1.5
    assert waiting[10] < waiting[60] < waiting[-1] <= answer.waiting.peak
    assert answer.slots_used.mean == pytest.approx(64, rel=0.01)
    assert [line.met for line in answer.attainment] == [Met.NO, Met.NO]
    assert answer.formulas is None
    (message,) = [caution.message for caution in answer.warnings if caution.code == "overloaded"]
    assert f"60 qps arrive, {answer.saturation_qps:.3g} qps can be completed" in message


def test_what_an_overloaded_fleet_still_keeps_is_undecided_because_it_will_not_last() -> None:
    answer = simulated(qps=60.0, requests=100, slo="e2e:p50<10min")
    assert answer.attainment[0].share == 1.0
    assert answer.attainment[0].met is Met.UNDECIDED


def test_the_hours_of_a_day_show_in_its_course() -> None:
    answer = simulated(qps=4.0, daily=NINE_TO_FIVE, requests=20_000, replicas=2)
    assert answer.hours is not None
    assert (answer.hours.profile, answer.hours.hours, len(answer.timeline)) == ("nine-to-five", 24, 120)
    assert answer.hours.peak_qps == pytest.approx(8.0)
    assert answer.simulated_s == pytest.approx(24 * answer.hours.hour_s)
    assert answer.requests == pytest.approx(4.0 * answer.simulated_s, rel=0.05)
    busy = [moment for moment in answer.timeline if moment.start_hours is not None and 9 <= moment.start_hours < 17]
    quiet = [moment for moment in answer.timeline if moment not in busy]
    assert [moment.start_hours for moment in answer.timeline[:6]] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    for moments, rate in ((busy, 8.0), (quiet, 2.0)):
        assert sum(moment.arrival_rps for moment in moments) / len(moments) == pytest.approx(rate, rel=0.05)
    assert min(moment.in_service for moment in busy[2:]) > max(moment.in_service for moment in quiet[-20:])


@pytest.mark.parametrize("qps", [0.01, 4.0])
def test_hours_are_never_longer_than_an_hour_and_hold_many_sojourns(qps: float) -> None:
    answer = simulated(qps=qps, daily=NINE_TO_FIVE, requests=500)
    assert answer.hours is not None
    assert 20 * answer.latency.e2e_ms.mean / 1e3 <= answer.hours.hour_s * 1.1 <= 1.1 * HOUR_S


def test_formulas_of_a_day_mix_those_of_its_hours() -> None:
    answer = simulated(qps=5.0, daily=NINE_TO_FIVE)
    assert answer.requests == pytest.approx(200_000, rel=0.02)
    assert answer.formulas is not None
    assert abs(answer.formulas.mean_off_share) < 0.05
    assert abs(answer.formulas.p95_off_share) < 0.06


def test_hours_beyond_saturation_are_counted_and_their_queues_said_to_be_too_short() -> None:
    answer = simulated(qps=8.0, daily=NINE_TO_FIVE, requests=20_000)
    assert answer.hours is not None
    assert answer.utilization < 1 < answer.hours.utilization
    assert answer.formulas is None
    (message,) = [caution.message for caution in answer.warnings if caution.code == "overloaded"]
    assert message.startswith("overloaded in 8 of 24 hours: up to 16 qps arrive")
    assert "times shorter here, and queues grow that much less" in message


def test_a_week_has_a_stretch_for_each_hour() -> None:
    week = DailyProfile(name="week", relative_rate=(1.0, 2.0) * (HOURS_OF_A_WEEK // 2))
    answer = simulated(qps=2.0, daily=week, requests=2_000)
    assert len(answer.timeline) == HOURS_OF_A_WEEK
    assert answer.timeline[-1].start_hours == HOURS_OF_A_WEEK - 1


def test_beside_a_daily_profile_a_trace_lends_its_lengths_alone() -> None:
    answer = simulated(work=trace("azure-conversation-2023"), daily=NINE_TO_FIVE, requests=5_000, qps=2.0)
    assert (answer.trace, answer.burstiness) == (None, 1.0)
    assert "trace_times_unused" in codes(answer)


def test_a_large_fleet_is_simulated_as_a_smaller_one_and_counts_are_those_of_the_large() -> None:
    answer = simulated(qps=600.0, replicas=128, requests=6_000)
    assert "smaller_fleet" in codes(answer)
    assert sum(moment.arrival_rps for moment in answer.timeline) / 120 == pytest.approx(600.0, rel=0.05)
    assert answer.slots == 128 * 64
    held = answer.slots_used.mean + answer.waiting.mean
    assert held == pytest.approx(600.0 * answer.latency.e2e_ms.mean / 1e3, rel=0.05)


def test_a_run_shorter_than_the_memory_of_the_fleet_says_so() -> None:
    assert "short_run" in codes(simulated(qps=100.0, replicas=8, requests=1_000))
    assert "short_run" not in codes(simulated(qps=100.0, replicas=8))


def test_a_share_of_requests_within_all_limits_is_judged_as_one() -> None:
    answer = simulated(qps=6.0, slo="ttft:p50<200ms;e2e:mean<12s", attainment=0.9)
    (line,) = answer.attainment
    assert (line.objective, line.target) == ("ttft <= 200 ms and e2e <= 12 s", 0.9)
    assert line.low <= line.share <= line.high


def test_a_mean_is_judged_by_itself_and_shows_the_share_for_information() -> None:
    tight, wide = (simulated(qps=6.0, slo=f"e2e:mean<{limit}").attainment[0] for limit in ("2s", "20s"))
    assert (tight.target, tight.met, wide.met) == (None, Met.NO, Met.YES)
    assert tight.share < wide.share


def test_a_canvas_has_no_tpot_and_is_judged_without() -> None:
    answer = simulated(DIFFUSION, slots=4, qps=2.0, slo="tpot:p95<50ms")
    assert answer.latency.tpot_ms is None
    assert "tpot_on_canvas" in codes(answer)


def test_every_answer_says_first_that_its_latencies_are_no_evidence() -> None:
    answer = simulated(qps=6.0)
    assert answer.latencies_are == "simulated"
    assert answer.warnings[0].code == "simulated"
    assert f"from a speed that is {answer.speed_basis}" in answer.warnings[0].message


def test_a_speed_that_may_be_too_low_for_the_load_is_warned_of() -> None:
    assert "near_saturation" not in codes(simulated(qps=3.0))
    assert "near_saturation" in codes(simulated(qps=10.0))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, "missing --qps"),
        ({"qps": 1.0, "duration_s": 20.0}, "20 requests arrive, too few to judge"),
        ({"qps": 1e-6, "daily": NINE_TO_FIVE}, "0 requests arrive, too few"),
        ({"qps": 1.0, "daily": NINE_TO_FIVE, "duration_s": 60.0}, "--duration says nothing beside --daily-profile"),
        ({"qps": 1.0, "requests": 6_000_000}, "6,000,000 requests would be simulated, 5,000,000 at most"),
    ],
)
def test_a_load_that_cannot_be_run_is_refused(more: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem) as refusal:
        simulated(**more)
    assert refusal.value.hint


@pytest.mark.parametrize("more", [{"requests": 200}, {"duration_s": 60.0}])
def test_a_trace_has_a_length_of_its_own(more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="a trace is replayed once"):
        simulated(work=trace("azure-code-2023"), **more)


@pytest.mark.parametrize("times_s", [(0.0, 3.0), (0.0, 1.0, 3.0)])
def test_a_trace_of_a_few_requests_is_replayed_too(times_s: tuple[float, ...]) -> None:
    work = Workload(name="few", content=Content.CHAT, pairs=((100, 50),) * len(times_s), arrival_s=times_s)
    answer = simulated(work=work)
    assert (answer.requests, answer.simulated_s) == (len(times_s), 3.0)
    assert answer.attainment[0].low < 0.5
    assert answer.formulas is not None


def test_what_does_not_fit_is_not_simulated() -> None:
    served = EstimateQuestion(model=GEMMA, gpu="l4", precision=Precision.BF16, workload=workload())
    question = SimulationQuestion(served=served, qps=1.0, slo=parse_slo("e2e:p95<12s"))
    with pytest.raises(InfeasibleError, match="GB are usable"):
        use_case.simulate(question, profiles=None, database=NO_DATABASE, announce=pytest.fail)


def test_a_long_run_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_case, "MANY_REQUESTS", 1_000)
    said: list[str] = []
    served = EstimateQuestion(model=GEMMA, gpu=H100, workload=workload())
    question = SimulationQuestion(served=served, qps=1.0, slo=parse_slo("e2e:p95<12s"), requests=1_500)
    use_case.simulate(question, profiles=None, database=NO_DATABASE, announce=said.append)
    assert said == ["simulating 1,500 requests, which may take a minute"]


def test_a_busiest_hour_that_misses_what_the_whole_day_keeps_is_named() -> None:
    sharp = DailyProfile(name="sharp", relative_rate=(*(1.0,) * 23, 7.0))
    spread = simulated(qps=1.5, daily=sharp, slo="e2e:p90<6s", requests=60_000)
    assert [kept.share > 0.9 for kept in spread.attainment] == [True]
    assert "busiest_hour" in codes(spread)
    assert "busiest_hour" not in codes(simulated(qps=0.5, daily=sharp, slo="e2e:p90<30s", requests=20_000))


def test_a_trace_that_overloads_the_fleet_keeps_nothing_for_sure() -> None:
    answer = simulated(work=trace("azure-conversation-2023"), qps=200.0, slo="e2e:p50<200s")
    assert "overloaded" in codes(answer)
    assert [kept.met for kept in answer.attainment] == [Met.UNDECIDED]
