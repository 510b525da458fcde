"""Single requests and readings of metrics, in bulk: into rows and back."""

from __future__ import annotations

from dataclasses import fields
from math import isnan, nan
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from advisor.domain.timing import Phase, RequestTiming, Sample
from advisor.store.adding import add_new
from advisor.store.tables import AttemptRow, SampleNameRow, SampleRow, TimingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, ScalarSelect

_FIELDS = tuple(field.name for field in fields(RequestTiming))
_COLUMNS = ("request", *_FIELDS[1:])
_values = attrgetter(*_FIELDS)


def add_timings(connection: Connection, attempt: int, timings: Sequence[RequestTiming]) -> None:
    """Add the requests of an attempt, which is given by its number."""
    rows = [dict(zip(_COLUMNS, _values(timing), strict=True), attempt=attempt) for timing in timings]
    if rows:
        connection.execute(insert(TimingRow), rows)


def timings(connection: Connection, run_id: str, *, every: int = 1) -> tuple[RequestTiming, ...]:
    """Return the requests of a run in their order, or every so manieth of them; an imported run has none."""
    query = select(*(TimingRow.__table__.c[name] for name in _COLUMNS)).where(TimingRow.attempt == attempt_of(run_id))
    if every > 1:
        query = query.where(TimingRow.request % every == 0)
    rows = connection.execute(query.order_by(TimingRow.request))
    return tuple(RequestTiming(index, Phase(phase), *rest) for index, phase, *rest in rows)


def attempt_of(run_id: str) -> ScalarSelect[int]:
    """Select the number of the attempt that a run, or the attempt itself, goes by."""
    return select(AttemptRow.number).where(AttemptRow.id == run_id).scalar_subquery()


def add_samples(connection: Connection, attempt: int, samples: Sequence[Sample]) -> None:
    """Add the readings that were taken during an attempt, which is given by its number."""
    numbers = _numbers(connection, {sample.name for sample in samples})
    rows = [
        {
            "attempt": attempt,
            "place": place,
            "name": numbers[sample.name],
            "at_s": sample.at_s,
            "value": None if isnan(sample.value) else sample.value,
        }
        for place, sample in enumerate(samples)
    ]
    if rows:
        connection.execute(insert(SampleRow), rows)


def _numbers(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of metrics by their names; those of new ones are given out."""
    wanted = sorted(names)
    query = select(SampleNameRow.name, SampleNameRow.number).where(SampleNameRow.name.in_(wanted))
    known = {row.name: row.number for row in connection.execute(query)}
    new = [{"name": name} for name in wanted if name not in known]
    if not new:
        return known
    add_new(connection, SampleNameRow, new, key="name")
    return {row.name: row.number for row in connection.execute(query)}


def samples(connection: Connection, run_id: str) -> tuple[Sample, ...]:
    """Return the readings of a run in the order they were taken."""
    query = (
        select(SampleRow.at_s, SampleNameRow.name, SampleRow.value)
        .join(SampleNameRow, SampleNameRow.number == SampleRow.name)
        .where(SampleRow.attempt == attempt_of(run_id))
        .order_by(SampleRow.place)
    )
    return tuple(Sample(at_s, name, nan if value is None else value) for at_s, name, value in connection.execute(query))
