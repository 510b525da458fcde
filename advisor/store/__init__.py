"""Keeps what was measured in a database, and only ever adds to it.

Knows SQLAlchemy and Alembic, and imports them when a database is opened for more than a quick look. Refuses to know who
measured, and what the figures are good for.
"""

from typing import TYPE_CHECKING

from advisor.store.doors import log_recommendation, open_store, read_measurements, read_runs
from advisor.store.locations import default_url, exists, is_blank, place

if TYPE_CHECKING:
    from advisor.store.database import Store as Store

__all__ = [
    "default_url",
    "exists",
    "is_blank",
    "log_recommendation",
    "open_store",
    "place",
    "read_measurements",
    "read_runs",
]
