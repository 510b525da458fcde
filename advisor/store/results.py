"""Results of attempts: each is added once, with all that belongs to it, and one of a cell may be accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from advisor.domain.attempt import Attempt, Outcome
from advisor.store import readings, runs, servers
from advisor.store.adding import add_new
from advisor.store.tables import AcceptedRow, AttemptRow, CellRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from advisor.domain.attempt import AttemptResult
    from advisor.domain.profiled import ProfiledRun


def add(connection: Connection, result: AttemptResult, *, accept: bool) -> bool:
    """Add what a worker handed over; return False if the attempt is there.

    A cell that has an accepted result keeps it: a second one is added, and not accepted.
    """
    attempt = result.attempt
    if connection.scalar(select(AttemptRow.id).where(AttemptRow.id == attempt.id)) is not None:
        return False
    if result.server is not None:
        servers.add(connection, result.server)
    if not add_new(connection, AttemptRow, [_row(attempt)], key="id"):
        return False
    number = connection.scalars(select(AttemptRow.number).where(AttemptRow.id == attempt.id)).one()
    readings.add_timings(connection, number, result.timings)
    readings.add_samples(connection, number, result.samples)
    if attempt.run is not None:
        if attempt.run.id != attempt.id:
            raise ValueError(f"the run {attempt.run.id} of attempt {attempt.id} must go by its name")
        runs.add(connection, [attempt.run], attempt_id=attempt.id)
    if accept:
        accept_result(connection, cell_id=attempt.cell_id, attempt_id=attempt.id)
    return True


def _row(attempt: Attempt) -> dict[str, Any]:
    row = attempt.model_dump(exclude={"run"})
    return {**row, "outcome": str(attempt.outcome), "server_id": attempt.server_id or None}


def accept_result(connection: Connection, *, cell_id: str, attempt_id: str) -> bool:
    """Accept an attempt as the result of its cell; return False if the cell has one.

    The primary key decides, not a look beforehand: two writers may come at the same time.
    """
    return add_new(connection, AcceptedRow, [{"cell_id": cell_id, "attempt_id": attempt_id}], key="cell_id") == 1


def attempts(connection: Connection, url: str, campaign_id: str) -> tuple[Attempt, ...]:
    """Return the attempts of a campaign in the order they came in, each with its run."""
    table = AttemptRow.__table__
    query = select(*table.columns).join(CellRow, CellRow.id == table.c.cell_id)
    rows = connection.execute(query.where(CellRow.campaign_id == campaign_id).order_by(table.c.number))
    measured = runs.by_attempt(connection, url, campaign_id)
    return tuple(_attempt(row, measured.get(row.id)) for row in rows)


def _attempt(row: Row[Any], run: ProfiledRun | None) -> Attempt:
    return Attempt(
        id=row.id,
        cell_id=row.cell_id,
        server_id=row.server_id or "",
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome),
        detail=row.detail,
        log_tail=row.log_tail,
        gpu_s=row.gpu_s,
        run=run,
    )


def accepted(connection: Connection, campaign_id: str) -> dict[str, str]:
    """Return the accepted attempt of each cell that has one."""
    query = select(AcceptedRow.cell_id, AcceptedRow.attempt_id).join(CellRow, CellRow.id == AcceptedRow.cell_id)
    rows = connection.execute(query.where(CellRow.campaign_id == campaign_id).order_by(CellRow.ordinal))
    return {row.cell_id: row.attempt_id for row in rows}
