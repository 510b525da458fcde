"""Which schema a database has, told without Alembic."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from advisor.errors import DataError
from advisor.store.locations import place

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

OLDEST = "0001"
NEWEST = "0003"
KNOWN = (OLDEST, "0002", NEWEST)

VERSION_TABLE = "advisor_schema"
"""Not Alembic's usual name: another program that uses Alembic must not be taken for this one."""

VERSION_QUERY = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - a constant

_FIRST_COLUMNS = frozenset(
    {"row", "id", "checkpoint", "precision", "kv_bytes_per_value", "metric", "value", "set_name"}
)
"""Some columns of `measurements` as the first version wrote it, before there was a version table."""


class Age(Enum):
    """How a schema relates to the one that this version writes."""

    BLANK = "blank"
    UNVERSIONED = "unversioned"
    OLDER = "older"
    CURRENT = "current"


def age_of_version(url: str, version: str) -> Age:
    """Judge a database by what its version table holds.

    Raises
    ------
    DataError
        If it was written by a newer version.
    """
    if version in KNOWN:
        return Age.CURRENT if version == NEWEST else Age.OLDER
    raise DataError(
        place(url),
        f"was written by a newer advisor (schema {version}, this one knows {NEWEST})",
        hint="upgrade advisor, or name another database",
    )


def age_of_tables(url: str, tables: Mapping[str, Collection[str]]) -> Age:
    """Judge a database without a version table by its tables, each with its columns.

    Raises
    ------
    DataError
        If it belongs to another program.
    """
    if not tables:
        return Age.BLANK
    if set(tables.get("measurements", ())) >= _FIRST_COLUMNS:
        return Age.UNVERSIONED
    raise DataError(
        place(url),
        f"is the database of another program (it has {', '.join(sorted(tables)[:3])})",
        hint="name another file, or on a server a database of its own",
    )
