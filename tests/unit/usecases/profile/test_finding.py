"""A campaign that was started is found by its file, its name or its identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import store
from advisor.domain.attempt import AttemptResult, CampaignRecord, Outcome
from advisor.domain.campaign_plan import CellState
from advisor.errors import DataError, InputError, UnknownNameError
from advisor.usecases.profile.status import campaign_status, cancel_campaign
from tests.unit.usecases.profile.campaigns import CAMPAIGN, CELLS, NOW, attempt_at

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.campaign_plan import CampaignStatus

FILE = """
name: small
deployments: [{model: gemma-4-26b, gpu: h100}]
workloads: [chat]
loads: [{kind: closed, concurrency: 1}]
rules: {attempts: 1}
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def start(url: str, campaign_id: str = CAMPAIGN.id, text: str = "", *, tried: bool = False) -> None:
    with store.open_store(url) as held:
        record = CampaignRecord(id=campaign_id, name=CAMPAIGN.name, text=text, created_at=NOW)
        held.begin_campaign(record, CELLS if tried else ())
        if tried:
            held.add_result(AttemptResult(attempt_at(CELLS[0], Outcome.CRASHED)), accept=False)


def status(which: str, url: str) -> CampaignStatus:
    return campaign_status(which, profiles=None, database=url)


@pytest.mark.parametrize("which", [CAMPAIGN.name, CAMPAIGN.id])
def test_a_name_and_an_identifier_need_no_file(which: str, url: str) -> None:
    start(url, tried=True)
    found = status(which, url)
    assert (found.campaign_id, found.counts[CellState.OPEN], found.cells[0].attempts) == (CAMPAIGN.id, 3, 1)


def test_attempts_are_counted_by_the_rules_that_it_was_started_with(url: str) -> None:
    start(url, text=FILE, tried=True)
    assert status(CAMPAIGN.name, url).counts[CellState.FAILED] == 1


def test_cancelling_by_name_says_whether_there_is_anything_to_stop(url: str) -> None:
    start(url)
    assert cancel_campaign(CAMPAIGN.name, profiles=None, database=url).warnings[-1].message.startswith("nobody works")


def test_a_name_that_several_have_is_refused_with_their_identifiers(url: str) -> None:
    start(url)
    start(url, "small-changed")
    with pytest.raises(InputError, match="2 campaigns are called small") as caught:
        status("small", url)
    assert f"{CAMPAIGN.id} (started 2026-11-24 09:00" in caught.value.hint
    assert status("small-changed", url).campaign_id == "small-changed"


def test_an_unknown_name_is_told_with_those_that_come_near(url: str) -> None:
    start(url)
    with pytest.raises(UnknownNameError, match="unknown campaign 'smal'") as caught:
        status("smal", url)
    assert "small" in caught.value.hint


def test_a_database_that_is_not_there_is_not_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no campaign has been started in"):
        status("small", url)
    assert list(tmp_path.iterdir()) == []


def test_without_a_database_own_and_simulated_campaigns_are_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "default_url", lambda name="advisor": f"sqlite:///{tmp_path / f'{name}.db'}")
    start(f"sqlite:///{tmp_path / 'demo.db'}")
    assert campaign_status("small", profiles=None, database=None).database.endswith("demo.db")


def test_a_file_that_is_missing_is_no_name(url: str) -> None:
    with pytest.raises(InputError, match=r"there is no file gone\.yaml"):
        status("gone.yaml", url)


def test_a_file_that_has_changed_names_what_was_started(url: str, tmp_path: Path) -> None:
    start(url)
    path = tmp_path / "c.yaml"
    path.write_text(FILE)
    with pytest.raises(InputError, match="as the file says now, has not been started") as caught:
        status(str(path), url)
    assert CAMPAIGN.id in caught.value.hint


def test_rules_of_another_version_are_one_clear_line(url: str) -> None:
    start(url, text="rules: {patience: 3}")
    with pytest.raises(DataError, match="has rules that this version cannot read"):
        status("small", url)
