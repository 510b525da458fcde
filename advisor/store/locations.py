"""Where the database is, without opening it."""

from __future__ import annotations

import re
from pathlib import Path

OWN = "advisor"
_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///(?!file:|:memory:)([^?]+)")
_TIMEOUT = re.compile(r"[?&]timeout=(\d+(?:\.\d*)?|\.\d+)(?:&|$)")
_ANY_TIMEOUT = re.compile(r"(?<=[?&])timeout=[^&]*&?")
_IN_MEMORY = re.compile(r"sqlite(?:\+\w+)?://(?:/?|/:memory:)(?:\?.*)?")


def default_url(name: str = OWN) -> str:
    """Return a database of this user, `NAME.db` in the data folder that the platform gives applications.

    The user's own measurements are in `advisor.db`.
    """
    from platformdirs import user_data_dir  # noqa: PLC0415 - only asked for when no database is named

    return f"sqlite:///{Path(user_data_dir(OWN)) / f'{name}.db'}"


def sqlite_file(url: str) -> Path | None:
    """Return the file behind a SQLite URL, or None for a database in memory, behind a `file:` URI or on a server."""
    match = _SQLITE_FILE.match(url)
    return Path(match[1]) if match else None


def exists(url: str) -> bool:
    """Say whether there may be something to read: a server always counts, a SQLite file only when it is there."""
    path = sqlite_file(url)
    return path.exists() if path else True


def patience_s(url: str) -> float:
    """Return how long to wait while another process writes to a SQLite database: ``?timeout=`` in its URL, else 15 s."""
    match = _TIMEOUT.search(url)
    return float(match[1]) if match else 15.0


def impatient(url: str, most_s: float) -> str:
    """Return the URL of a SQLite database with a patience of at most so many seconds; another URL as it is."""
    if sqlite_file(url) is None or patience_s(url) <= most_s:
        return url
    plain = _ANY_TIMEOUT.sub("", url).rstrip("?&")
    return f"{plain}{'&' if '?' in plain else '?'}timeout={most_s:g}"


def is_blank(url: str) -> bool:
    """Say, without opening it, whether a SQLite database holds nothing: one in memory, no file, or an empty one."""
    path = sqlite_file(url)
    if path is None:
        return _IN_MEMORY.fullmatch(url) is not None
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def place(url: str) -> str:
    """Name a database to a reader: a file by its path, a server by its URL without the password."""
    path = sqlite_file(url)
    hidden = re.sub(r"(//[^:/@]*):[^@/]*@", r"\1:***@", url)
    return str(path) if path else re.sub(r"([?&]password=)[^&]*", r"\1***", hidden)
