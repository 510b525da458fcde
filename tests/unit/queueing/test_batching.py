"""The event simulation of an engine, against examples worked by hand and against a walk through every iteration."""

import numpy as np
import pytest

from advisor.queueing import FloatArray
from advisor.queueing.simulate import Batching, Demand, Outcome, simulate
from tests.unit.queueing.simulation import engine_times_s

STEP_S = np.array([0.010, 0.012, 0.015])
PREFILL_S = 1e-4


def engine(*, slots: int = 3, token_budget: int = 1000, tokens_per_step: int = 1) -> Batching:
    return Batching(STEP_S[:slots], np.full(slots, PREFILL_S), token_budget, tokens_per_step)


def outcome_of(
    kind: Batching,
    arrivals_s: list[float],
    steps: list[float],
    prompts: list[float],
    *,
    first: list[float] | None = None,
) -> Outcome:
    """Run requests through one replica; the first text shows with the first step unless told otherwise."""
    shown = np.ones(len(steps)) if first is None else np.array(first)
    demand = Demand(np.array(arrivals_s), np.array(steps), shown, np.array(prompts))
    return simulate(kind, demand, replicas=1)


def ms(times_s: FloatArray) -> list[float]:
    return [round(time_s, 6) for time_s in (times_s * 1e3).tolist()]


def test_a_request_alone_reads_its_prompt_in_the_iteration_of_its_first_step() -> None:
    outcome = outcome_of(engine(), [5.0], [4], [200])
    # 10 ms + 200 x 0.1 ms with the first step, then three steps of 10 ms
    assert ms(outcome.ttft_s) == [30.0]
    assert ms(outcome.e2e_s) == [60.0]


def test_a_request_of_one_step_is_done_with_its_prompt() -> None:
    outcome = outcome_of(engine(), [0.0], [1], [200])
    assert ms(outcome.e2e_s) == ms(outcome.ttft_s) == [30.0]


def test_a_request_without_prompt_steps_at_once() -> None:
    assert ms(outcome_of(engine(), [0.0], [3], [0]).e2e_s) == [30.0]


def test_two_that_come_together_read_and_step_together() -> None:
    outcome = outcome_of(engine(), [0.0, 0.0001], [2, 3], [100, 300])
    # the second is looked at when the first iteration, of 10 + 10 ms, ends; then 12 + 30 ms for both, and 2 steps alone
    assert ms(outcome.dones_s) == [62.0, 82.0]
    assert ms(outcome.firsts_s) == [20.0, 62.0]


def test_whoever_comes_meanwhile_is_read_after_the_iteration_under_way() -> None:
    outcome = outcome_of(engine(), [0.0, 0.025], [5, 2], [0, 100])
    # steps end at 10, 20, 30; the prompt makes the next iteration 12 + 10 ms, and one of 12 ms ends both
    assert ms(outcome.starts_s) == [0.0, 30.0]
    assert ms(outcome.dones_s) == [64.0, 64.0]


def test_a_prompt_beyond_the_budget_takes_several_iterations() -> None:
    outcome = outcome_of(engine(token_budget=100), [0.0], [2], [250])
    # 10 + 10 ms twice, then the last 50 tokens with the first step, then the second
    assert ms(outcome.ttft_s) == [55.0]
    assert ms(outcome.e2e_s) == [65.0]


def test_a_long_prompt_leaves_the_others_their_steps() -> None:
    outcome = outcome_of(engine(token_budget=101), [0.0, 0.001], [3, 1], [0, 250])
    # alone until 10, then chunks of 100, 100 (both with two held, 22 ms each) and 50 with the budget to itself
    assert ms(outcome.dones_s) == [54.0, 69.0]


def test_requests_beyond_the_slots_wait_for_the_first_to_leave() -> None:
    outcome = outcome_of(engine(slots=2), [0.0, 0.0, 0.0], [2, 2, 1], [0, 0, 0])
    # the first is alone in its first iteration; the second joins at 10
    assert ms(outcome.starts_s) == [0.0, 10.0, 22.0]
    assert ms(outcome.dones_s) == [22.0, 34.0, 34.0]


def test_the_first_canvas_shows_after_its_denoising_steps() -> None:
    outcome = outcome_of(engine(tokens_per_step=256), [0.0], [6], [100], first=[3])
    # 10 + 10 ms with the first pass, two passes more to the first canvas, three to the second
    assert ms(outcome.ttft_s) == [40.0]
    assert ms(outcome.e2e_s) == [70.0]


@pytest.mark.parametrize("first", [6.0, 9.0])
def test_a_reply_of_one_canvas_shows_whole(first: float) -> None:
    outcome = outcome_of(engine(), [0.0], [6], [0], first=[first])
    assert ms(outcome.ttft_s) == ms(outcome.e2e_s) == [60.0]


def test_steps_may_be_parts_of_one() -> None:
    assert ms(outcome_of(engine(), [0.0], [2.3], [0]).e2e_s) == [30.0]


def test_canvases_that_fill_the_budget_keep_prompts_out() -> None:
    outcome = outcome_of(engine(token_budget=512, tokens_per_step=256), [0.0, 0.0, 0.0], [3, 3, 1], [0, 0, 10])
    assert ms(outcome.starts_s) == [0.0, 10.0, 34.0]  # a third slot is free, but no token is left for its prompt


@pytest.mark.parametrize("token_budget", [1, 100, 256])
def test_a_budget_below_one_canvas_still_reads_every_prompt(token_budget: int) -> None:
    outcome = outcome_of(engine(token_budget=token_budget, tokens_per_step=256), [0.0] * 4, [3] * 4, [600] * 4)
    assert np.isfinite(outcome.dones_s).all()


@pytest.mark.parametrize("seed", range(25))
def test_jumping_over_equal_iterations_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slots, jobs = int(rng.integers(1, 6)), 60
    step_s = np.sort(rng.uniform(0.01, 0.1, slots))
    width, budget = int(rng.choice([1, 4, 256])), int(rng.integers(1, 1500))
    arrivals_s = rng.exponential(rng.uniform(0.01, 2.0), size=jobs).cumsum()
    steps, prompts = rng.integers(1, 12, jobs), rng.integers(0, 900, jobs)
    walked = engine_times_s(
        step_s=step_s.tolist(),
        prefill_s_per_token=1e-4,
        token_budget=budget,
        tokens_per_step=width,
        arrivals_s=arrivals_s.tolist(),
        steps=steps.tolist(),
        prompts=prompts.tolist(),
    )
    kind = Batching(step_s, np.full(slots, 1e-4), budget, width)
    outcome = outcome_of(kind, arrivals_s.tolist(), steps.tolist(), prompts.tolist())
    for times_s, walked_s in zip((outcome.starts_s, outcome.firsts_s, outcome.dones_s), walked, strict=True):
        np.testing.assert_allclose(times_s, walked_s, rtol=1e-9)


@pytest.mark.parametrize("slots", [1, 4, 16, 48])
@pytest.mark.parametrize(("prompt", "width"), [(0, 1), (300, 1), (300, 256)])
def test_a_backlog_is_worked_off_at_the_rate_of_the_closed_loop(slots: int, prompt: int, width: int) -> None:
    n, jobs = np.arange(1.0, slots + 1.0), 3000
    step_s, prefill_s = 0.006 + 0.0002 * n, 2e-5
    steps = np.random.default_rng(2).integers(5, 80, size=jobs).astype(np.float64)
    kind = Batching(step_s, np.full(slots, prefill_s), 16_384, width)
    demand = Demand(np.zeros(jobs), steps, np.ones(jobs), np.full(jobs, float(prompt)))
    dones_s = np.sort(simulate(kind, demand, replicas=1).dones_s)
    tenth = jobs // 10
    measured_rps = (jobs - 2 * tenth) / (dones_s[jobs - tenth - 1] - dones_s[tenth - 1])
    closed_loop_rps = slots / (steps.mean() * step_s[-1] + slots * prompt * prefill_s)
    assert measured_rps == pytest.approx(closed_loop_rps, rel=0.02)


def test_replicas_work_side_by_side() -> None:
    demand = Demand(np.zeros(2), np.full(2, 3.0), None, np.full(2, 100.0))
    outcome = simulate(engine(), demand, replicas=2)
    assert ms(outcome.e2e_s) == [40.0, 40.0]


@pytest.mark.parametrize(
    ("step_s", "prefill_s", "token_budget"),
    [([], [], 1), ([0.1], [0.1, 0.1], 1), ([0.0], [0.1], 1), ([0.1], [-0.1], 1), ([0.1], [0.1], 0)],
)
def test_an_engine_is_described_completely(step_s: list[float], prefill_s: list[float], token_budget: int) -> None:
    with pytest.raises(ValueError, match=r"must"):
        Batching(np.array(step_s), np.array(prefill_s), token_budget)
