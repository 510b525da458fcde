"""A database that is open: connections to read and to write on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from advisor.store.migrating import IMMEDIATELY
from advisor.store.troubles import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from sqlalchemy import Connection, Engine


class Connected:
    """An open database. Use it as a context manager, or close it."""

    def __init__(self, url: str, engine: Engine) -> None:
        self._url = url
        self._engine = engine
        self._writer = engine.execution_options(begin=IMMEDIATELY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with told(self._url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(self._url), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _writing_soon(self, most_s: float) -> Iterator[Connection]:
        """Write, waiting for another process that writes to a SQLite database for so long at most."""
        with told(self._url), self._writer.connect() as connection, _impatient(connection, most_s), connection.begin():
            yield connection


@contextmanager
def _impatient(connection: Connection, most_s: float) -> Iterator[None]:
    """Let a connection wait for a lock for so long at most. It goes back to the pool as patient as it was."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    (patience_ms,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {min(patience_ms, round(most_s * 1000))}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {patience_ms}")
