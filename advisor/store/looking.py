"""One run looked at closely, with a bound on what is read: a run may have a million requests, a reader looks at thousands."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from advisor.domain.run_look import PhaseCount, RunLook
from advisor.domain.timing import Phase, Sample
from advisor.errors import UnknownNameError
from advisor.store import readings, servers
from advisor.store.queries import runs_of
from advisor.store.tables import AttemptRow, DiscardRow, RunRow, SampleNameRow, SampleRow, TimingRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from advisor.domain.attempt import ServerRecord
    from advisor.domain.profiled import ProfiledRun


def look(connection: Connection, url: str, run_id: str, *, metrics: Sequence[str], most: int) -> RunLook:
    """Return a run with `most` of its requests at most, spread evenly over it, and as many readings of each metric.

    `metrics` are names without labels. The counts are of all requests.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    run = _run(connection, url, run_id)
    counts = _counts(connection, run_id)
    every = _stride(sum(count.requests for count in counts), most)
    thinned, samples = _samples(connection, run_id, metrics, most=most)
    return RunLook(
        run=run,
        server=_server(connection, run),
        counts=counts,
        every=every,
        timings=readings.timings(connection, run_id, every=every),
        thinned=thinned,
        samples=samples,
    )


def _stride(rows: int, most: int) -> int:
    """Return the step that leaves so many of some rows at most."""
    return max(-(-rows // most), 1)


def _run(connection: Connection, url: str, run_id: str) -> ProfiledRun:
    query = (
        select(RunRow.document, DiscardRow.reason)
        .outerjoin(DiscardRow, DiscardRow.run_id == RunRow.id)
        .where(RunRow.id == run_id)
    )
    rows = [(row.document, row.reason) for row in connection.execute(query)]
    if not rows:
        raise UnknownNameError("run", run_id, connection.scalars(select(RunRow.id)))
    return runs_of(url, rows)[0]


def _server(connection: Connection, run: ProfiledRun) -> ServerRecord | None:
    server_id = connection.scalar(select(AttemptRow.server_id).where(AttemptRow.id == run.id))
    started = servers.of_campaign(connection, run.campaign_id) if server_id else ()
    return next((server for server in started if server.id == server_id), None)


def _counts(connection: Connection, run_id: str) -> tuple[PhaseCount, ...]:
    columns = (TimingRow.phase, TimingRow.failure)
    query = (
        select(*columns, func.count())
        .where(TimingRow.attempt == readings.attempt_of(run_id))
        .group_by(*columns)
        .order_by(*columns)
    )
    return tuple(PhaseCount(Phase(phase), failure, count) for phase, failure, count in connection.execute(query))


def _samples(
    connection: Connection, run_id: str, metrics: Sequence[str], *, most: int
) -> tuple[int, tuple[Sample, ...]]:
    """Return the readings of some metrics in the order they were taken, thinned for each name alike."""
    names = _names(connection, metrics)
    if not names:
        return 1, ()
    of_run = (SampleRow.attempt == readings.attempt_of(run_id), SampleRow.name.in_(names))
    counted = connection.execute(select(func.count()).where(*of_run).group_by(SampleRow.name)).scalars()
    every = _stride(max(counted, default=0), most)
    nth = func.row_number().over(partition_by=SampleRow.name, order_by=SampleRow.place).label("nth")
    numbered = select(SampleRow.at_s, SampleRow.name, SampleRow.value, SampleRow.place, nth).where(*of_run).subquery()
    found = numbered.c
    query = select(found.at_s, found.name, found.value).where((found.nth - 1) % every == 0).order_by(found.place)
    rows = connection.execute(query)
    return every, tuple(Sample(at_s, names[number], nan if value is None else value) for at_s, number, value in rows)


def _names(connection: Connection, metrics: Sequence[str]) -> dict[int, str]:
    """Return the numbers and names of metrics, labels included."""
    name = SampleNameRow.name
    wanted = [test for metric in metrics for test in (name == metric, name.startswith(f"{metric}{{", autoescape=True))]
    rows = connection.execute(select(SampleNameRow.number, name).where(or_(*wanted))) if wanted else ()
    return {row.number: row.name for row in rows}
