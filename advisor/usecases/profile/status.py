"""How far a campaign has come, and stopping one that runs elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from advisor import store
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.campaign_plan import CampaignStatus, CellState
from advisor.errors import InputError
from advisor.usecases.profile.ledger import Ledger
from advisor.usecases.profile.opening import database_of, open_campaign, shown

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.campaign import Campaign
    from advisor.store.database import Store


def campaign_status(path: Path, *, profiles: Path | None, database: str | None) -> CampaignStatus:
    """Return how far the campaign of a file has come.

    Raises
    ------
    InputError
        If it has not been started in this database.
    """
    _, prepared = open_campaign(path, profiles=profiles, database=database)
    url = database_of(prepared.basis, database)
    with _opened(url, prepared.campaign) as held:
        return status_in(held, prepared.campaign, url=url)


def cancel_campaign(path: Path, *, profiles: Path | None, database: str | None) -> CampaignStatus:
    """Ask whoever drives a campaign to stop, and return how far it had come.

    The driver looks every few seconds; a campaign without one has nothing to stop.

    Raises
    ------
    InputError
        If it has not been started in this database.
    """
    _, prepared = open_campaign(path, profiles=profiles, database=database)
    url = database_of(prepared.basis, database)
    with _opened(url, prepared.campaign) as held:
        driver = held.driver(prepared.campaign.id)
        if driver:
            held.request_cancel(prepared.campaign.id)
        found = status_in(held, prepared.campaign, url=url)
    message = f"{driver} was asked to stop" if driver else "nobody works on this campaign: there is nothing to stop"
    return found.model_copy(update={"warnings": (*found.warnings, Caution(code="cancel", message=message))})


def _opened(url: str, campaign: Campaign) -> Store:
    hint = "start it with advisor profile run, or name its database with --db"
    if not store.exists(url):
        raise InputError(f"campaign {campaign.name} has not been started in {shown(url)}", hint=hint)
    held = store.open_store(url)
    if campaign.id not in {record.id for record in held.campaigns()}:
        held.close()
        raise InputError(
            f"campaign {campaign.name}, as the file says now, has not been started in {shown(url)}", hint=hint
        )
    return held


def ledger_of(held: Store, campaign: Campaign, *, retry_failed: bool = False) -> Ledger:
    """Return where the cells of a campaign stand, by its database. The plan that it was started with holds.

    The database keeps no arrival times of traces: those come from the campaign's own file again.
    """
    workloads = {workload.name: workload for workload in campaign.workloads}
    cells = [
        cell.model_copy(update={"workload": workloads[cell.workload.name]}) if cell.workload.pairs else cell
        for cell in held.cells(campaign.id)
    ]
    return Ledger(
        cells,
        rules=campaign.rules,
        attempts=held.attempts(campaign.id),
        accepted=held.accepted(campaign.id),
        retry_failed=retry_failed,
    )


def status_in(held: Store, campaign: Campaign, *, url: str, stopped_because: str = "") -> CampaignStatus:
    """Return how far a campaign has come, by its database."""
    record = held.campaign(campaign.id)
    ledger = ledger_of(held, campaign)
    cells = tuple(ledger.status(cell) for cell in ledger.cells)
    counted = Counter(cell.state for cell in cells)
    simulated = Caution(code="simulated", message="these runs are simulated: they are no evidence")
    return CampaignStatus(
        campaign_id=campaign.id,
        name=record.name,
        title=record.title,
        database=shown(url),
        basis=record.basis,
        started_at=record.created_at,
        driver=held.driver(campaign.id),
        counts={state: counted[state] for state in CellState},
        gpu_hours=ledger.gpu_hours,
        cells=cells,
        stopped_because=stopped_because,
        warnings=(simulated,) if record.basis is Basis.SIMULATED else (),
    )
