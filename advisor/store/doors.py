"""The ways into a database: open it, or have a quick look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.store.locations import impatient, is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.given import GivenRecommendation
    from advisor.domain.measurement import Measurement
    from advisor.domain.profiled import ProfiledRun
    from advisor.store.database import Store


LOG_PATIENCE_S = 1.0
"""How long an answer that is there already may be held up by its log, while another process writes (assumed)."""


def open_store(url: str) -> Store:
    """Open a database. One that is new, or of an older schema, is brought up to date first.

    What may only be read is opened for reading, whatever its schema; adding to it fails then. The folder of a SQLite file
    that is yet to come is made. While another process writes, this one waits: 15 s, or ``?timeout=`` seconds in the URL.

    Raises
    ------
    InputError
        If the URL is none that SQLAlchemy knows, or its driver is not installed.
    DataError
        If the database is damaged, locked, another program's, or of a newer schema; if it is new and cannot be made.
    """
    from advisor.store.opening import open_engine  # noqa: PLC0415 - see the package

    return open_engine(url)


def read_measurements(url: str) -> tuple[Measurement, ...]:
    """Return the measurements of a database in the order they came in, none if there is no such file yet.

    Raises
    ------
    DataError
        If the database cannot be read, or holds what cannot be.
    """
    if is_blank(url):
        return ()
    from advisor.store import glance, queries  # noqa: PLC0415 - see the package

    rows = glance.rows(url, queries.MEASUREMENTS)
    if rows is None:
        with open_store(url) as store:
            return store.measurements()
    return queries.measurements_of(url, rows)


def read_runs(url: str, *, models: Sequence[str] = (), gpus: Sequence[str] = ()) -> tuple[ProfiledRun, ...]:
    """Return the runs of a database in the order they came in, none if there is no such file yet; no filter means all.

    Raises
    ------
    DataError
        If the database cannot be read, or holds what cannot be.
    """
    if is_blank(url):
        return ()
    from advisor.store import glance, queries  # noqa: PLC0415 - see the package

    rows = glance.rows(url, queries.runs_query(models=models, gpus=gpus))
    if rows is None:
        with open_store(url) as store:
            return store.runs(models=models, gpus=gpus)
    return queries.runs_of(url, rows)


def log_recommendation(url: str, given: GivenRecommendation, *, question: str, answer: str) -> None:
    """Remember a recommendation, with question and answer in JSON. Another process that writes is waited for 1 s at most.

    Raises
    ------
    DataError
        If the database cannot be written.
    """
    from advisor.store import glance, queries  # noqa: PLC0415 - see the package

    query = queries.log_query(given, question=question, answer=answer)
    if is_blank(url) or not glance.add(url, query, most_s=LOG_PATIENCE_S):
        with open_store(impatient(url, LOG_PATIENCE_S)) as store:
            store.log_recommendation(given, question=question, answer=answer)
