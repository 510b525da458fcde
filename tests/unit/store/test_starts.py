"""What workers have begun with and not ended: as long as somebody drives them it runs, after that it was interrupted."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from socket import gethostname
from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import CellStart, Outcome, Stage
from advisor.domain.campaign import Limits
from advisor.errors import BusyError
from advisor.store import driven, open_store
from tests.unit.store.filled import CELLS, RECORD, STARTED_AT, result_of
from tests.unit.store.test_drivers import fall_silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.store import Store

LATER = STARTED_AT + timedelta(minutes=3)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return a database in which a campaign was begun."""
    with open_store(url) as opened:
        opened.begin_campaign(RECORD, CELLS)
        yield opened


def claim(store: Store, limits: Limits | None = None) -> str:
    return store.claim(RECORD.id, host=gethostname(), pid=os.getpid(), limits=limits)


def start_of(number: int, *, stage: Stage = Stage.MEASURING, at: datetime = STARTED_AT) -> CellStart:
    gpus = ("NVIDIA H100, GPU 0", "NVIDIA H100, GPU 1")
    return CellStart(cell_id=CELLS[number].id, stage=stage, node=f"node-{number}", gpus=gpus, started_at=at)


def test_several_cells_run_at_once_each_with_where_and_since_when(store: Store) -> None:
    mine = claim(store)
    for number in (2, 0):
        store.add_start(mine, start_of(number), attempt=1)
    begun = store.begun(RECORD.id)
    assert [one.start for one in begun] == [start_of(0), start_of(2)]
    assert [(one.attempt, one.driven) for one in begun] == [(1, True)] * 2


def test_a_result_of_any_kind_ends_it_whatever_the_clocks_say(store: Store) -> None:
    mine = claim(store)
    for number in (0, 1):
        store.add_start(mine, start_of(number, at=datetime.now(UTC) + timedelta(hours=1)), attempt=1)
    store.add_result(result_of(CELLS[0], "attempt-1"), accept=True, claim_id=mine)
    store.add_result(result_of(CELLS[1], "attempt-2", outcome=Outcome.LOST), accept=False, claim_id=mine)
    assert store.begun(RECORD.id) == ()
    store.add_start(mine, start_of(1), attempt=2)
    assert [one.attempt for one in store.begun(RECORD.id)] == [2]


def test_the_time_of_a_try_begins_with_its_server(store: Store) -> None:
    mine = claim(store)
    store.add_start(mine, start_of(0, stage=Stage.STARTING), attempt=1)
    (starting,) = store.begun(RECORD.id)
    assert starting.start.stage is Stage.STARTING
    store.add_start(mine, start_of(0, at=LATER), attempt=1)
    (measuring,) = store.begun(RECORD.id)
    assert (measuring.start.stage, measuring.start.started_at, measuring.began_at) == (
        Stage.MEASURING,
        LATER,
        STARTED_AT,
    )


def test_a_cell_of_a_process_that_fell_silent_does_not_run(store: Store) -> None:
    store.add_start(claim(store), start_of(0), attempt=1)
    fall_silent(store, seconds=61.0)
    (left,) = store.begun(RECORD.id)
    assert not left.driven
    assert 61.0 <= (datetime.now(UTC) - left.seen_at).total_seconds() < 3600.0


def test_a_cell_of_a_process_that_let_go_does_not_run_and_the_next_process_begins_anew(store: Store) -> None:
    first = claim(store)
    store.add_start(first, start_of(0), attempt=1)
    store.add_start(first, start_of(1), attempt=1)
    store.release(first)
    assert [one.driven for one in store.begun(RECORD.id)] == [False, False]
    second = claim(store)
    store.add_start(second, start_of(0, at=LATER), attempt=1)
    again, left = store.begun(RECORD.id)
    assert (again.driven, again.began_at, left.driven) == (True, LATER, False)


def taken_over(store: Store) -> tuple[str, str]:
    """Let a process begin with a cell and fall silent, and another one take its campaign; return both claims."""
    first = claim(store)
    store.add_start(first, start_of(0), attempt=1)
    fall_silent(store, seconds=61.0)
    return first, claim(store)


def test_a_late_result_of_a_process_that_was_silent_ends_nothing_of_the_next_one(store: Store) -> None:
    first, second = taken_over(store)
    store.add_start(second, start_of(0, at=LATER), attempt=1)
    store.heartbeat(first)
    store.add_result(result_of(CELLS[0], "attempt-1", outcome=Outcome.LOST), accept=False, claim_id=first)
    (runs,) = store.begun(RECORD.id)
    assert (runs.driven, runs.began_at) == (True, LATER)
    store.add_result(result_of(CELLS[0], "attempt-2"), accept=True, claim_id=second)
    assert store.begun(RECORD.id) == ()


def test_what_a_silent_process_begins_late_hides_nothing_of_the_next_one(store: Store) -> None:
    first, second = taken_over(store)
    store.add_start(second, start_of(0, at=LATER), attempt=1)
    store.add_start(first, start_of(0), attempt=2)
    assert [(one.driven, one.began_at) for one in store.begun(RECORD.id)] == [(True, LATER)]


def test_a_result_ends_also_what_the_process_before_had_begun(store: Store) -> None:
    _, second = taken_over(store)  # whose own start was not stored
    store.add_result(result_of(CELLS[0], "attempt-1", outcome=Outcome.LOST), accept=False, claim_id=second)
    assert store.begun(RECORD.id) == ()


def test_a_start_does_not_wait_long_for_another_process_that_writes(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'runs.db'}") as store, open_store(store._url) as other:
        store.begin_campaign(RECORD, CELLS)
        mine, patient = claim(store), "PRAGMA busy_timeout"
        with other._writing(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(driven, "START_PATIENCE_S", 0.01)
            with pytest.raises(BusyError, match="locked by another process"):
                store.add_start(mine, start_of(0), attempt=1)
        with store._reading() as connection:
            assert connection.exec_driver_sql(patient).scalar_one() == 15_000


def test_the_limits_are_those_of_the_last_process(store: Store) -> None:
    assert store.limits(RECORD.id) == Limits()
    store.release(claim(store, Limits(gpu_hours=4.5)))
    assert store.limits(RECORD.id) == Limits(gpu_hours=4.5)
    claim(store, Limits(usd=Decimal("12.10")))
    assert store.limits(RECORD.id) == Limits(usd=Decimal("12.10"))
