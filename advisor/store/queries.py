"""What `recommend` asks of a database, in plain SQL that every database understands, and how the rows become values.

SQLAlchemy runs it, or, for a quick look into a SQLite file, the standard library: importing SQLAlchemy would take a fifth
of the time that an answer may take.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter

from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision
from advisor.domain.profiled import ProfiledRun
from advisor.errors import DataError
from advisor.store.locations import place
from advisor.store.troubles import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.given import GivenRecommendation


class Query(NamedTuple):
    """A statement with named parameters."""

    sql: str
    parameters: dict[str, Any]


MEASUREMENTS = Query(
    f"SELECT {', '.join(f'm.{field.name}' for field in fields(Measurement))} FROM measurements AS m ORDER BY m.row",  # noqa: S608 - names of ours
    {},
)
_READERS = {"precision": Precision, "content": Content, "metric": MeasuredMetric, "basis": Basis}


def measurements_of(url: str, rows: Iterable[Sequence[Any]]) -> tuple[Measurement, ...]:
    """Return the measurements of the rows of `MEASUREMENTS`.

    Raises
    ------
    DataError
        If a precision, content, metric or basis is none of ours, or a figure cannot be.
    """
    names = [field.name for field in fields(Measurement)]
    try:
        found = [Measurement(**{n: _read(n, value) for n, value in zip(names, row, strict=True)}) for row in rows]
    except (ValueError, TypeError) as problem:
        raise in_words(url, problem) from None
    return sound(url, found)


def sound(url: str, measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """Return measurements, and stop at one that cannot be.

    Raises
    ------
    DataError
        If one has a flaw.
    """
    listed = tuple(measurements)
    for measurement in listed:
        if measurement.flaw:
            raise DataError(
                place(url), f"measurement {measurement.id}: {measurement.flaw}", hint="correct or remove it"
            )
    return listed


def _read(name: str, value: Any) -> Any:
    if name == "date":
        return value if isinstance(value, date) else date.fromisoformat(value)
    return _READERS[name](value) if name in _READERS else value


def runs_query(*, campaign: str | None = None, models: Sequence[str] = (), gpus: Sequence[str] = ()) -> Query:
    """Return the query for runs in the order they came in; `campaign` is an identifier or a name, no filter means all."""
    given: dict[str, Any] = {f"model{i}": name for i, name in enumerate(models)}
    given |= {f"gpu{i}": name for i, name in enumerate(gpus)}
    conditions = [f"r.{kind} IN ({_listed(given, kind)})" for kind in ("model", "gpu") if f"{kind}0" in given]
    if campaign is not None:
        given["campaign"] = campaign
        conditions.append("(r.campaign_id = :campaign OR r.campaign_id IN (SELECT c.id FROM campaigns AS c WHERE c.name = :campaign))")  # fmt: skip
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT r.document, d.reason FROM runs AS r LEFT JOIN discards AS d ON d.run_id = r.id{where} ORDER BY r.number"  # noqa: S608 - names of ours
    return Query(sql, given)


def _listed(given: dict[str, Any], kind: str) -> str:
    return ", ".join(f":{name}" for name in given if name.startswith(kind))


def runs_of(url: str, rows: Iterable[Sequence[Any]]) -> tuple[ProfiledRun, ...]:
    """Return the runs of the rows of a `runs_query`: documents, each with the reason why it was discarded if it was.

    Raises
    ------
    DataError
        If a document is no run.
    """
    documents, reasons = [], []
    for document, reason in rows:
        documents.append(document)
        reasons.append(reason)
    try:
        runs = TypeAdapter(tuple[ProfiledRun, ...]).validate_json(f"[{','.join(documents)}]")
    except ValueError as problem:
        raise in_words(url, problem) from None
    return tuple(
        run if reason is None else run.model_copy(update={"discarded": reason})
        for run, reason in zip(runs, reasons, strict=True)
    )


def log_query(given: GivenRecommendation, *, question: str, answer: str) -> Query:
    """Return the statement that remembers a recommendation."""
    row = {
        "given_at": given.given_at.astimezone(UTC),
        "summary": given.question,
        "plan": given.plan,
        "usd_per_month": str(given.usd_per_month),
        "basis": str(given.basis),
        "advisor_version": given.advisor_version,
        "evidence_digest": given.evidence_digest,
        "question": question,
        "answer": answer,
    }
    marks = ", ".join(f":{name}" for name in row)
    return Query(f"INSERT INTO recommendations ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - names of ours
