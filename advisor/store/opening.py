"""Opening a database: the engine with its settings, the schema brought up to date, and what cannot be written read."""

from __future__ import annotations

import sqlite3
import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SAWarning

from advisor.errors import DataError, InputError
from advisor.store.database import Store
from advisor.store.locations import patience_s, place, sqlite_file
from advisor.store.migrating import age_of, migrate
from advisor.store.schema import Age
from advisor.store.troubles import sqlite_code, told

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL, Connection, Engine

_EXAMPLE = "write sqlite:///runs.db"
_EXTRAS = {"psycopg": "advisor[postgresql]", "MySQLdb": "mysqlclient"}
"""What to install where that has another name than the module."""

_USUAL_DRIVER = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
"""The driver where the URL names none: the one that comes with the extra."""

_NO_PRIVILEGE = frozenset({"42501", "25006"})
"""SQLSTATE: insufficient privilege, and a transaction that is read only."""


def open_engine(url: str) -> Store:
    """Open a database; see `advisor.store.open_store`."""
    parsed = _parsed(url)
    _make_folder(url)
    with told(url):
        try:
            return _opened(url, _engine(parsed))
        except OperationalError as problem:
            if not _is_sealed(problem, sqlite_file(url)):
                raise
        return _opened(url, _engine(_sealed(parsed)))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise InputError(f"cannot use the database {place(url)!r}: {problem}", hint=_EXAMPLE) from None
    path = sqlite_file(url)
    if path:  # taken as it is written: SQLAlchemy 2.1 would decode percent signs, earlier ones would not
        return parsed.set(database=str(path))
    return parsed.set(drivername=_USUAL_DRIVER.get(parsed.drivername, parsed.drivername))


def _make_folder(url: str) -> None:
    path = sqlite_file(url)
    if path and path.is_dir():
        raise DataError(str(path), "is a folder, not a database", hint="name a file in it")
    try:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DataError(str(path), f"cannot make its folder: {problem.strerror}") from None


def _engine(parsed: URL) -> Engine:
    shown = parsed.render_as_string(hide_password=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)  # an option in the URL that the driver does not know
            engine = create_engine(parsed, **_arguments(parsed))
    except (ArgumentError, TypeError, SAWarning) as problem:
        raise InputError(f"cannot use the database {shown!r}: {problem}", hint=_EXAMPLE) from None
    except ModuleNotFoundError as problem:
        needed = _EXTRAS.get(str(problem.name), str(problem.name))
        raise InputError(f"the database {shown!r} needs {problem.name}", hint=f"pip install '{needed}'") from None
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def _arguments(parsed: URL) -> dict[str, Any]:
    if parsed.get_backend_name() != "sqlite":
        return {}
    return {"connect_args": {"isolation_level": None, "timeout": patience_s(parsed.render_as_string())}}


def _prepare_sqlite(engine: Engine) -> None:
    """Have each connection check foreign keys, and begin transactions ourselves, as the option `begin` says."""

    @event.listens_for(engine, "connect")
    def _set(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)


def _opened(url: str, engine: Engine) -> Store:
    try:
        with engine.connect() as connection:
            age = age_of(url, connection)
        return Store(url, engine if age is Age.CURRENT else _up_to_date(url, engine, age))
    except BaseException:
        engine.dispose()
        raise


def _up_to_date(url: str, engine: Engine, age: Age) -> Engine:
    try:
        migrate(url, engine)
    except DBAPIError as problem:
        if age is Age.BLANK or not _may_only_be_read(problem):
            raise
        if engine.dialect.name != "sqlite":
            hint = "have somebody who may write to it open it once with this version"
            raise DataError(place(url), "is of an older schema and may only be read", hint=hint) from None
        return _newer_copy(url, engine)
    return engine


def _may_only_be_read(problem: DBAPIError) -> bool:
    code = sqlite_code(problem.orig)
    return code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN} or (
        getattr(problem.orig, "sqlstate", None) in _NO_PRIVILEGE
    )


def _newer_copy(url: str, engine: Engine) -> Engine:
    """Return a copy of a SQLite database in memory, up to date and for reading alone: the file itself cannot be changed."""
    copy = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    _prepare_sqlite(copy)
    source, target = engine.raw_connection(), copy.raw_connection()
    try:
        source.driver_connection.backup(target.driver_connection)  # type: ignore[union-attr]  # both are SQLite's
    finally:
        source.close()
        target.close()
    engine.dispose()
    migrate(url, copy)
    with copy.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    return copy


def _is_sealed(problem: OperationalError, path: Path | None) -> bool:
    """Say whether a file is there that SQLite cannot open for want of a place to coordinate with others beside it.

    That is a folder without write access. Without changes in a log (``-wal``) the file is whole, and can be read as one
    that nobody changes.
    """
    if path is None or sqlite_code(problem.orig) != sqlite3.SQLITE_CANTOPEN or not path.is_file():
        return False
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise DataError(
            str(path),
            "has changes in the -wal file beside it, which cannot be read in a folder without write access",
            hint="copy both to a folder that you may write to",
        )
    return True


def _sealed(parsed: URL) -> URL:
    return parsed.set(database=f"file:{quote(str(parsed.database))}", query={"immutable": "1", "uri": "true"})
