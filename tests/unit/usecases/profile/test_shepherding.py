"""The driver stores what comes from the cluster, sends again what is lost, and accounts for what it gives up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor import store
from advisor.domain.attempt import AttemptResult, CampaignRecord, CellStart, Outcome, Stage, WorkerNews
from advisor.domain.campaign import Limits
from advisor.domain.campaign_plan import EventKind
from advisor.errors import BusyError
from advisor.usecases.profile import shepherding
from advisor.usecases.profile.shepherding import GLANCE_S, MOST_LOSSES, Shepherd
from advisor.usecases.profile.tally import Tally
from tests.unit.usecases.profile.campaigns import CAMPAIGN, CELLS, NOW, attempt_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.domain.attempt import Attempt
    from advisor.domain.campaign import Cell
    from advisor.domain.campaign_plan import CampaignEvent

FIRST = CELLS[0]
MINUTE_S = 60.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(shepherding, "monotonic", clock)
    return clock


@pytest.fixture
def held(tmp_path: Path) -> Iterator[store.Store]:
    with store.open_store(f"sqlite:///{tmp_path / 'runs.db'}") as held:
        held.begin_campaign(CampaignRecord(id=CAMPAIGN.id, name=CAMPAIGN.name, created_at=NOW), CELLS)
        yield held


@pytest.fixture
def events() -> list[CampaignEvent]:
    return []


@pytest.fixture
def shepherd(held: store.Store, events: list[CampaignEvent], clock: Clock) -> Shepherd:
    claim = held.claim(CAMPAIGN.id, host="here", pid=1)
    tally = Tally(CELLS, rules=CAMPAIGN.rules, accepted={})
    return Shepherd(held, claim, CAMPAIGN, tally, events.append, glanced_s=clock())


def limited(shepherd: Shepherd, **limits: Any) -> None:
    shepherd.campaign = CAMPAIGN.model_copy(update={"limits": Limits(**limits)})


def stored(held: store.Store) -> tuple[Attempt, ...]:
    return held.attempts(CAMPAIGN.id)


def test_a_job_holds_all_that_is_open_of_a_deployment(shepherd: Shepherd) -> None:
    (job,) = shepherd.jobs()
    assert job.cells == CELLS
    shepherd.keep(job, AttemptResult(attempt_at(FIRST)))
    (left,) = shepherd.jobs()
    assert left.cells == CELLS[1:]


def test_a_result_is_stored_and_told(shepherd: Shepherd, held: store.Store, events: list[CampaignEvent]) -> None:
    (job,) = shepherd.jobs()
    shepherd.keep(job, AttemptResult(attempt_at(FIRST)))
    assert held.accepted(CAMPAIGN.id).keys() == {FIRST.id}
    assert (events[-1].event, events[-1].cell, events[-1].done) == (EventKind.CELL, FIRST.label, 1)


def test_a_lost_worker_is_recorded_at_the_next_cell_with_its_gpu_time_and_the_rest_is_sent_again(
    shepherd: Shepherd, held: store.Store, clock: Clock
) -> None:
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    shepherd.keep(job, AttemptResult(attempt_at(FIRST)))
    clock.now_s = MINUTE_S
    (again,) = shepherd.lost(job, "its node died")
    assert again.cells == CELLS[1:]
    assert [(attempt.cell_id, attempt.outcome, attempt.gpu_s) for attempt in stored(held)[1:]] == [
        (CELLS[1].id, Outcome.LOST, MINUTE_S)
    ]


def test_a_deployment_whose_workers_are_lost_again_and_again_is_left_for_later(shepherd: Shepherd) -> None:
    (job,) = shepherd.jobs()
    assert [len(shepherd.lost(job, "its node died")) for _ in range(MOST_LOSSES)] == [1] * (MOST_LOSSES - 1) + [0]
    assert shepherd.tally.open_cells() == CELLS


def test_a_result_between_them_makes_losses_count_anew(shepherd: Shepherd) -> None:
    (job,) = shepherd.jobs()
    for cell in CELLS[:2]:
        for _ in range(MOST_LOSSES - 1):
            assert shepherd.lost(job, "its node died")
        shepherd.keep(job, AttemptResult(attempt_at(cell)))


def test_a_type_without_a_node_leaves_its_cells_open(shepherd: Shepherd, held: store.Store) -> None:
    (job,) = shepherd.jobs()
    shepherd.no_node(job, "no node has 1 x H100")
    assert [(attempt.outcome, attempt.gpu_s) for attempt in stored(held)] == [(Outcome.NO_NODE, 0.0)]
    assert shepherd.tally.open_cells() == CELLS


def test_what_was_in_work_when_everything_stops_is_recorded_and_stays_open(
    shepherd: Shepherd, held: store.Store, clock: Clock
) -> None:
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    clock.now_s = MINUTE_S
    shepherd.interrupted()
    shepherd.halted(job, shepherd.should_stop())
    assert [(attempt.outcome, attempt.detail, attempt.gpu_s) for attempt in stored(held)] == [
        (Outcome.CANCELLED, "it was interrupted", MINUTE_S)
    ]
    assert shepherd.tally.open_cells() == CELLS


def test_a_job_that_ends_while_everything_stops_is_not_sent_again_and_what_it_used_is_recorded(
    shepherd: Shepherd, held: store.Store, clock: Clock
) -> None:
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    clock.now_s = MINUTE_S
    shepherd.interrupted()
    assert shepherd.again(job) == []
    assert [attempt.gpu_s for attempt in stored(held)] == [MINUTE_S]


def test_a_job_that_never_began_is_not_recorded_when_everything_stops(shepherd: Shepherd, held: store.Store) -> None:
    (job,) = shepherd.jobs()
    shepherd.halted(job, "it was cancelled")
    assert stored(held) == ()


def test_gpu_time_of_running_jobs_counts_towards_the_limit(shepherd: Shepherd, clock: Clock) -> None:
    limited(shepherd, gpu_hours=0.5)
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    clock.now_s = 29 * MINUTE_S
    assert shepherd.should_stop() == ""
    clock.now_s = 30 * MINUTE_S
    assert shepherd.should_stop() == "the limit of 0.5 GPU-hours is reached"


def test_deployments_that_share_a_name_count_on_their_own(shepherd: Shepherd, clock: Clock) -> None:
    limited(shepherd, gpu_hours=1.0)
    (job,) = shepherd.jobs()
    twin = replace(job, deployment=job.deployment.model_copy(update={"flags": {"enforce-eager": True}}))
    assert twin.deployment.label == job.deployment.label
    shepherd.placed(job, "a-node")
    shepherd.placed(twin, "another-node")
    clock.now_s = 29 * MINUTE_S
    assert shepherd.should_stop() == ""
    clock.now_s = 30 * MINUTE_S
    assert "GPU-hours is reached" in shepherd.should_stop()


def test_money_is_counted_at_the_price_of_each_deployment(shepherd: Shepherd, clock: Clock) -> None:
    limited(shepherd, usd=2)
    shepherd.price = lambda _deployment: Decimal(4)
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    shepherd.keep(job, AttemptResult(attempt_at(FIRST, gpu_s=20 * MINUTE_S)))
    clock.now_s = 9 * MINUTE_S
    assert shepherd.should_stop() == ""
    clock.now_s = 10 * MINUTE_S
    assert shepherd.should_stop() == "the limit of 2 USD is reached"


def test_a_request_to_stop_is_seen_at_the_next_glance(shepherd: Shepherd, held: store.Store, clock: Clock) -> None:
    held.request_cancel(CAMPAIGN.id)
    assert shepherd.should_stop() == ""
    clock.now_s = GLANCE_S
    assert shepherd.should_stop() == "it was cancelled"


def test_news_of_a_worker_are_passed_on(shepherd: Shepherd, events: list[CampaignEvent]) -> None:
    (job,) = shepherd.jobs()
    shepherd.hear(job, WorkerNews(job.deployment.label, Stage.MEASURING, FIRST.id, "10 requests", 0.5))
    assert (events[-1].cell, events[-1].stage, events[-1].done_share) == (FIRST.label, "measuring", 0.5)


def test_a_locked_database_is_waited_for(
    shepherd: Shepherd, held: store.Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = shepherd.jobs()
    locked_for(monkeypatch, held, clock, minutes=2)
    shepherd.lost(job, "its node died")
    assert len(stored(held)) == 1
    assert shepherd.stopped_because == ""


def locked_for(monkeypatch: pytest.MonkeyPatch, held: store.Store, clock: Clock, *, minutes: int) -> None:
    """Let other processes write for so many minutes whenever a result is to be stored."""
    until_s, real = clock.now_s + minutes * MINUTE_S, held.add_result

    def locked(result: AttemptResult, **given: Any) -> bool:
        if clock.now_s < until_s:
            clock.now_s += MINUTE_S
            raise BusyError("x.db", "is locked by another process")
        return real(result, **given)

    monkeypatch.setattr(held, "add_result", locked)


def test_the_heart_beats_and_a_request_to_stop_is_seen_while_a_result_waits(
    shepherd: Shepherd, held: store.Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = shepherd.jobs()
    beats: list[float] = []
    real = held.heartbeat

    def beat(claim: str) -> bool:
        beats.append(clock())
        return real(claim)

    monkeypatch.setattr(held, "heartbeat", beat)
    locked_for(monkeypatch, held, clock, minutes=2)
    held.request_cancel(CAMPAIGN.id)
    shepherd.keep(job, AttemptResult(attempt_at(FIRST)))
    assert (len(beats), shepherd.stopped_because, len(stored(held))) == (1, "it was cancelled", 1)


def test_a_start_that_finds_the_database_busy_is_dropped_and_delays_nothing(
    shepherd: Shepherd, held: store.Store, events: list[CampaignEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = shepherd.jobs()
    tries: list[str] = []

    def busy(claim: str, *_: object, **__: object) -> None:
        tries.append(claim)
        raise BusyError("x.db", "is locked by another process")

    monkeypatch.setattr(held, "add_start", busy)
    shepherd.hear(job, begins(CELLS[1]))
    assert (len(tries), events[-1].cell) == (1, CELLS[1].label)
    shepherd.lost(job, "its node died")
    assert stored(held)[-1].cell_id == CELLS[1].id


def test_a_campaign_that_another_process_took_over_is_let_go(shepherd: Shepherd, held: store.Store) -> None:
    with store.open_store(held._url) as other:  # a driver that was silent for too long has lost its claim
        other.release(shepherd.claim)
        other.claim(shepherd.campaign.id, host="elsewhere", pid=1)
    shepherd.glanced_s = -1e9
    assert shepherd.should_stop() == "another process has taken it over"


def test_a_job_that_waits_for_a_busy_node_is_told_and_recorded_nowhere(
    shepherd: Shepherd, held: store.Store, events: list[CampaignEvent]
) -> None:
    (job,) = shepherd.jobs()
    shepherd.waits(job, "waits for 1 x H100: every node that has that is busy")
    assert (events[-1].event, events[-1].deployment) == (EventKind.WAITING, job.deployment.label)
    assert "busy" in events[-1].text
    assert stored(held) == ()


def begins(cell: Cell) -> WorkerNews:
    """Return the news that a worker begins with a cell."""
    start = CellStart(cell_id=cell.id, stage=Stage.MEASURING, node="a-node", gpus=("GPU 0",), started_at=NOW)
    return WorkerNews(cell.deployment.label, Stage.WARMING, cell.id, start=start)


def test_where_and_when_a_worker_begins_with_a_cell_is_stored_until_its_result_comes(
    shepherd: Shepherd, held: store.Store
) -> None:
    (job,) = shepherd.jobs()
    shepherd.hear(job, begins(FIRST))
    (begun,) = held.begun(CAMPAIGN.id)
    assert (begun.start.cell_id, begun.start.node, begun.start.gpus, begun.attempt) == (
        FIRST.id,
        "a-node",
        ("GPU 0",),
        1,
    )
    shepherd.keep(job, AttemptResult(attempt_at(FIRST)))
    assert held.begun(CAMPAIGN.id) == ()


def test_a_lost_worker_is_recorded_at_the_cell_that_it_had_begun(shepherd: Shepherd, held: store.Store) -> None:
    (job,) = shepherd.jobs()
    shepherd.placed(job, "a-node")
    shepherd.keep(job, AttemptResult(attempt_at(FIRST, valid=False)))  # it does not count: the cell is still open
    shepherd.hear(job, begins(CELLS[1]))
    shepherd.lost(job, "its node died")
    lost = stored(held)[-1]
    assert (lost.cell_id, lost.outcome, lost.started_at) == (CELLS[1].id, Outcome.LOST, NOW)
    assert held.begun(CAMPAIGN.id) == ()
