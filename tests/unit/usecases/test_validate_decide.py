"""Choosing and measuring where every true speed is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.evidence import Cell
from advisor.evidence.anchors import RUN_LOG_SD
from advisor.usecases.validating.decide import validate_decide
from advisor.usecases.validating.decide_arenas import GRID, Arena
from advisor.usecases.validating.decide_policies import OURS, POLICIES, course_of, pays
from advisor.usecases.validating.decide_runs import Task, play_all
from advisor.usecases.validating.decide_truths import LAWS, laplace, normal, student, uniform
from advisor.usecases.validating.decide_worlds import Standing, World

if TYPE_CHECKING:
    from advisor.domain.decide_validation import DecideValidation

USD = (3.0, 2.0, 1.0, 2.5)
SIZES = (2.4, 3.7, 8.2, 2.9)


@pytest.fixture(scope="module")
def validation() -> DecideValidation:
    return validate_decide(profiles=None, quick=True)


def arena() -> Arena:
    """Return four plans of one contender on four GPU types, without any published run."""
    replicas = np.ceil(np.array(SIZES)[:, None] / np.exp(GRID))
    return Arena(
        name="an example",
        cells=tuple(Cell("gemma", "gemma-fp8", gpu, 1) for gpu in ("a", "b", "c", "d")),
        cell_of=np.arange(4),
        batched_shares=np.ones(4),
        replicas=replicas,
        usd=replicas * np.array(USD)[:, None],
        stable_usd=np.zeros_like(replicas),
        published=(),
        usd_per_cell=np.full(4, 0.5),
    )


def world(number: int = 0) -> World:
    return World.of(arena(), LAWS["heavy tails"], np.random.default_rng(number))


def test_our_rule_needs_at_most_two_thirds_of_the_full_grid(validation: DecideValidation) -> None:
    (line,) = [line for line in validation.policies if line.policy == OURS]
    assert line.kept
    assert line.measurements < max(other.measurements for other in validation.policies)


def test_ninety_percent_of_draws_hold_about_ninety_percent_of_truths(validation: DecideValidation) -> None:
    start = [line for line in validation.coverage if line.group is None and line.when.startswith("before")]
    assert {line.figure for line in start} == {"price per hour", "replicas"}
    for line in start:
        assert line.kept
        assert line.at_ends >= line.inside


def test_every_law_and_every_rule_is_told(validation: DecideValidation) -> None:
    assert {line.law for line in validation.laws} == set(LAWS)
    assert [line.policy for line in validation.policies] == [*POLICIES, "full grid"]
    assert {line.law for line in validation.regrets} == {None, *LAWS}


def test_rows_of_gpu_types_that_are_left_out_are_told_by_contender(validation: DecideValidation) -> None:
    whole, *groups = validation.unseen
    assert whole.group is None
    assert whole.cases == sum(line.cases for line in groups) > 100
    assert 0.8 < whole.inside <= 1.0


def test_the_same_seed_gives_the_same_worlds_and_courses() -> None:
    tasks = [Task(0, law, 0, whole=True) for law in LAWS]
    first, again, other = (
        [course.moments[-1].announced_usd for one in played for course in one.courses.values()]
        for played in (play_all(tasks, [arena()], draws=50, seed=s, workers=1, watch=None) for s in (0, 0, 1))
    )
    assert first == again != other


def test_worlds_are_heard_of_and_come_in_the_order_of_their_tasks() -> None:
    tasks = [Task(0, law, number, whole=number == 0) for number in range(2) for law in LAWS]
    heard: list[tuple[int, int]] = []
    told = play_all(
        tasks, [arena()], draws=50, seed=0, workers=1, watch=lambda done, total: heard.append((done, total))
    )
    assert [one.task for one in told] == tasks
    assert heard == [(done, 6) for done in range(1, 7)]
    assert [bool(one.courses) for one in told] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("shape", [normal, student, laplace, uniform])
def test_every_shape_has_mean_0_and_spread_1(shape: object) -> None:
    drawn = shape(np.random.default_rng(1), (200_000,))  # type: ignore[operator]
    assert drawn.mean() == pytest.approx(0.0, abs=0.02)
    assert drawn.std() == pytest.approx(1.0, rel=0.1)


def test_cells_on_one_gpu_type_err_together_in_a_law() -> None:
    cells = [Cell("gemma", "x", "a", 1), Cell("gemma", "y", "a", 1), Cell("other", "z", "b", 1)]
    drawn = np.array([LAWS["other spreads"].draw(np.random.default_rng(i), cells)[:, 1] for i in range(3000)])
    together = np.corrcoef(drawn.T)
    assert together[0, 1] > 0.6
    assert abs(together[0, 2]) < 0.06


def test_what_is_measured_is_believed_and_the_rest_moves_less() -> None:
    before, after = (
        Standing.of(world(), measured, draws=4000, rng=np.random.default_rng(0)) for measured in ((), (1,))
    )
    shown = world().shown[1, 1]
    moved = after.log_factors.mean(axis=1) - before.log_factors.mean(axis=1)
    assert moved[1] == pytest.approx(shown, abs=0.06)
    assert np.all(np.abs(np.delete(moved, 1)) < abs(shown))
    assert after.log_factors[1].std() < 0.6 * before.log_factors[1].std()


def test_a_measurement_shows_the_truth_within_its_error() -> None:
    errors = [world(i).shown - world(i).truth for i in range(200)]
    assert np.std(errors) == pytest.approx(RUN_LOG_SD, rel=0.1)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_rule_measures_every_cell_once_or_stops(policy: str) -> None:
    course = course_of(world(), policy, draws=300, seed=0)
    assert course.measurements <= 4
    assert course.moments[-1].measured_usd == pytest.approx(0.5 * course.measurements)
    assert course.after(99) is course.moments[-1]


def test_all_rules_start_from_the_same_belief() -> None:
    starts = [course_of(world(), policy, draws=300, seed=0).moments[0] for policy in POLICIES]
    assert len({(start.announced_usd, start.realized_usd) for start in starts}) == 1


def test_nothing_pays_once_everything_is_measured() -> None:
    known = Standing.of(world(), range(4), draws=300, rng=np.random.default_rng(0))
    assert not pays(known, [])
