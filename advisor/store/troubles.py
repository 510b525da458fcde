"""What a database complains about, as one line that names it and says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from textwrap import shorten
from typing import TYPE_CHECKING

from advisor.errors import BusyError, DataError
from advisor.store.locations import place

if TYPE_CHECKING:
    from collections.abc import Iterator

UNHARMED = "what was stored before is unharmed"
ELSEWHERE = "name another database"
_LONGEST = 300

_SQLITE = {
    sqlite3.SQLITE_FULL: ("the disk is full", f"free some space and try again; {UNHARMED}"),
    sqlite3.SQLITE_READONLY: ("may only be read", "allow writing to the file and its folder, or name another database"),
    sqlite3.SQLITE_BUSY: ("is locked by another process", f"wait until that is done, or end it; {UNHARMED}"),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged: database disk image is malformed",
        "restore a copy, or name another database",
    ),
    sqlite3.SQLITE_NOTADB: ("file is not a database", ELSEWHERE),
    sqlite3.SQLITE_CANTOPEN: ("unable to open database file", "does the folder exist, and may you write to it?"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: disk I/O error", f"is the disk full, or gone? {UNHARMED}"),
}
"""What to say of SQLite's result codes. They come extended: the low byte is the code."""


def sqlite_code(problem: BaseException | None) -> int | None:
    """Return SQLite's primary result code of an error, or None if it is none of SQLite's."""
    code = getattr(problem, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def in_words(url: str, problem: BaseException) -> DataError:
    """Return one line about a database for whatever its driver raised."""
    said = _SQLITE.get(sqlite_code(problem) or -1)
    sentence, hint = said or (shorten(str(problem), _LONGEST, placeholder=" ..."), ELSEWHERE)
    kind = BusyError if sqlite_code(problem) == sqlite3.SQLITE_BUSY else DataError
    return kind(place(url), sentence, hint=hint)


@contextmanager
def told(url: str) -> Iterator[None]:
    """Turn what SQLAlchemy or a driver complains about into one line that names the database."""
    from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError  # noqa: PLC0415 - see the package

    try:
        yield
    except IntegrityError as problem:
        sentence = f"refuses a row: {shorten(str(problem.orig), _LONGEST, placeholder=' ...')}"
        raise DataError(place(url), sentence, hint="rows are added once, and to what is there") from None
    except DBAPIError as problem:
        raise in_words(url, problem.orig or problem) from None
    except (SQLAlchemyError, ValueError) as problem:
        raise in_words(url, problem) from None
