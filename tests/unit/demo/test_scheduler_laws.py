"""Whatever is asked, in whatever order: everybody is served exactly, within every limit, and the books agree."""

from __future__ import annotations

from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from advisor.demo.scheduler import Scheduler, Wish
from tests.unit.demo.engines import CANVAS, DRAFT, engine, run, wish

WISHES = st.lists(
    st.tuples(st.integers(0, 60), st.builds(wish, prompt=st.integers(1, 700), reply=st.integers(1, 300))),
    min_size=1,
    max_size=12,
)
KINDS: dict[str, dict[str, Any]] = {"plain": {}, "drafted": {"draft": DRAFT}, "canvas": {"canvas": CANVAS}}
ENGINES = st.builds(
    lambda kind, slots, budget, kv, cached, seed: engine(
        slots=slots, token_budget=budget, kv_tokens=kv, cached_prompt_share=cached, seed=seed, **KINDS[kind]
    ),
    st.sampled_from(sorted(KINDS)),
    st.integers(1, 6),
    st.integers(256, 1200),
    st.integers(1300, 4000),  # from hardly one request on: preemptions happen
    st.sampled_from([0.0, 0.3, 0.9]),
    st.integers(0, 2**20),
)


@given(ENGINES, WISHES)
def test_everybody_gets_exactly_the_tokens_asked_for(setup: Any, wishes: list[tuple[int, Wish]]) -> None:
    course, jobs = run(Scheduler(setup), wishes)
    assert [course.tokens[job.number] for job in jobs] == [w.most_tokens for _, w in sorted(wishes, key=lambda p: p[0])]
    assert set(course.done_s) == {job.number for job in jobs}


@given(ENGINES, WISHES)
def test_slots_budget_and_cache_are_never_exceeded(setup: Any, wishes: list[tuple[int, Wish]]) -> None:
    scheduler = Scheduler(setup)
    course, _ = run(scheduler, wishes)
    assert course.most_running <= setup.slots
    assert 0 < course.most_tokens <= setup.token_budget
    assert course.most_kv_share <= 1.0
    assert scheduler.kv_usage_share == 0.0


@given(ENGINES, WISHES)
def test_the_books_agree_with_what_was_served(setup: Any, wishes: list[tuple[int, Wish]]) -> None:
    scheduler = Scheduler(setup)
    course, jobs = run(scheduler, wishes)
    tally = scheduler.tally
    assert tally.prompt_tokens == sum(job.prompt_tokens for job in jobs)
    assert tally.generation_tokens == sum(course.tokens.values())
    assert tally.finished == {"length": len(jobs)}
    assert tally.iterations == len(course.durations_s)
    if setup.canvas:
        assert tally.committed_tokens == setup.canvas.tokens * sum(len(parts) for parts in course.parts.values())
        assert tally.canvas_positions == setup.canvas.tokens * tally.denoising_steps
    if setup.draft:
        assert tally.draft_tokens == setup.draft.tokens * tally.drafts
        assert tally.accepted_draft_tokens == sum(tally.accepted_at)
        assert tally.drafts + tally.accepted_draft_tokens >= tally.generation_tokens


@given(WISHES, st.integers(0, 2**20))
def test_a_canvas_model_writes_whole_canvases_and_cuts_the_last(wishes: list[tuple[int, Wish]], seed: int) -> None:
    course, jobs = run(Scheduler(engine(canvas=CANVAS, seed=seed)), wishes)
    for job in jobs:
        parts = [tokens for _, tokens in course.parts[job.number]]
        assert len(parts) == ceil(job.output_tokens / CANVAS.tokens)
        assert all(tokens == CANVAS.tokens for tokens in parts[:-1])


@given(ENGINES, WISHES, st.dictionaries(st.integers(0, 11), st.integers(0, 40), max_size=6))
def test_whoever_leaves_takes_nothing_along(
    setup: Any, wishes: list[tuple[int, Wish]], leaving: dict[int, int]
) -> None:
    scheduler = Scheduler(setup)
    course, jobs = run(scheduler, wishes, aborts=leaving)
    stayed = [job for job in jobs if job.number in course.done_s]
    assert [course.tokens[job.number] for job in stayed] == [job.output_tokens for job in stayed]
    assert scheduler.tally.finished.get("abort", 0) == len(jobs) - len(stayed)
    assert scheduler.running == scheduler.waiting == 0
    assert scheduler.kv_usage_share == 0.0


@given(ENGINES, WISHES)
def test_the_same_seed_serves_the_same_way(setup: Any, wishes: list[tuple[int, Wish]]) -> None:
    first, second = Scheduler(setup), Scheduler(setup)
    assert run(first, wishes)[0] == run(second, wishes)[0]
    assert first.tally == second.tally


@given(WISHES)
def test_slots_are_given_in_order_of_arrival(wishes: list[tuple[int, Wish]]) -> None:
    course, jobs = run(Scheduler(engine(slots=2)), wishes)
    first_s = [course.parts[job.number][0][0] for job in jobs]
    assert first_s == sorted(first_s)
