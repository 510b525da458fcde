"""One process works on a campaign at a time, and anybody may ask for its end."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from socket import gethostname
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from advisor.errors import MeasureError, UnknownNameError
from advisor.store import open_store
from advisor.store.tables import ClaimRow
from tests.unit.store.filled import CELLS, RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.store import Store

HOST = gethostname()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return a database in which a campaign was begun."""
    with open_store(url) as opened:
        opened.begin_campaign(RECORD, CELLS)
        yield opened


def pid_of_a_process_that_ended() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def fall_silent(store: Store, *, seconds: float) -> None:
    """Let the last heartbeat of all drivers lie so far back."""
    with store._writing() as connection:
        connection.execute(update(ClaimRow).values(heartbeat_at=datetime.now(UTC) - timedelta(seconds=seconds)))


def test_a_campaign_that_a_living_process_works_on_is_refused(store: Store) -> None:
    store.claim(RECORD.id, host=HOST, pid=os.getpid())
    with pytest.raises(MeasureError, match=f"is being measured by process {os.getpid()} on {HOST}"):
        store.claim(RECORD.id, host="another-host", pid=1)
    assert store.driver(RECORD.id) == f"process {os.getpid()} on {HOST}"


def test_a_campaign_that_was_let_go_is_free(store: Store) -> None:
    store.release(store.claim(RECORD.id, host=HOST, pid=os.getpid()))
    assert store.driver(RECORD.id) == ""
    store.claim(RECORD.id, host="another-host", pid=1)


def test_a_process_of_this_host_that_ended_holds_nothing(store: Store) -> None:
    store.claim(RECORD.id, host=HOST, pid=pid_of_a_process_that_ended())
    assert store.driver(RECORD.id) == ""
    store.claim(RECORD.id, host=HOST, pid=os.getpid())


def test_a_process_of_another_host_holds_while_its_heart_beats(store: Store) -> None:
    gone = pid_of_a_process_that_ended()
    claim = store.claim(RECORD.id, host="another-host", pid=gone)
    fall_silent(store, seconds=59.0)
    with pytest.raises(MeasureError):
        store.claim(RECORD.id, host=HOST, pid=os.getpid())
    fall_silent(store, seconds=61.0)
    store.heartbeat(claim)
    with pytest.raises(MeasureError):
        store.claim(RECORD.id, host=HOST, pid=os.getpid())
    fall_silent(store, seconds=61.0)
    store.claim(RECORD.id, host=HOST, pid=os.getpid())


def test_a_number_that_another_process_has_now_does_not_hold_for_ever(store: Store) -> None:
    store.claim(RECORD.id, host=HOST, pid=os.getppid())
    fall_silent(store, seconds=61.0)
    store.claim(RECORD.id, host=HOST, pid=os.getpid())


def test_only_a_campaign_that_is_there_can_be_claimed(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="unknown campaign 'no-such'"):
        store.claim("no-such", host=HOST, pid=os.getpid())


def test_a_request_to_end_counts_from_when_it_was_made(store: Store) -> None:
    before = datetime.now(UTC)
    assert not store.cancel_requested(RECORD.id, since=before)
    store.request_cancel(RECORD.id)
    assert store.cancel_requested(RECORD.id, since=before)
    assert not store.cancel_requested(RECORD.id, since=datetime.now(UTC))
