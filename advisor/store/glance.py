"""A quick look into a SQLite file with the standard library alone: an answer of half a second cannot wait for more."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from advisor.store.locations import patience_s, sqlite_file
from advisor.store.schema import VERSION_QUERY, Age, age_of_version
from advisor.store.troubles import in_words, sqlite_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.store.queries import Query

_OURS = re.compile(r"sqlite(\+pysqlite)?:///[^?]+")
_TIME = "%Y-%m-%d %H:%M:%S.%f"
"""How SQLAlchemy writes a time in UTC into SQLite."""


def rows(url: str, query: Query) -> Sequence[Sequence[Any]] | None:
    """Return the rows of a query, or None where it takes SQLAlchemy to tell: a server, an older schema, a sealed folder.

    Raises
    ------
    DataError
        If the file is damaged, or was written by a newer version.
    """
    return _ask(url, query, wait_s=patience_s(url))


def add(url: str, query: Query, *, most_s: float) -> bool:
    """Run a statement that adds a row; return False where it takes SQLAlchemy to do so.

    Another process that writes is waited for as long as the URL says, `most_s` seconds at most.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    return _ask(url, query, wait_s=min(patience_s(url), most_s)) is not None


def _ask(url: str, query: Query, *, wait_s: float) -> Sequence[Sequence[Any]] | None:
    path = sqlite_file(url)
    if path is None or path.is_dir() or not _OURS.fullmatch(url):
        return None
    try:
        address = (
            f"file:{quote(str(path.resolve()))}?mode=rw"  # not to be made; one that only reads leaves files behind
        )
        with closing(sqlite3.connect(address, uri=True, timeout=wait_s, isolation_level=None)) as connection:
            return _asked(url, connection, query)
    except sqlite3.Error as problem:
        if sqlite_code(problem) == sqlite3.SQLITE_CANTOPEN:
            return None
        raise in_words(url, problem) from None


def _asked(url: str, connection: sqlite3.Connection, query: Query) -> Sequence[Sequence[Any]] | None:
    version = _version(connection)
    if version is None or age_of_version(url, version) is not Age.CURRENT:
        return None
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection.execute(query.sql, {name: _bound(value) for name, value in query.parameters.items()}).fetchall()


def _version(connection: sqlite3.Connection) -> str | None:
    try:
        return str(connection.execute(VERSION_QUERY).fetchone()[0])
    except sqlite3.OperationalError as problem:
        if sqlite_code(problem) == sqlite3.SQLITE_ERROR:  # no such table
            return None
        raise


def _bound(value: Any) -> Any:
    return value.strftime(_TIME) if isinstance(value, datetime) else value
