"""Telling the schema of a database, and bringing it up to date in one transaction: it is new then, or as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from advisor.store.schema import OLDEST, VERSION_QUERY, VERSION_TABLE, Age, age_of_tables, age_of_version

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

_SCRIPTS = "advisor.store:migrations"
IMMEDIATELY = "BEGIN IMMEDIATE"
"""How a transaction that will write begins in SQLite: with the lock. One that found out later could not wait for another."""

_LOCK = 7_161_204
"""The advisory lock of a migration on PostgreSQL: any number that all versions agree on."""


def age_of(url: str, connection: Connection) -> Age:
    """Tell the schema of a database.

    Raises
    ------
    DataError
        If it was written by a newer version, or belongs to another program.
    """
    inspector = inspect(connection)
    if inspector.has_table(VERSION_TABLE):
        return age_of_version(url, connection.exec_driver_sql(VERSION_QUERY).scalar_one())
    names = inspector.get_table_names()
    return age_of_tables(url, {name: [str(c["name"]) for c in inspector.get_columns(name)] for name in names})


def migrate(url: str, engine: Engine) -> None:
    """Bring the schema of a database up to date.

    Of two processes that come at the same time, the second waits, and finds nothing left to do.
    """
    if engine.dialect.name == "sqlite":
        _keep_write_ahead_log(engine)
    with engine.execution_options(begin=IMMEDIATELY).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        age = age_of(url, connection)
        if age is not Age.CURRENT:
            _upgrade(connection, age)


def _keep_write_ahead_log(engine: Engine) -> None:
    """Let readers and one writer work at the same time. The file remembers it."""
    with engine.execution_options(begin=None).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")


def _upgrade(connection: Connection, age: Age) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and needed once in the life of a database

    config = alembic_config(connection)
    if age is Age.UNVERSIONED:
        command.stamp(config, OLDEST)
    command.upgrade(config, "head")


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's settings for the migrations of this package, to be run on a connection."""
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _SCRIPTS)
    return config
