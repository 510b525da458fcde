"""Adding rows that another writer may add at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from advisor.store.tables import Base


def add_new(connection: Connection, table: type[Base], rows: Iterable[Mapping[str, Any]], *, key: str) -> int:
    """Add rows one by one, save those whose key is there already; return how many were added.

    The constraint decides, not a look beforehand: between a look and an insert another writer may come. A row that is
    refused for another reason raises SQLAlchemy's `IntegrityError`.
    """
    return sum(_added(connection, table, row, key) for row in rows)


def _added(connection: Connection, table: type[Base], row: Mapping[str, Any], key: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(table), row)
    except IntegrityError:
        column = table.__table__.c[key]
        if connection.scalar(select(column).where(column == row[key])) is None:
            raise
        return False
    return True
