"""Runs: into rows and back, and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text

from advisor.domain.load import ClosedLoad, OpenLoad, TraceLoad
from advisor.errors import InputError, UnknownNameError
from advisor.store.queries import runs_of, runs_query
from advisor.store.tables import AcceptedRow, DiscardRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from advisor.domain.load import Load
    from advisor.domain.profiled import ProfiledRun


def add(connection: Connection, runs: Sequence[ProfiledRun], *, attempt_id: str | None = None) -> int:
    """Add the runs that are not there yet, and return how many they were."""
    known = set(connection.scalars(select(RunRow.id).where(RunRow.id.in_([run.id for run in runs]))))
    rows = [_row(run, attempt_id) for run in {run.id: run for run in runs}.values() if run.id not in known]
    if rows:
        connection.execute(insert(RunRow), rows)
    return len(rows)


def _row(run: ProfiledRun, attempt_id: str | None) -> dict[str, Any]:
    conditions, figures = run.conditions, run.figures
    return {
        "id": run.id,
        "campaign_id": run.campaign_id,
        "attempt_id": attempt_id,
        **conditions.model_dump(
            include={"model", "gpu", "tensor_parallel", "engine", "engine_version", "speculative", "workload"}
        ),
        "precision": conditions.precision and str(conditions.precision),
        "load": run.load.label,
        "concurrency": run.load.concurrency if isinstance(run.load, ClosedLoad) else None,
        "offered_rate_rps": offered_rate_rps(run.load),
        "request_rate_rps": figures.request_rate_rps,
        "output_tok_s": figures.output_tok_s,
        "ttft_p50_ms": figures.ttft_ms and figures.ttft_ms.p50,
        "ttft_p95_ms": figures.ttft_ms and figures.ttft_ms.p95,
        "e2e_p50_s": figures.e2e_s and figures.e2e_s.p50,
        "e2e_p95_s": figures.e2e_s and figures.e2e_s.p95,
        "requests": figures.requests,
        "completed": figures.completed,
        "valid": run.verdict.valid,
        "basis": str(run.basis),
        "tool": run.tool,
        "measured_at": run.measured_at,
        "document": run.model_dump_json(exclude={"discarded"}),
    }


def offered_rate_rps(load: Load) -> float | None:
    """Return the rate that an open loop offers; None for a closed one, and where the rate changes."""
    return load.rate_rps if isinstance(load, OpenLoad | TraceLoad) else None


def find(
    connection: Connection, url: str, *, campaign: str | None, models: Sequence[str], gpus: Sequence[str]
) -> tuple[ProfiledRun, ...]:
    """Return runs in the order they came in."""
    query = runs_query(campaign=campaign, models=models, gpus=gpus)
    return runs_of(url, connection.execute(text(query.sql), query.parameters))


def by_attempt(connection: Connection, url: str, campaign_id: str) -> dict[str, ProfiledRun]:
    """Return the runs of a campaign that attempts made, by the attempt's identifier."""
    query = (
        select(RunRow.document, DiscardRow.reason, RunRow.attempt_id)
        .outerjoin(DiscardRow, DiscardRow.run_id == RunRow.id)
        .where(RunRow.campaign_id == campaign_id, RunRow.attempt_id.is_not(None))
    )
    rows = connection.execute(query).all()
    runs = runs_of(url, [(row.document, row.reason) for row in rows])
    return {row.attempt_id: run for row, run in zip(rows, runs, strict=True)}


def discard(connection: Connection, run_id: str, *, reason: str, at: datetime) -> None:
    """Take a run back: it stays, flagged with the reason, and the cell whose result it was is open again.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    InputError
        If it was taken back before, or no reason is given.
    """
    row = connection.execute(
        select(RunRow.attempt_id, DiscardRow.reason)
        .outerjoin(DiscardRow, DiscardRow.run_id == RunRow.id)
        .where(RunRow.id == run_id)
    ).one_or_none()
    if row is None:
        raise UnknownNameError("run", run_id, connection.scalars(select(RunRow.id)))
    if row.reason is not None:
        raise InputError(f"run {run_id} was discarded before: {row.reason}")
    if not reason.strip():
        raise InputError("a run is discarded for a reason", hint="say what was wrong with it")
    connection.execute(insert(DiscardRow), {"run_id": run_id, "reason": reason, "discarded_at": at})
    connection.execute(delete(AcceptedRow).where(AcceptedRow.attempt_id == row.attempt_id))
