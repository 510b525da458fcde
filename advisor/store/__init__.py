"""Keeps the user's own measurements in a database, and only ever adds to them.

Knows SQLAlchemy, which it imports when a database is opened and not before. Refuses to know who measured, and what
the figures are good for.
"""

from advisor.store.locations import default_url, exists
from advisor.store.measurements import Store, open_store, read_measurements

__all__ = ["Store", "default_url", "exists", "open_store", "read_measurements"]
