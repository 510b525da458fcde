"""Where the database is, without opening it."""

from __future__ import annotations

import re
from pathlib import Path

_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(?!file:|:memory:)([^?]+)")


def default_url() -> str:
    """Return the database of this user: `advisor.db` in the data folder that the platform gives applications."""
    from platformdirs import user_data_dir  # noqa: PLC0415 - only asked for when no database is named

    return f"sqlite:///{Path(user_data_dir('advisor')) / 'advisor.db'}"


def sqlite_file(url: str) -> Path | None:
    """Return the file behind a SQLite URL, or None for a database in memory, behind a `file:` URI or on a server."""
    match = _SQLITE_FILE.match(url)
    return Path(match[1]) if match else None


def exists(url: str) -> bool:
    """Say whether there may be something to read: a server always counts, a SQLite file only when it is there."""
    path = sqlite_file(url)
    return path.exists() if path else True
