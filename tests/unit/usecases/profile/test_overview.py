"""Campaigns in full: progress, what was used up, and what failed with which last words."""

from __future__ import annotations

import os
from decimal import Decimal
from socket import gethostname
from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import Outcome
from advisor.domain.campaign_plan import CellState
from advisor.store import open_store
from advisor.usecases.profile.overview import campaign_overview, known_campaigns
from tests.unit.store.filled import CELLS, RECORD, result_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database with a campaign of which one cell is measured and one has failed."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(result_of(CELLS[0], "attempt-1"), accept=True)
        store.add_result(result_of(CELLS[1], "attempt-2", outcome=Outcome.OUT_OF_MEMORY), accept=False)
    return url


def test_a_campaign_says_how_far_it_is_and_what_comes_next(url: str) -> None:
    found = campaign_overview(RECORD.id, url=url, profiles=None)
    assert (found.settled, found.status.counts[CellState.OPEN]) == (2, 3)
    assert found.next_cells == (CELLS[2].label,)


def test_a_failure_brings_the_end_of_its_log(url: str) -> None:
    found = campaign_overview(RECORD.id, url=url, profiles=None)
    (failure,) = found.failures
    assert (failure.what, failure.outcome, failure.log_tail) == (CELLS[1].label, Outcome.OUT_OF_MEMORY, "the end\n")
    assert found.failed == 1


def test_money_is_gpu_hours_at_the_list_price(url: str) -> None:
    found = campaign_overview(RECORD.id, url=url, profiles=None)
    assert found.status.gpu_hours == pytest.approx(2 / 60)
    assert Decimal("0.01") < found.usd < Decimal(1)
    assert found.unpriced == ()


def test_campaigns_are_listed_the_newest_first_with_who_works_on_them(url: str) -> None:
    older = RECORD.model_copy(update={"id": "older-1", "created_at": RECORD.created_at.replace(year=2025)})
    with open_store(url) as store:
        store.begin_campaign(older, ())
        store.claim(RECORD.id, host=gethostname(), pid=os.getpid())
    newest, oldest = known_campaigns(url)
    assert (newest.record.id, oldest.record.id) == (RECORD.id, "older-1")
    assert newest.driver
    assert not oldest.driver


def test_without_a_database_there_is_no_campaign_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert known_campaigns(None) == ()
    assert list(tmp_path.iterdir()) == []
