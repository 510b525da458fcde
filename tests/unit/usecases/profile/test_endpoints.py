"""A server that already runs is measured without a cluster, and its runs are stored at once."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from advisor import store
from advisor.domain.campaign import RunRules
from advisor.domain.campaign_plan import CellState, EventKind
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.workload import LengthLaw
from advisor.errors import DataError, InputError, MeasureError
from advisor.usecases.profile.endpoint import Endpoint, profile_endpoint
from tests.null_server import Habits
from tests.unit.usecases.profile.campaigns import WORKLOAD
from tests.unit.usecases.profile.running import null_server_aside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.domain.campaign_plan import CampaignEvent, CampaignStatus
    from tests.null_server import NullServer

RULES = RunRules(repeats=1, requests=12, warmup_s=0.0)


@pytest.fixture
def server() -> Iterator[NullServer]:
    with null_server_aside(Habits(model="google/gemma-4-26B-A4B-it")) as server:
        yield server


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def profile(server: str, database: str, **given: Any) -> tuple[CampaignStatus, list[CampaignEvent]]:
    fields: dict[str, Any] = {
        "url": server,
        "model": "gemma-4-26b",
        "gpu": "h100",
        "workload": WORKLOAD,
        "loads": (ClosedLoad(concurrency=1), ClosedLoad(concurrency=4), OpenLoad(rate_rps=200.0)),
        "rules": RULES,
    }
    events: list[CampaignEvent] = []
    asked = Endpoint(**{**fields, **given})
    return profile_endpoint(asked, profiles=None, database=database, watch=events.append), events


def test_every_level_is_measured_and_stored_with_what_was_served(server: NullServer, url: str) -> None:
    status, _ = profile(server.url, url)
    assert status.done
    with store.open_store(url) as held:
        runs = held.runs()
        assert [run.figures.requests for run in runs] == [12, 12, 12]
        conditions = runs[0].conditions
        timings = held.timings(runs[0].id)
    assert (conditions.model, conditions.gpu) == ("gemma-4-26b-a4b", "h100-sxm-80gb")
    assert (conditions.checkpoint, conditions.engine, conditions.engine_version) == (
        "google/gemma-4-26B-A4B-it",
        "vllm",
        "0.32.0",
    )
    measured = [timing for timing in timings if timing.phase == "measured"]
    assert [timing.output_tokens for timing in measured] == [timing.asked_tokens for timing in measured]


@pytest.mark.servers
def test_progress_is_told_from_the_start_to_the_end(server: NullServer, url: str) -> None:
    _, events = profile(server.url, url)
    told = [event.event for event in events if event.event is not EventKind.NEWS]
    assert told == [EventKind.STARTED, EventKind.CELL, EventKind.CELL, EventKind.CELL, EventKind.ENDED]
    assert [event.done for event in events if event.event is EventKind.CELL] == [1, 2, 3]


@pytest.mark.servers
def test_each_run_of_the_same_server_is_a_campaign_of_its_own_and_asks_other_prompts(
    server: NullServer, url: str
) -> None:
    first, _ = profile(server.url, url, name="first")
    seen = _prompts(server)
    second, _ = profile(server.url, url, name="second")
    assert first.campaign_id != second.campaign_id
    with store.open_store(url) as held:
        sent = sum(len(held.timings(run.id)) for run in held.runs(campaign=second.campaign_id))
    assert len(_prompts(server) - seen) == sent, "only the probes that look at a server are the same each time"


def _prompts(server: NullServer) -> set[str]:
    return {body["messages"][0]["content"] for body in server.bodies}


@pytest.mark.servers
def test_names_that_no_profile_has_are_measured_with_a_warning(server: NullServer, url: str) -> None:
    status, _ = profile(server.url, url, model="mine", served_name="google/gemma-4-26B-A4B-it", gpu="m3-ultra")
    assert [caution.code for caution in status.warnings] == ["no_profile", "no_profile"]
    with store.open_store(url) as held:
        assert (held.runs()[0].conditions.model, held.runs()[0].conditions.gpu) == ("mine", "m3-ultra")


@pytest.mark.servers
def test_failed_requests_are_counted_under_their_names_and_void_the_run(url: str) -> None:
    with null_server_aside(Habits(model="mine", every={4: "http_500"})) as server:
        status, _ = profile(server.url, url, model="mine", loads=(ClosedLoad(concurrency=1),))
    assert status.counts[CellState.FLAGGED] == 1
    with store.open_store(url) as held:
        (run,) = held.runs()
    assert run.figures.failures == {"http_500": 3}
    assert not run.verdict.valid


@pytest.mark.servers
@pytest.mark.parametrize(
    ("habits", "model", "code"),
    [
        ({"model": "google/gemma-4-26B-A4B-it", "foreign": 1}, "gemma-4-26b", "foreign_traffic"),
        ({"model": "google/diffusiongemma-26B-A4B-it", "canvas": 32}, "diffusiongemma", "canvas_length"),
    ],
)
def test_a_server_that_is_shared_or_writes_other_canvases_shows_nothing(
    url: str, habits: dict[str, Any], model: str, code: str
) -> None:
    with null_server_aside(Habits(**habits)) as server:
        profile(server.url, url, model=model, loads=(ClosedLoad(concurrency=2),))
    with store.open_store(url) as held:
        (run,) = held.runs()
    assert code in [reason.partition(":")[0] for reason in run.verdict.reasons]


@pytest.mark.servers
def test_requests_that_the_server_has_no_room_for_are_flagged(server: NullServer, url: str) -> None:
    laws = {"input": LengthLaw(mean_tokens=8000.0), "output": LengthLaw(mean_tokens=200.0)}
    long = WORKLOAD.model_copy(update=laws)
    profile(server.url, url, workload=long, loads=(ClosedLoad(concurrency=2),))
    with store.open_store(url) as held:
        (run,) = held.runs()
    (told,) = [flag for flag in run.verdict.flags if flag.startswith("does_not_fit: ")]
    assert "8,200 tokens, and the server takes 8,192" in told


def test_an_endpoint_that_serves_another_model_is_told_in_one_line(server: NullServer, url: str) -> None:
    with pytest.raises(MeasureError, match=r"serves google/gemma-4-26B-A4B-it, not diffusiongemma") as caught:
        profile(server.url, url, model="diffusiongemma")
    assert "--served-name" in caught.value.hint


def test_nobody_at_the_address_is_told_before_a_database_is_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="nobody answers at"):
        profile("http://127.0.0.1:1", url)
    assert list(tmp_path.iterdir()) == []


def test_a_precision_that_is_none_is_refused(server: NullServer, url: str) -> None:
    with pytest.raises(InputError, match="precision"):
        profile(server.url, url, precision="fp9")


@pytest.mark.servers
def test_a_full_database_keeps_what_it_had(server: NullServer, url: str, tmp_path: Path) -> None:
    profile(server.url, url, loads=(ClosedLoad(concurrency=1),))
    path = tmp_path / "runs.db"
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.chmod(0o444)
    before = path.read_bytes()
    with pytest.raises((DataError, MeasureError)):
        profile(server.url, f"{url}?mode=ro&uri=true".replace("sqlite:///", "sqlite:///file:"), name="again")
    assert path.read_bytes() == before
