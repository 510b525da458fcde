"""Going through many worlds, side by side: every task is one world of one law for one question."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from advisor.usecases.validating.decide_policies import POLICIES, Course, Moment, before_any, course_of
from advisor.usecases.validating.decide_truths import LAWS
from advisor.usecases.validating.decide_worlds import World

if TYPE_CHECKING:
    from advisor.usecases.validating.decide_arenas import Arena

MOST_WORKERS = 2
"""Whoever validates may want to go on working."""

Watch = Callable[[int, int], None]
"""Hears how many worlds are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Task:
    """A world by its question, its law and its number. `whole` asks for the course of every rule, else the start is enough."""

    arena: int
    law: str
    number: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a world: the start, and the course of every rule where it was gone through; nothing where nothing does."""

    task: Task
    start: Moment | None
    courses: Mapping[str, Course]


def play_all(
    tasks: Sequence[Task], arenas: Sequence[Arena], *, draws: int, seed: int, workers: int, watch: Watch | None
) -> list[Played]:
    """Return what came of each world, in the order of the tasks; one worker is this process."""
    play = partial(played, arenas=tuple(arenas), draws=draws, seed=seed)
    found: dict[Task, Played] = {}
    for one in map(play, tasks) if workers == 1 else _side_by_side(play, tasks, workers=workers):
        found[one.task] = one
        if watch:
            watch(len(found), len(tasks))
    return [found[task] for task in tasks]


def played(task: Task, *, arenas: Sequence[Arena], draws: int, seed: int) -> Played:
    """Return what comes of a world. Its truth depends on seed, question, law and number alone."""
    key = [seed, task.arena, list(LAWS).index(task.law), task.number]
    world = World.of(arenas[task.arena], LAWS[task.law], np.random.default_rng(key))
    if not np.isfinite(world.usd).any():
        return Played(task, None, {})
    own = int(np.random.SeedSequence(key).generate_state(1)[0])
    start = before_any(world, draws=draws, seed=own)
    courses = {policy: course_of(world, policy, draws=draws, seed=own) for policy in POLICIES} if task.whole else {}
    return Played(task, start, courses)


def _side_by_side(play: Callable[[Task], Played], tasks: Sequence[Task], *, workers: int) -> Iterator[Played]:
    """Yield results as they come from fresh processes, the long tasks first so that all end together."""
    longest_first = sorted(tasks, key=lambda task: not task.whole)
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    try:
        for future in as_completed([pool.submit(play, task) for task in longest_first]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def workers_here() -> int:
    """Return how many processes to use on this machine."""
    return min(MOST_WORKERS, os.cpu_count() or 1)
