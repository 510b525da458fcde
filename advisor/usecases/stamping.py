"""When answers may change: the day, which ages prices and runs, and whatever was written to the database since."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(database: str | None) -> str:
    """Return a text that stays the same while answers do: the day, and size and time of the database file.

    A database on a server has no file to look at; it counts as changed once a minute.
    """
    from advisor import store  # noqa: PLC0415 - only a long-lived process asks
    from advisor.store.locations import sqlite_file  # noqa: PLC0415 - likewise

    now = datetime.now(UTC)
    url = database or store.default_url()
    path = sqlite_file(url)
    if path is None:
        return f"{now:%Y-%m-%d %H:%M} {url}"
    files = [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()]
    written = [(file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return f"{now:%Y-%m-%d} {url} {written}"
