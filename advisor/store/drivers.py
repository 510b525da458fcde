"""Who works on a campaign: one process at a time, within which limits; and who asked for its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select, update

from advisor.domain.campaign import Limits
from advisor.errors import MeasureError, UnknownNameError
from advisor.store.tables import CampaignRow, CancelRow, ClaimRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

SILENCE_S = 60.0
"""A process whose heart has not beaten for so long is taken to be gone, even if one of its number runs."""


def claim(
    connection: Connection, campaign_id: str, *, host: str, pid: int, now: datetime, limits: Limits | None = None
) -> str:
    """Take a campaign for a process, and return what the claim is called.

    Raises
    ------
    MeasureError
        If a living process has it.
    UnknownNameError
        If there is no such campaign.
    """
    locked = select(CampaignRow.id).where(CampaignRow.id == campaign_id).with_for_update()
    if connection.scalar(locked) is None:
        raise UnknownNameError("campaign", campaign_id, connection.scalars(select(CampaignRow.id)))
    _refuse_if_held(connection, campaign_id, host=host, now=now)
    claim_id = uuid4().hex
    row = {"id": claim_id, "campaign_id": campaign_id, "host": host, "pid": pid, "claimed_at": now, "heartbeat_at": now}
    within = limits or Limits()
    connection.execute(insert(ClaimRow), {**row, "max_gpu_hours": within.gpu_hours, "max_usd": within.usd})
    return claim_id


def limits(connection: Connection, campaign_id: str) -> Limits:
    """Return what the last process that took a campaign had to keep to; no limits where none did, or none is known."""
    columns = (ClaimRow.max_gpu_hours, ClaimRow.max_usd)
    query = select(*columns).where(ClaimRow.campaign_id == campaign_id).order_by(ClaimRow.claimed_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return Limits() if row is None else Limits(gpu_hours=row.max_gpu_hours, usd=row.max_usd)


def _refuse_if_held(connection: Connection, campaign_id: str, *, host: str, now: datetime) -> None:
    holder = holder_of(connection, campaign_id, host=host, now=now)
    if holder is not None:
        silent_s = (now - holder.heartbeat_at).total_seconds()
        raise MeasureError(
            f"campaign {campaign_id} is being measured by process {holder.pid} on {holder.host}, seen {silent_s:.0f} s ago",
            hint=f"let it finish or cancel it; if it is gone, try again in {SILENCE_S - silent_s:.0f} s",
        )


def driver(connection: Connection, campaign_id: str, *, host: str, now: datetime) -> str:
    """Say which living process works on a campaign, seen from a host; empty if none does."""
    holder = holder_of(connection, campaign_id, host=host, now=now)
    return f"process {holder.pid} on {holder.host}" if holder is not None else ""


def holder_of(connection: Connection, campaign_id: str, *, host: str, now: datetime) -> Row[Any] | None:
    """Return the claim of a living process, the newest if one that was silent for too long has come back.

    On this host it must also run; elsewhere its heartbeat has to do.
    """
    table = ClaimRow.__table__
    claims = connection.execute(
        select(*table.columns)
        .where(table.c.campaign_id == campaign_id, table.c.released_at.is_(None))
        .order_by(table.c.claimed_at.desc())
    )
    beating = (row for row in claims if (now - row.heartbeat_at).total_seconds() < SILENCE_S)
    return next((row for row in beating if row.host != host or _runs(row.pid)), None)


def _runs(pid: int) -> bool:
    """Say whether a process of this machine runs. One of another user does, though it may not be signaled."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def heartbeat(connection: Connection, claim_id: str, *, now: datetime) -> bool:
    """Say that the process of a claim is alive; return whether it still holds its campaign.

    It does not once another has claimed the campaign, which happens to a process that was silent for too long.
    """
    connection.execute(update(ClaimRow).where(ClaimRow.id == claim_id).values(heartbeat_at=now))
    mine = select(ClaimRow.campaign_id, ClaimRow.claimed_at).where(ClaimRow.id == claim_id).subquery()
    later = select(ClaimRow.id).where(
        ClaimRow.campaign_id == mine.c.campaign_id, ClaimRow.claimed_at > mine.c.claimed_at, ClaimRow.id != claim_id
    )
    return connection.scalar(later.limit(1)) is None


def release(connection: Connection, claim_id: str, *, now: datetime) -> None:
    """Let a campaign go."""
    connection.execute(update(ClaimRow).where(ClaimRow.id == claim_id).values(released_at=now))


def request_cancel(connection: Connection, campaign_id: str, *, now: datetime) -> None:
    """Ask the process that works on a campaign to end."""
    connection.execute(insert(CancelRow), {"campaign_id": campaign_id, "requested_at": now})


def cancel_requested(connection: Connection, campaign_id: str, *, since: datetime) -> bool:
    """Say whether somebody asked for the end of a campaign at a time or later."""
    found = select(CancelRow.number).where(CancelRow.campaign_id == campaign_id, CancelRow.requested_at >= since)
    return connection.scalar(found.limit(1)) is not None
