"""Cells that workers have begun with: into rows, and those without a result yet back."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from advisor.domain.attempt import BegunCell, CellStart, Stage
from advisor.store.drivers import holder_of
from advisor.store.tables import CellRow, ClaimRow, StartRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row


def add(connection: Connection, claim_id: str, start: CellStart, *, attempt: int) -> None:
    """Add that a worker begins with a cell, for the process of a claim; `attempt` counts tries at the cell from 1."""
    row = start.model_dump() | {"stage": str(start.stage), "gpus": json.dumps(start.gpus, ensure_ascii=False)}
    connection.execute(insert(StartRow), {**row, "claim_id": claim_id, "attempt": attempt})


def end(connection: Connection, claim_id: str, cell_id: str) -> None:
    """Take a cell as ended for the process of a claim, and for those that it has taken the campaign over from.

    What a process begins that has taken it over meanwhile goes on, whatever still comes from the one before.
    """
    claimed_at = select(ClaimRow.claimed_at).where(ClaimRow.id == claim_id).scalar_subquery()
    before = select(ClaimRow.id).where(ClaimRow.claimed_at <= claimed_at)
    connection.execute(delete(StartRow).where(StartRow.cell_id == cell_id, StartRow.claim_id.in_(before)))


def begun(connection: Connection, campaign_id: str, *, host: str, now: datetime) -> tuple[BegunCell, ...]:
    """Return the cells of a campaign that were begun and have no result yet, as seen from a host, in the order of the plan."""
    holder = holder_of(connection, campaign_id, host=host, now=now)
    driving = holder.id if holder is not None else ""
    by_cell = groupby(_starts(connection, campaign_id), key=attrgetter("cell_id"))
    return tuple(_begun(list(rows), driving=driving) for _, rows in by_cell)


def _starts(connection: Connection, campaign_id: str) -> Iterator[Row[Any]]:
    query = (
        select(*StartRow.__table__.columns, ClaimRow.heartbeat_at, ClaimRow.released_at)
        .join(ClaimRow, ClaimRow.id == StartRow.claim_id)
        .join(CellRow, CellRow.id == StartRow.cell_id)
        .where(ClaimRow.campaign_id == campaign_id)
        .order_by(CellRow.ordinal, StartRow.number)
    )
    return iter(connection.execute(query))


def _begun(rows: Sequence[Row[Any]], *, driving: str) -> BegunCell:
    """Return where a cell stands by all starts of it: the newest of the claim that holds the campaign, else the newest, counts.

    Its time began with the first of the same try.
    """
    last = next((row for row in reversed(rows) if row.claim_id == driving), rows[-1])
    same = [row.started_at for row in rows if (row.claim_id, row.attempt) == (last.claim_id, last.attempt)]
    start = CellStart(
        cell_id=last.cell_id,
        stage=Stage(last.stage),
        node=last.node,
        gpus=tuple(json.loads(last.gpus)),
        started_at=last.started_at,
    )
    return BegunCell(start, last.attempt, min(same), last.released_at or last.heartbeat_at, last.claim_id == driving)
