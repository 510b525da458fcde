"""How long iterations take and who is in them, on engines small enough to reckon by hand."""

from __future__ import annotations

import pytest

from advisor.demo.scheduler import Scheduler, Wish
from advisor.demo.setup import DraftLaw, EngineSetup, Pace
from tests.unit.demo.engines import (
    CANVAS,
    DENOISING_S,
    DRAFT,
    PREFILL_S,
    STEADY,
    STEP_S,
    engine,
    run,
    wish,
)


def test_a_request_alone_takes_its_prompt_and_one_step_per_token() -> None:
    course, _ = run(Scheduler(engine()), [(0, wish(prompt=100, reply=50))])
    assert course.e2e_s(0) == pytest.approx(100 * PREFILL_S + 50 * STEP_S)
    assert course.parts[0][0][0] == pytest.approx(100 * PREFILL_S + STEP_S)
    assert [tokens for _, tokens in course.parts[0]] == [1] * 50


def test_a_canvas_takes_its_steps_and_a_pass_that_commits_it() -> None:
    course, _ = run(Scheduler(engine(canvas=STEADY)), [(0, wish(prompt=100, reply=512))])
    canvas_s = 3 * (STEP_S + DENOISING_S) + STEP_S
    first, second = course.parts[0]
    assert (first[1], second[1]) == (256, 256)
    assert (first[0], second[0]) == pytest.approx((100 * PREFILL_S + canvas_s, 100 * PREFILL_S + 2 * canvas_s))


def test_a_short_reply_pays_its_canvas_in_full() -> None:
    scheduler = Scheduler(engine(canvas=STEADY))
    short, _ = run(scheduler, [(0, wish(reply=5))])
    full, _ = run(Scheduler(engine(canvas=STEADY)), [(0, wish(reply=256))])
    assert short.tokens == {0: 5}
    assert short.e2e_s(0) == full.e2e_s(0)
    assert (scheduler.tally.committed_tokens, scheduler.tally.generation_tokens) == (256, 5)


def test_steps_are_counted_with_the_commit_pass_as_vllm_counts_them() -> None:
    scheduler = Scheduler(engine(canvas=STEADY))
    run(scheduler, [(0, wish(reply=70)), (0, wish(reply=600))])
    tally = scheduler.tally
    assert tally.denoising_steps == 4 * (3 + 1)
    assert tally.canvas_positions / tally.committed_tokens - 1 == 3


def test_a_request_may_limit_its_own_steps() -> None:
    scheduler = Scheduler(engine(canvas=CANVAS))
    run(scheduler, [(0, wish(reply=256, most_steps=2))])
    assert scheduler.tally.denoising_steps == 3


def test_requests_in_service_share_each_iteration() -> None:
    course, _ = run(Scheduler(engine()), [(0, wish(prompt=1, reply=10))] * 3)
    assert course.durations_s == [pytest.approx(3 * STEP_S + 3 * PREFILL_S)] + [pytest.approx(3 * STEP_S)] * 9


def test_one_that_commits_and_one_that_denoises_share_a_pass() -> None:
    course, _ = run(Scheduler(engine(canvas=STEADY)), [(0, wish(prompt=1, reply=256)), (1, wish(prompt=1, reply=256))])
    both_s = 2 * STEP_S
    assert course.durations_s == [
        pytest.approx(STEP_S + DENOISING_S + PREFILL_S),
        pytest.approx(both_s + 2 * DENOISING_S + PREFILL_S),
        pytest.approx(both_s + 2 * DENOISING_S),
        pytest.approx(both_s + DENOISING_S),
        pytest.approx(STEP_S),
    ]


def test_a_long_prompt_is_read_in_chunks_that_the_budget_allows() -> None:
    course, _ = run(Scheduler(engine(token_budget=400)), [(0, wish(prompt=1000, reply=1))])
    assert course.durations_s == [
        pytest.approx(STEP_S + 400 * PREFILL_S),
        pytest.approx(STEP_S + 400 * PREFILL_S),
        pytest.approx(STEP_S + 200 * PREFILL_S),
    ]


def test_those_who_write_go_before_prompts() -> None:
    wishes = [(0, wish(prompt=10, reply=5)), (1, wish(prompt=1000, reply=1))]
    scheduler = Scheduler(engine(token_budget=300))
    course, _ = run(scheduler, wishes)
    assert [tokens for _, tokens in course.parts[0]] == [1] * 5
    assert course.durations_s[1] == pytest.approx(2 * STEP_S + 299 * PREFILL_S)


def test_requests_beyond_the_slots_wait_for_one() -> None:
    course, _ = run(Scheduler(engine(slots=1)), [(0, wish(prompt=1, reply=10))] * 3)
    assert course.most_running == 1
    assert [course.e2e_s(n) for n in range(3)] == [pytest.approx(k * (10 * STEP_S + PREFILL_S)) for k in (1, 2, 3)]


def test_a_budget_below_the_slots_lets_only_so_many_canvases_step() -> None:
    course, _ = run(Scheduler(engine(canvas=STEADY, token_budget=514)), [(0, wish(prompt=1, reply=256))] * 4)
    assert course.done_s[0] == course.done_s[1] < course.done_s[2] == course.done_s[3]


def test_a_full_cache_sends_the_last_one_back_and_reads_it_anew() -> None:
    scheduler = Scheduler(engine(kv_tokens=500))
    course, jobs = run(scheduler, [(0, wish(prompt=100, reply=250)), (0, wish(prompt=100, reply=250))])
    assert scheduler.tally.preemptions == 1
    assert course.tokens == {0: 250, 1: 250}
    assert scheduler.tally.prompt_tokens == sum(job.prompt_tokens for job in jobs)
    assert course.done_s[0] < course.done_s[1]


def test_one_that_was_sent_back_is_first_in_the_queue_and_not_read_at_once() -> None:
    scheduler = Scheduler(engine(slots=2, kv_tokens=500, token_budget=150))
    for prompt in (100, 300, 100):
        scheduler.submit(wish(prompt=prompt, reply=150))
    while scheduler.begin() is not None and not scheduler.tally.preemptions:
        scheduler.finish()
    assert (scheduler.running, scheduler.waiting) == (1, 2)
    scheduler.finish()
    course, _ = run(scheduler, [])
    assert list(course.done_s) == [0, 1, 2]


def test_cached_prompt_tokens_cost_nothing_and_are_counted() -> None:
    scheduler = Scheduler(engine(cached_prompt_share=0.75))
    course, _ = run(scheduler, [(0, wish(prompt=100, reply=1))])
    assert course.e2e_s(0) == pytest.approx(25 * PREFILL_S + STEP_S)
    assert (scheduler.tally.prompt_tokens, scheduler.tally.cached_prompt_tokens) == (100, 75)


def test_a_reply_ends_by_itself_at_a_usual_length_or_at_the_limit() -> None:
    scheduler = Scheduler(engine(slots=8, reply_tokens=(20, 600)))
    course, jobs = run(scheduler, [(0, Wish(prompt_tokens=1, most_tokens=100))] * 40)
    assert set(course.tokens.values()) == {20, 100}
    assert {job.reason for job in jobs if job.output_tokens == 100} == {"length"}
    assert {job.reason for job in jobs if job.output_tokens == 20} == {"stop"}
    assert scheduler.tally.finished.keys() == {"stop", "length"}


def test_a_reply_is_never_shorter_than_asked() -> None:
    course, _ = run(
        Scheduler(engine(reply_tokens=(20,))), [(0, Wish(prompt_tokens=1, most_tokens=100, least_tokens=30))]
    )
    assert course.tokens == {0: 30}


def test_another_seed_draws_other_replies() -> None:
    drawn = []
    for seed in (1, 2):
        scheduler = Scheduler(engine(slots=8, seed=seed, reply_tokens=tuple(range(1, 500))))
        drawn.append(run(scheduler, [(0, Wish(prompt_tokens=1, most_tokens=600))] * 8)[0].tokens)
    assert drawn[0] != drawn[1]


def test_a_drafter_yields_its_mean_tokens_per_step() -> None:
    scheduler = Scheduler(engine(slots=4, draft=DRAFT))
    run(scheduler, [(0, wish(prompt=1, reply=4000))] * 4)
    tally = scheduler.tally
    assert 1 + tally.accepted_draft_tokens / tally.drafts == pytest.approx(DRAFT.accepted_tokens, rel=0.02)
    assert tally.accepted_at == sorted(tally.accepted_at, reverse=True)


def test_a_drafter_that_is_never_right_writes_one_token_per_step() -> None:
    scheduler = Scheduler(engine(draft=DraftLaw(tokens=3, accepted_tokens=1.0)))
    course, _ = run(scheduler, [(0, wish(prompt=1, reply=50))])
    assert [tokens for _, tokens in course.parts[0]] == [1] * 50


def test_an_idle_engine_has_nothing_to_do() -> None:
    assert Scheduler(engine()).begin() is None


def test_what_does_not_fit_is_refused_before() -> None:
    with pytest.raises(ValueError, match="must fit"):
        Scheduler(engine(kv_tokens=100)).submit(wish(prompt=80, reply=30))


@pytest.mark.parametrize(
    ("steps", "prefill", "denoising"),
    [((), (), ()), ((0.0,), (0.1,), (0.0,)), ((0.1,), (-0.1,), (0.0,)), ((0.1, 0.2), (0.1,), (0.0,))],
)
def test_an_impossible_pace_is_refused(
    steps: tuple[float, ...], prefill: tuple[float, ...], denoising: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"vectors|positive"):
        Pace(steps, prefill, denoising)


def test_an_engine_without_room_for_one_request_is_refused() -> None:
    with pytest.raises(ValueError, match="256 tokens, the budget is 100"):
        engine(canvas=CANVAS, token_budget=100)
    with pytest.raises(ValueError, match="holds no request"):
        engine(kv_tokens=2)
    with pytest.raises(ValueError, match="nothing to read"):
        engine(cached_prompt_share=1.0)
    assert isinstance(engine(canvas=CANVAS, token_budget=256), EngineSetup)
