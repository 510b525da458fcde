"""How far a campaign has come, and stopping one that runs elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor import store
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.campaign_plan import CampaignStatus, CellAtWork, CellState
from advisor.usecases.addresses import shown
from advisor.usecases.profile.finding import Started, find_started
from advisor.usecases.profile.opening import now_utc
from advisor.usecases.profile.tally import S_PER_HOUR, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from advisor.domain.attempt import BegunCell
    from advisor.domain.campaign import Campaign, Cell, RunRules
    from advisor.store.database import Store


def campaign_status(which: str, *, profiles: Path | None, database: str | None) -> CampaignStatus:
    """Return how far a campaign has come. `which` is its file, its name or its identifier.

    Raises
    ------
    InputError
        If it has not been started in this database, is unknown, or shares its name with others.
    """
    started = find_started(which, profiles=profiles, database=database)
    with store.open_store(started.url) as held:
        return _status_of(held, started)


def cancel_campaign(which: str, *, profiles: Path | None, database: str | None) -> CampaignStatus:
    """Ask whoever drives a campaign to stop, and return how far it had come. `which` is as for its status.

    The driver looks every few seconds; a campaign without one has nothing to stop.

    Raises
    ------
    InputError
        If it has not been started in this database, is unknown, or shares its name with others.
    """
    started = find_started(which, profiles=profiles, database=database)
    with store.open_store(started.url) as held:
        driver = held.driver(started.campaign_id)
        if driver:
            held.request_cancel(started.campaign_id)
        found = _status_of(held, started)
    message = f"{driver} was asked to stop" if driver else "nobody works on this campaign: there is nothing to stop"
    return found.model_copy(update={"warnings": (*found.warnings, Caution(code="cancel", message=message))})


def _status_of(held: Store, started: Started) -> CampaignStatus:
    cells = held.cells(started.campaign_id)
    return _status(
        held, _tally(held, cells, started.campaign_id, rules=started.rules), started.campaign_id, started.url
    )


def tally_of(held: Store, campaign: Campaign, *, retry_failed: bool = False) -> Tally:
    """Return where the cells of a campaign stand, by its database. The plan that it was started with holds.

    The database keeps no arrival times of traces: those come from the campaign's own file again.
    """
    workloads = {workload.name: workload for workload in campaign.workloads}
    cells = [
        cell.model_copy(update={"workload": workloads[cell.workload.name]}) if cell.workload.pairs else cell
        for cell in held.cells(campaign.id)
    ]
    return _tally(held, cells, campaign.id, rules=campaign.rules, retry_failed=retry_failed)


def _tally(
    held: Store, cells: Sequence[Cell], campaign_id: str, *, rules: RunRules, retry_failed: bool = False
) -> Tally:
    return Tally(
        cells,
        rules=rules,
        attempts=held.attempts(campaign_id),
        accepted=held.accepted(campaign_id),
        retry_failed=retry_failed,
    )


def status_in(held: Store, campaign: Campaign, *, url: str, stopped_because: str = "") -> CampaignStatus:
    """Return how far a campaign has come, by its database."""
    return _status(held, tally_of(held, campaign), campaign.id, url, stopped_because)


def _status(held: Store, tally: Tally, campaign_id: str, url: str, stopped_because: str = "") -> CampaignStatus:
    record = held.campaign(campaign_id)
    cells = tuple(tally.status(cell) for cell in tally.cells)
    counted = Counter(cell.state for cell in cells)
    simulated = Caution(code="simulated", message="these runs are simulated: they are no evidence")
    return CampaignStatus(
        campaign_id=record.id,
        name=record.name,
        title=record.title,
        database=shown(url),
        basis=record.basis,
        started_at=record.created_at,
        driver=held.driver(record.id),
        counts={state: counted[state] for state in CellState},
        gpu_hours=tally.gpu_hours,
        limits=held.limits(record.id),
        at_work=_at_work(held, tally, record.id),
        cells=cells,
        stopped_because=stopped_because,
        warnings=(simulated,) if record.basis is Basis.SIMULATED else (),
    )


def _at_work(held: Store, tally: Tally, campaign_id: str) -> tuple[CellAtWork, ...]:
    """Return the cells that a worker is at, and those that one has left and that are open yet.

    A result may have come from elsewhere meanwhile, while the worker goes on.
    """
    now, by_id = now_utc(), {cell.id: cell for cell in tally.cells}
    begun = [(by_id[one.start.cell_id], one) for one in held.begun(campaign_id) if one.start.cell_id in by_id]
    return tuple(_cell_at_work(cell, one, now=now) for cell, one in begun if one.driven or tally.is_open(cell))


def _cell_at_work(cell: Cell, begun: BegunCell, *, now: datetime) -> CellAtWork:
    until, start = now if begun.driven else begun.seen_at, begun.start
    return CellAtWork(
        ordinal=cell.ordinal,
        cell_id=cell.id,
        deployment=cell.deployment.label,
        workload=cell.workload.name,
        load=cell.load.label,
        repeat=cell.repeat + 1,
        attempt=begun.attempt,
        stage=start.stage,
        node=start.node,
        gpus=start.gpus,
        started_at=start.started_at,
        lasted_s=_seconds(start.started_at, until),
        gpu_hours=cell.deployment.rented_gpus * _seconds(begun.began_at, until) / S_PER_HOUR,
        interrupted=not begun.driven,
    )


def _seconds(since: datetime, until: datetime) -> float:
    """Return the time between two moments; none where the clock of the worker is ahead of this one."""
    return max((until - since).total_seconds(), 0.0)
