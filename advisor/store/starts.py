"""Cells that workers have begun with: into rows, and those without a result yet back."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from advisor.domain.attempt import BegunCell, CellStart, Stage
from advisor.store.drivers import holder_of
from advisor.store.tables import AttemptRow, CellRow, ClaimRow, StartRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row


def add(connection: Connection, claim_id: str, start: CellStart, *, attempt: int) -> None:
    """Add that a worker begins with a cell, for the process of a claim; `attempt` counts tries at the cell from 1."""
    row = start.model_dump() | {"stage": str(start.stage), "gpus": json.dumps(start.gpus, ensure_ascii=False)}
    connection.execute(insert(StartRow), {**row, "claim_id": claim_id, "attempt": attempt})


def begun(connection: Connection, campaign_id: str, *, host: str, now: datetime) -> tuple[BegunCell, ...]:
    """Return the cells of a campaign that were begun and have no result yet, as seen from a host, in the order of the plan.

    Clocks of machines differ, so numbers of tries decide, and not times: a start whose try is there is over.
    """
    holder = holder_of(connection, campaign_id, host=host, now=now)
    tries = _tries(connection, campaign_id)
    by_cell = groupby(_starts(connection, campaign_id), key=attrgetter("cell_id"))
    return tuple(
        _begun(rows, driven=holder is not None and rows[-1].claim_id == holder.id)
        for cell_id, group in by_cell
        if (rows := list(group))[-1].attempt > tries.get(cell_id, 0)
    )


def _tries(connection: Connection, campaign_id: str) -> dict[str, int]:
    query = select(AttemptRow.cell_id, func.count().label("tries")).join(CellRow, CellRow.id == AttemptRow.cell_id)
    rows = connection.execute(query.where(CellRow.campaign_id == campaign_id).group_by(AttemptRow.cell_id))
    return {row.cell_id: row.tries for row in rows}


def _starts(connection: Connection, campaign_id: str) -> Iterator[Row[Any]]:
    query = (
        select(*StartRow.__table__.columns, ClaimRow.heartbeat_at, ClaimRow.released_at)
        .join(ClaimRow, ClaimRow.id == StartRow.claim_id)
        .join(CellRow, CellRow.id == StartRow.cell_id)
        .where(ClaimRow.campaign_id == campaign_id)
        .order_by(CellRow.ordinal, StartRow.number)
    )
    return iter(connection.execute(query))


def _begun(rows: Sequence[Row[Any]], *, driven: bool) -> BegunCell:
    """Return where a cell stands by all starts of it: the newest counts, and its time began with the first of the same try."""
    last = rows[-1]
    same = [row.started_at for row in rows if (row.claim_id, row.attempt) == (last.claim_id, last.attempt)]
    start = CellStart(
        cell_id=last.cell_id,
        stage=Stage(last.stage),
        node=last.node,
        gpus=tuple(json.loads(last.gpus)),
        started_at=last.started_at,
    )
    return BegunCell(start, last.attempt, min(same), last.released_at or last.heartbeat_at, driven)
