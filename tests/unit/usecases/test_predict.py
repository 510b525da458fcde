"""What a prediction says of a profile: range, slots, anchors, first tokens, and where it refuses or warns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest

from advisor.domain.assurance import DecidedBy
from advisor.domain.model import Decode
from advisor.domain.prediction import Prediction, PredictQuestion
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.predicting.predict import predict
from tests.unit.usecases.profiled import COLUMNS, Engine, SharingServer, written

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = np.arange(1.0, 65.0)
SERVER = SharingServer(COUNTS / (0.5 + 0.01 * COUNTS + 0.02 * np.sqrt(COUNTS)))
DIFFUSION = SharingServer(COUNTS[:4] / (1.0 + 0.6 * COUNTS[:4]), canvas=0.6)
ENGINE = Engine(0.008 + 0.0002 * COUNTS, prefill_s_per_token=3e-5, input_tokens=500, output_tokens=200)
PLAIN = "concurrency,request_rate_rps"
STEEP = ("1,1", "4,3", "16,8", "32,8")  # saturated at 16

Ask: TypeAlias = Callable[..., Prediction]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return a function that predicts for rows of a profile."""

    def answer(*rows: str, columns: str = COLUMNS, rate: float = 5.0, **options: Any) -> Prediction:
        question = PredictQuestion(rate_qps=rate, **options)
        return predict(question, profile=written(tmp_path, *rows, columns=columns))

    return answer


def codes(answer: Prediction) -> set[str]:
    return {caution.code for caution in answer.warnings}


def test_a_plain_prediction_is_in_range_and_without_warnings(ask: Ask) -> None:
    answer = ask(*SERVER.rows(1, 8, 64), rate=20.0)
    assert answer.in_range
    assert answer.decided_by is DecidedBy.FORMULA
    assert answer.ttft_ms is None
    assert answer.ntpot_ms is None
    assert codes(answer) == {"not_saturated"}
    assert ask(*SERVER.rows(1, 8, 64), rate=20.0, slots=64).warnings == ()


def test_load_and_saturation_are_those_of_the_whole_fleet(ask: Ask) -> None:
    one, four = ask(*SERVER.rows(1, 8, 64), rate=10.0), ask(*SERVER.rows(1, 8, 64), rate=40.0, replicas=4)
    assert one.saturation_qps == pytest.approx(SERVER.saturation_rps)
    assert four.saturation_qps == pytest.approx(4 * one.saturation_qps)
    assert four.utilization == pytest.approx(one.utilization)
    assert four.in_flight_per_replica == pytest.approx(10.0 * four.e2e_s.mean)
    assert four.e2e_s.p95 < one.e2e_s.p95


def test_percentiles_ascend_and_latency_grows_with_load_and_burstiness(ask: Ask) -> None:
    calm, loaded, bursty = (
        ask(*SERVER.rows(1, 8, 64), rate=rate, burstiness=burstiness)
        for rate, burstiness in ((5.0, 1.0), (30.0, 1.0), (30.0, 4.0))
    )
    assert calm.e2e_s.p50 < calm.e2e_s.p95 < calm.e2e_s.p99
    assert calm.e2e_s.p95 < loaded.e2e_s.p95 < bursty.e2e_s.p95


def test_a_lonely_request_takes_what_the_lowest_level_took(ask: Ask) -> None:
    answer = ask(*SERVER.rows(1, 8, 64), rate=0.001)
    assert answer.e2e_s.mean == pytest.approx(1.0 / SERVER.rates_rps[0], rel=1e-3)


@pytest.mark.parametrize("rate", [8.0, 8.5, 40.0])
def test_a_rate_at_saturation_is_infeasible_and_names_the_fleet_that_carries_it(ask: Ask, rate: float) -> None:
    with pytest.raises(InfeasibleError) as caught:
        ask(*STEEP, columns=PLAIN, rate=rate)
    assert "saturation rate of 8 requests/s (1 x 8)" in str(caught.value)
    enough = int(caught.value.hint.split(" replicas would carry it")[0])
    assert ask(*STEEP, columns=PLAIN, rate=rate, replicas=enough).utilization < 1
    assert (enough - 1) * 8.0 <= rate


@pytest.mark.parametrize("rate", [0.3, 0.7, 1.1, 3.3, 14.05, 17.23])
def test_the_very_rate_of_all_slots_busy_is_refused(ask: Ask, rate: float) -> None:
    with pytest.raises(InfeasibleError):
        ask("1,0.1", "4,0.2", f"16,{rate}", f"32,{rate}", columns=PLAIN, rate=rate)


@pytest.mark.parametrize(
    ("rows", "asked", "slots", "said"),
    [
        (STEEP, None, 16, "16, where throughput stops growing"),
        (STEEP, 4, 4, "4, as given"),
        (STEEP, 20, 20, "20, as given"),
        (STEEP, 64, 32, "32, the most that were measured"),
        (("1,1", "4,3", "16,8"), None, 16, "16, the most that were measured"),
        (("1,1", "4,7.95", "16,8"), None, 4, "4, where throughput stops growing"),
        (("1,1", "4,3", "16,2"), None, 4, "4, where throughput stops growing"),
        (("4,3", "8,2"), None, 4, "4, where throughput stops growing"),
    ],
)
def test_slots_are_as_named_or_read_off_the_profile(
    ask: Ask, rows: tuple[str, ...], asked: int | None, slots: int, said: str
) -> None:
    answer = ask(*rows, columns=PLAIN, rate=0.5, slots=asked)
    assert answer.slots == slots
    assert f"slots: {said}" in answer.notes


def test_a_level_with_more_in_flight_than_slots_stands_for_all_slots_busy(ask: Ask) -> None:
    answer = ask("1,1", "4,3", "16,8", columns=PLAIN, rate=1.0, slots=8)
    assert answer.saturation_qps == pytest.approx(8.0)
    assert answer.slots == 8


def test_slots_below_the_profile_are_refused(ask: Ask) -> None:
    with pytest.raises(InputError, match="--slots 2 is below the lowest concurrency of the profile, 4"):
        ask("4,3", "16,8", columns=PLAIN, slots=2)


def test_a_fleet_too_large_to_be_computed_is_refused(ask: Ask) -> None:
    with pytest.raises(InputError, match="too many to be computed"):
        ask("1,1", "16000,800", columns=PLAIN, replicas=4000)


@pytest.mark.parametrize(
    ("rows", "columns", "options", "code"),
    [
        (("1,1", "16,8"), PLAIN, {}, "few_levels"),
        (("2,2", "4,3", "16,8"), PLAIN, {}, "no_single_stream"),
        (("1,1", "4,3", "16,8"), PLAIN, {}, "not_saturated"),
        (("1,1", "4,3", "16,8"), PLAIN, {"rate": 6.5}, "beyond_measured_range"),
        (("1,1", "4,3", "16,8"), PLAIN, {"slots": 64}, "beyond_measured_range"),
        (("1,1", "4,3", "16,2"), PLAIN, {"rate": 1.0}, "throughput_falls"),
        (("1,1", "4,3", "16,2"), PLAIN, {"rate": 1.0, "slots": 16}, "slower_when_full"),
        (("1,1,1.1", "4,3,1.3", "16,8,2"), f"{PLAIN},e2e_mean_s", {}, "little"),
        (("1,1,100", "4,3,100", "16,8,150"), f"{PLAIN},output_tokens", {}, "lengths_differ"),
        (("1,1,100", "4,3,200", "16,8,200"), f"{PLAIN},input_tokens", {}, "lengths_differ"),
        (("1,1,50", "4,3,70", "16,8,90"), f"{PLAIN},ttft_mean_ms", {}, "closed_loop_ttft"),
        (STEEP, PLAIN, {"rate": 7.0}, "weak_regime"),
        pytest.param(STEEP, PLAIN, {"burstiness": 12.0}, "weak_regime", marks=pytest.mark.grid),
        (STEEP, PLAIN, {"burstiness": 4.0, "simulate": False}, "coarse_formula"),
        ((*STEEP, ",9"), PLAIN, {}, "anchor_refused"),
        ((*(f"{row}," for row in STEEP), ",7,9"), f"{PLAIN},e2e_mean_s", {}, "anchor_weak"),
        ((*(f"{row}," for row in STEEP), ",3,9"), f"{PLAIN},e2e_mean_s", {}, "anchor_far_off"),
    ],
)
def test_what_a_profile_or_a_load_leaves_open_is_said(
    ask: Ask, rows: tuple[str, ...], columns: str, options: dict[str, Any], code: str
) -> None:
    assert code in codes(ask(*rows, columns=columns, **options))


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (STEEP, {"rate": 7.0}),
        (STEEP, {"burstiness": 12.0}),
        (("1,1", "4,3", "16,8"), {"rate": 6.5}),
        (("8,5", "16,8", "32,8"), {"rate": 1.0}),
    ],
    ids=["loaded", "bursty", "more in flight than measured", "fewer in flight than measured"],
)
def test_out_of_range_is_told(ask: Ask, rows: tuple[str, ...], options: dict[str, Any]) -> None:
    assert not ask(*rows, columns=PLAIN, **options).in_range
    assert ask(*STEEP, columns=PLAIN, rate=4.0).in_range


def test_where_the_formulas_are_weak_the_simulation_decides_unless_it_is_forbidden(ask: Ask) -> None:
    simulated = ask(*STEEP, columns=PLAIN, rate=7.2)
    formula = ask(*STEEP, columns=PLAIN, rate=7.2, simulate=False)
    assert simulated.decided_by is DecidedBy.SIMULATION
    assert formula.decided_by is DecidedBy.FORMULA
    assert not formula.in_range
    assert "weak_regime" in codes(formula)
    assert simulated.e2e_s.p95 == pytest.approx(formula.e2e_s.p95, rel=0.1)


def test_the_seed_is_all_that_is_random(ask: Ask) -> None:
    first, again, other = (ask(*STEEP, columns=PLAIN, rate=7.2, seed=seed) for seed in (1, 1, 2))
    assert first.e2e_s == again.e2e_s
    assert first.e2e_s != other.e2e_s


def test_few_slots_under_even_arrivals_are_simulated_and_stay_in_range(ask: Ask) -> None:
    answer = ask(*DIFFUSION.rows(1, 2, 4), rate=0.5 * DIFFUSION.saturation_rps, burstiness=0.0, slots=4)
    assert answer.decided_by is DecidedBy.SIMULATION
    assert answer.in_range
    assert answer.warnings == ()


def test_a_fleet_of_hundreds_is_simulated_in_part(ask: Ask) -> None:
    answer = ask(*STEEP, columns=PLAIN, rate=3000.0, replicas=1000, burstiness=20.0)
    assert any("64 of them stand for the fleet" in note for note in answer.notes)


def test_canvases_are_recognized_and_can_be_named(ask: Ask) -> None:
    seen = ask(*DIFFUSION.rows(1, 2, 4), rate=0.5)
    named = ask(*DIFFUSION.rows(1, 2, 4), rate=0.5, decode=Decode.BLOCK_DIFFUSION)
    other = ask(*DIFFUSION.rows(1, 2, 4), rate=0.5, decode=Decode.AUTOREGRESSIVE)
    assert any("first canvas" in note for note in seen.notes)
    assert seen.ttft_ms == named.ttft_ms
    assert "closed_loop_ttft" in codes(other)
    assert other.ttft_ms is not None
    assert seen.ttft_ms is not None
    assert other.ttft_ms.mean == pytest.approx(seen.ttft_ms.mean, rel=0.1)


def test_an_autoregressive_server_is_recognized_and_its_prompts_are_read_between_steps(ask: Ask) -> None:
    answer = ask(*ENGINE.rows(1, 8, 64), rate=3.0, slots=64)
    assert any("prompts of 500 tokens (squared variation 0.5) take 30 us per token" in note for note in answer.notes)
    assert codes(answer) == {"ttft_without_anchor"}
    assert answer.ttft_ms is not None
    assert answer.ntpot_ms == pytest.approx(answer.e2e_s.mean / 200 * 1e3)


def test_of_ttft_only_what_the_throughput_allows_holds_up_others(ask: Ask) -> None:
    # alone: 60 ms before the first step; but at 21 requests/s of 60 ms each nothing would be left for decoding
    rows = ("1,0.69,65,,1.45,,500,256", "8,4.85,66,,1.65,,500,256", "64,16.14,75,,3.96,,500,256", "256,21.5,,,,,,")
    answer = ask(*rows, rate=8.0, slots=256)
    (note,) = [note for note in answer.notes if note.startswith("TTFT: prompts of 500 tokens")]
    reading_us, fixed_ms = (float(figure) for figure in re.findall(r"([\d.]+) (?:us per token|ms that)", note))
    assert reading_us * 500 / 1e3 + fixed_ms == pytest.approx(65 - (1450 - 65) / 255, rel=0.02)
    assert 21.5 * reading_us * 500 / 1e6 < 1
    assert answer.ttft_ms is not None
    assert answer.ttft_ms.mean > 65


def test_work_is_as_variable_as_the_lowest_level_shows(ask: Ask) -> None:
    alike = ask("1,1,1,1.0", "4,3,,", "16,8,,", columns=f"{PLAIN},e2e_mean_s,e2e_p95_s", rate=1.0)
    spread = ask("1,1,1,3.8", "4,3,,", "16,8,,", columns=f"{PLAIN},e2e_mean_s,e2e_p95_s", rate=1.0)
    unknown = ask("1,1", "4,3", "16,8", columns=PLAIN, rate=1.0)
    assert alike.e2e_s.p95 < unknown.e2e_s.p95 < spread.e2e_s.p95
    assert any("close to exponential" in note for note in unknown.notes)


def test_the_anchor_at_or_below_the_load_corrects_it(ask: Ask) -> None:
    rows = [f"{row},,," for row in STEEP]
    plain = ask(*STEEP, columns=PLAIN, rate=4.0)
    low, high = ask(*STEEP, columns=PLAIN, rate=1.0), ask(*STEEP, columns=PLAIN, rate=6.0)
    anchors = (f",1,{low.e2e_s.mean * 1.2},{low.e2e_s.p95 * 1.5},", f",6,{high.e2e_s.mean * 9},,")
    answer = ask(*rows, *anchors, columns=f"{PLAIN},e2e_mean_s,e2e_p95_s,note", rate=4.0)
    assert answer.e2e_s.mean == pytest.approx(plain.e2e_s.mean * 1.2)
    assert answer.e2e_s.p50 == pytest.approx(plain.e2e_s.p50 * 1.2)
    assert answer.e2e_s.p95 == pytest.approx(plain.e2e_s.p95 * 1.5)
    assert answer.e2e_s.p99 == pytest.approx(plain.e2e_s.p99 * 1.5)
    assert "anchor at 1 requests/s to one replica: e2e mean x1.2, p95 x1.5" in answer.notes


def test_an_anchor_above_the_load_is_better_than_none(ask: Ask) -> None:
    rows = [f"{row}," for row in STEEP]
    there, plain = ask(*STEEP, columns=PLAIN, rate=4.0), ask(*STEEP, columns=PLAIN, rate=2.0)
    answer = ask(*rows, f",4,{there.e2e_s.mean * 1.3}", columns=f"{PLAIN},e2e_mean_s", rate=2.0)
    assert answer.e2e_s.p99 == pytest.approx(plain.e2e_s.p99 * 1.3)


def test_an_anchor_of_ttft_alone_leaves_e2e_as_it_is(ask: Ask) -> None:
    rows = ENGINE.rows(1, 8, 64)
    plain = ask(*rows, rate=3.0)
    assert plain.ttft_ms is not None
    answer = ask(*rows, f",3,{plain.ttft_ms.mean * 1.25},,,,,", rate=3.0)
    assert answer.ttft_ms is not None
    assert answer.ttft_ms.mean == pytest.approx(plain.ttft_ms.mean * 1.25)
    assert answer.e2e_s == plain.e2e_s


def test_corrected_percentiles_stay_in_order(ask: Ask) -> None:
    rows = [f"{row},," for row in STEEP]
    answer = ask(*rows, ",4,9,0.1", columns=f"{PLAIN},e2e_mean_s,e2e_p95_s", rate=4.0)
    assert answer.e2e_s.p50 <= answer.e2e_s.p95 <= answer.e2e_s.p99


@pytest.mark.parametrize("burstiness", [0.0, 0.5, 1.0, 30.0, 1000.0])
@pytest.mark.parametrize("rate", [1e-6, 1.0, 7.9])
def test_no_load_and_no_burstiness_breaks_it(ask: Ask, rate: float, burstiness: float) -> None:
    answer = ask(*STEEP, columns=PLAIN, rate=rate, burstiness=burstiness, simulate=False)
    assert 0 < answer.e2e_s.p50 <= answer.e2e_s.p95 <= answer.e2e_s.p99
