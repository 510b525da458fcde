"""Campaigns in full: progress, what was used up, and what failed with which last words."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from socket import gethostname
from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import CellStart, Outcome, Stage
from advisor.domain.campaign import Limits
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


def begin(url: str, *, limits: Limits, minutes: float) -> str:
    """Let this process begin with a cell so many minutes ago, and return its claim."""
    with open_store(url) as store:
        claim = store.claim(RECORD.id, host=gethostname(), pid=os.getpid(), limits=limits)
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        start = CellStart(
            cell_id=CELLS[2].id, stage=Stage.MEASURING, node="node-1", gpus=("H100, GPU 0",), started_at=at
        )
        store.add_start(claim, start, attempt=1)
    return claim


def test_what_is_at_work_counts_towards_hours_money_and_limits_and_is_not_next(url: str) -> None:
    begin(url, limits=Limits(gpu_hours=2.0, usd=Decimal(10)), minutes=58.0)
    found = campaign_overview(RECORD.id, url=url, profiles=None)
    (cell,) = found.status.running
    assert (cell.load, cell.node, cell.gpus, cell.attempt) == (CELLS[2].load.label, "node-1", ("H100, GPU 0",), 1)
    assert found.status.gpu_hours_so_far == pytest.approx(1.0, abs=0.05)
    assert found.gpu_hours_share == pytest.approx(0.5, abs=0.05)
    assert found.usd_share == pytest.approx(float(found.usd_so_far) / 10.0)
    assert found.usd_so_far > 20 * found.usd
    assert found.next_cells == (CELLS[3].label,)


def test_what_a_process_left_that_is_gone_is_interrupted_and_next_again(url: str) -> None:
    claim = begin(url, limits=Limits(), minutes=5.0)
    with open_store(url) as store:
        store.release(claim)
    found = campaign_overview(RECORD.id, url=url, profiles=None)
    assert [(cell.interrupted, cell.cell_id) for cell in found.status.at_work] == [(True, CELLS[2].id)]
    assert found.status.running == ()
    assert (found.usd_at_work, found.gpu_hours_share, found.usd_share) == (Decimal(0), None, None)
    assert found.next_cells == (CELLS[2].label,)


def test_a_cell_runs_on_though_a_late_result_has_settled_it_until_its_process_lets_go(url: str) -> None:
    claim = begin(url, limits=Limits(), minutes=5.0)
    with open_store(url) as store:
        store.add_result(result_of(CELLS[2], "attempt-3"), accept=True)  # from elsewhere
        status = campaign_overview(RECORD.id, url=url, profiles=None).status
        assert ([cell.cell_id for cell in status.running], status.counts[CellState.MEASURED]) == ([CELLS[2].id], 2)
        store.release(claim)
    assert campaign_overview(RECORD.id, url=url, profiles=None).status.at_work == ()


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
