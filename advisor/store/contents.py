"""A campaign whole: out of one database, and into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from advisor.domain.attempt import AttemptResult
from advisor.domain.contents import CampaignContents, Discard
from advisor.store import campaigns, readings, results, runs, servers
from advisor.store.tables import DiscardRow, RunRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from advisor.domain.attempt import CampaignRecord


def read(connection: Connection, url: str, record: CampaignRecord, *, requests: bool) -> CampaignContents:
    """Return all that is stored of a campaign; single requests and readings only if asked for."""
    attempts = sorted(results.attempts(connection, url, record.id), key=lambda attempt: (attempt.ended_at, attempt.id))
    made = {attempt.id for attempt in attempts}
    found = runs.find(connection, url, campaign=record.id, models=(), gpus=())
    detailed = [attempt.id for attempt in attempts] if requests else []
    return CampaignContents(
        record=record,
        cells=campaigns.cells(connection, record.id),
        servers=servers.of_campaign(connection, record.id),
        attempts=tuple(attempts),
        accepted=frozenset(results.accepted(connection, record.id).values()),
        imported=tuple(run for run in found if run.id not in made),
        discards=_discards(connection, record.id),
        timings={key: timings for key in detailed if (timings := readings.timings(connection, key))},
        samples={key: samples for key in detailed if (samples := readings.samples(connection, key))},
    )


def _discards(connection: Connection, campaign_id: str) -> tuple[Discard, ...]:
    query = (
        select(DiscardRow.run_id, DiscardRow.reason, DiscardRow.discarded_at)
        .join(RunRow, RunRow.id == DiscardRow.run_id)
        .where(RunRow.campaign_id == campaign_id)
        .order_by(DiscardRow.run_id)
    )
    return tuple(Discard(**row) for row in connection.execute(query).mappings())


def add(connection: Connection, contents: CampaignContents) -> int:
    """Add what is not there yet, and return how many runs that were.

    A cell keeps the accepted result it has. A run that was taken back elsewhere is taken back here too.
    """
    campaigns.begin(connection, contents.record, ())
    campaigns.add_cells(connection, contents.cells)
    for server in contents.servers:
        servers.add(connection, server)
    added = sum(_add_attempts(connection, contents))
    added += runs.add(connection, contents.imported)
    known = {discard.run_id for discard in _discards(connection, contents.record.id)}
    for discard in contents.discards:
        if discard.run_id not in known:
            runs.discard(connection, discard.run_id, reason=discard.reason, at=discard.discarded_at)
    return added


def _add_attempts(connection: Connection, contents: CampaignContents) -> list[bool]:
    return [
        results.add(
            connection,
            AttemptResult(
                attempt,
                timings=contents.timings.get(attempt.id, ()),
                samples=contents.samples.get(attempt.id, ()),
            ),
            accept=attempt.id in contents.accepted,
        )
        and attempt.run is not None
        for attempt in contents.attempts
    ]
