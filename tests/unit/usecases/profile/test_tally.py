"""The tally says which cells are open, and which results are theirs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.attempt import RETRIED_FREELY, Outcome
from advisor.domain.campaign_plan import CellState
from advisor.usecases.profile.tally import FINAL, Tally
from tests.unit.usecases.profile.campaigns import CAMPAIGN, CELLS, attempt_at

FIRST = CELLS[0]


def tally() -> Tally:
    return Tally(CELLS, rules=CAMPAIGN.rules, accepted={})


def test_a_valid_run_closes_its_cell() -> None:
    kept = tally()
    assert kept.enter(attempt_at(FIRST))
    assert kept.open_cells() == CELLS[1:]
    assert kept.status(FIRST).state is CellState.MEASURED


def test_a_run_that_does_not_count_is_tried_again_and_then_kept_as_flagged() -> None:
    kept = tally()
    assert not kept.enter(attempt_at(FIRST, valid=False))
    assert kept.is_open(FIRST)
    assert kept.enter(attempt_at(FIRST, valid=False))
    assert kept.status(FIRST).state is CellState.FLAGGED


def test_a_second_result_of_a_cell_is_not_accepted() -> None:
    kept = tally()
    kept.enter(attempt_at(FIRST))
    assert not kept.enter(attempt_at(FIRST))


@pytest.mark.parametrize("outcome", sorted(FINAL))
def test_what_another_try_would_repeat_is_not_tried_again(outcome: Outcome) -> None:
    kept = tally()
    kept.enter(attempt_at(FIRST, outcome))
    assert kept.status(FIRST).state is CellState.FAILED


def test_a_crash_is_tried_again_as_often_as_the_rules_allow() -> None:
    kept = tally()
    kept.enter(attempt_at(FIRST, Outcome.CRASHED))
    assert kept.is_open(FIRST)
    kept.enter(attempt_at(FIRST, Outcome.CRASHED))
    assert not kept.is_open(FIRST)


@pytest.mark.parametrize("outcome", sorted(RETRIED_FREELY))
def test_what_says_nothing_about_a_cell_leaves_it_open(outcome: Outcome) -> None:
    kept = tally()
    for _ in range(10):
        kept.enter(attempt_at(FIRST, outcome))
    assert kept.is_open(FIRST)


def test_failures_of_earlier_runs_can_be_forgotten() -> None:
    failed = [attempt_at(FIRST, Outcome.OUT_OF_MEMORY)]
    assert not Tally(CELLS, rules=CAMPAIGN.rules, attempts=failed, accepted={}).is_open(FIRST)
    assert Tally(CELLS, rules=CAMPAIGN.rules, attempts=failed, accepted={}, retry_failed=True).is_open(FIRST)


def test_a_discarded_result_opens_its_cell_again() -> None:
    attempts = [attempt_at(FIRST)]
    kept = Tally(CELLS, rules=CAMPAIGN.rules, attempts=attempts, accepted={})  # its acceptance was taken back
    assert kept.is_open(FIRST)


def test_a_run_that_was_taken_back_does_not_use_up_the_attempts_of_its_cell() -> None:
    taken = attempt_at(FIRST)
    assert taken.run is not None
    run = taken.run.model_copy(update={"discarded": "the fan had failed"})
    tries = [attempt_at(FIRST, Outcome.CRASHED), taken.model_copy(update={"run": run})]
    kept = Tally(CELLS, rules=CAMPAIGN.rules, attempts=tries, accepted={})
    assert kept.is_open(FIRST)
    assert "discarded: the fan had failed" in kept.status(FIRST).detail


def test_gpu_time_of_failed_tries_counts() -> None:
    kept = tally()
    kept.enter(attempt_at(FIRST, Outcome.LOST, gpu_s=1800.0))
    kept.enter(attempt_at(FIRST, gpu_s=1800.0))
    assert kept.gpu_hours == pytest.approx(1.0)
    assert kept.usd(lambda _deployment: Decimal("2.50")) == Decimal("2.50")
    assert kept.usd(lambda _deployment: None) == 0


@given(st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(sorted(Outcome)), st.booleans()), max_size=30))
def test_a_cell_never_has_two_results_and_is_open_or_settled(tries: list[tuple[object, Outcome, bool]]) -> None:
    kept = tally()
    results = [cell for cell, outcome, valid in tries if kept.enter(attempt_at(cell, outcome, valid=valid))]  # type: ignore[arg-type]
    assert len(results) == len({cell.id for cell in results})  # type: ignore[attr-defined]
    assert kept.settled + len(kept.open_cells()) == len(CELLS)
