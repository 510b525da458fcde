"""The page of the campaigns: how far each is, what failed, what to measure next, and the commands."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import Outcome
from advisor.domain.basis import Basis
from advisor.domain.campaign import Limits
from advisor.store import open_store
from tests.dashboard.looking import look, words
from tests.dashboard.started import start  # noqa: F401 - a fixture
from tests.runs import keep, profiled
from tests.unit.store.filled import CELLS, RECORD, result_of
from tests.unit.usecases.profile.test_overview import begin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dashboard.started import Start

pytest.importorskip("streamlit")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database with a campaign of which one cell is measured and one has failed."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(result_of(CELLS[0], "attempt-1"), accept=True)
        store.add_result(result_of(CELLS[1], "attempt-2", outcome=Outcome.OUT_OF_MEMORY), accept=False)
    return url


def test_without_a_campaign_the_page_says_how_to_start_one(start: Start) -> None:  # noqa: F811
    start()
    shown = look("campaigns")
    assert not shown.exception
    assert "No campaign has been started yet" in words(shown)
    assert shown.code[0].value == "advisor profile run profiles/campaigns/demo.yaml"


def test_a_campaign_shows_progress_money_failures_and_the_commands(start: Start, url: str) -> None:  # noqa: F811
    start("--db", url)
    shown = look("campaigns")
    assert not shown.exception
    assert "Open: **gemma" in words(shown)
    told = {metric.label: metric.value for metric in shown.metric}
    assert told["GPU-hours used"] == "0.033"
    assert told["Money used"].startswith("$0.")
    assert told["Failed attempts"] == "1"
    codes = [code.value for code in shown.code]
    assert "the end" in codes
    assert (
        f"advisor profile status {RECORD.id} --db {url}\nadvisor profile resume campaigns/chat.yaml --db {url}" in codes
    )


def test_a_campaign_at_work_says_who_works_on_it_and_can_be_cancelled(start: Start, url: str) -> None:  # noqa: F811
    begin(url, limits=Limits(gpu_hours=2.0, usd=Decimal(10)), minutes=5.0)
    start("--db", url)
    shown = look("campaigns")
    assert not shown.exception
    assert "1 cell at work now" in words(shown)
    row = shown.dataframe[0].value.iloc[0]
    assert (row["now"], row["for"], row["where"]) == ("measuring", "5 min", "node-1: H100, GPU 0")
    assert "Next by the plan" in words(shown)
    assert len(shown.get("progress")) == 3
    assert any(f"advisor profile cancel {RECORD.id}" in code.value for code in shown.code)


def test_a_cell_whose_driver_is_gone_is_shown_as_interrupted(start: Start, url: str) -> None:  # noqa: F811
    claim = begin(url, limits=Limits(), minutes=5.0)
    with open_store(url) as store:
        store.release(claim)
    start("--db", url)
    shown = look("campaigns")
    assert not shown.exception
    assert "1 cell interrupted" in words(shown)
    assert shown.dataframe[0].value.iloc[0]["now"] == "interrupted"
    assert "No limit of GPU-hours or money is set" in words(shown)


def test_a_simulated_campaign_is_shouted(start: Start, tmp_path: Path) -> None:  # noqa: F811
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    keep(url, profiled("run-1", basis=Basis.SIMULATED))
    start("--db", url)
    shown = look("campaigns")
    assert not shown.exception
    assert any("SIMULATED" in warning.value for warning in shown.warning)
    assert any("imported" in info.value for info in shown.info)


def test_what_to_measure_next_is_worked_out_only_where_it_is_wanted(start: Start) -> None:  # noqa: F811
    start()
    shown = look("campaigns")
    assert shown.code[-1].value == "advisor next --qps 50 --workload chat --no-simulate"
    shown = look("campaigns", qps="5", workload="chat", gpus="h100-sxm-80gb", **{"campaigns.next": "yes"})
    assert not shown.exception
    assert "expected regret" in words(shown)
    assert "advisor next --qps 5 --workload chat" in shown.code[-1].value


def test_nothing_feasible_leaves_the_campaigns_in_place(start: Start, url: str) -> None:  # noqa: F811
    start("--db", url)
    shown = look("campaigns", qps="5", workload="chat", e2e="5ms", **{"campaigns.next": "yes"})
    assert not shown.exception
    assert "Nothing meets this question" in words(shown)
    assert shown.metric
