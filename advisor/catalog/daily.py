"""How the load follows the hours, and what running a replica is like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import ValidationError

from advisor.catalog.documents import read_document
from advisor.catalog.faults import first_fault
from advisor.catalog.names import file_name, resolve
from advisor.catalog.specs import read_folder, read_named, spec_names
from advisor.catalog.tables import Table, read_table
from advisor.domain.daily import HOURS_OF_A_DAY, HOURS_OF_A_WEEK, DailyProfile, Operations
from advisor.domain.offer import PriceBasis
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("hour", "relative_rate")

_HINT = f"a profile covers the {HOURS_OF_A_DAY} hours of a day or the {HOURS_OF_A_WEEK} of a week, hour 0 first, one rate each"


def read_daily_profiles(root: Path) -> dict[str, DailyProfile]:
    """Read all shipped daily profiles, by name."""
    return read_folder(root / "daily", DailyProfile)


def read_daily_profile(root: Path, name: str) -> DailyProfile:
    """Read one shipped daily profile; a start of its name will do.

    Raises
    ------
    UnknownNameError
        If no file has a name that begins so.
    """
    folder = root / "daily"
    return read_named(folder, resolve("daily profile", name, spec_names(root, folder.name)), DailyProfile)


def read_daily_profile_file(path: Path) -> DailyProfile:
    """Read a daily profile from a user's file: CSV with one row per hour, else YAML.

    Raises
    ------
    DataError
        If the file is bad, covers neither a day nor a week, or an hour is missing, repeated or out of order.
    """
    return _read_rows(path) if path.suffix.lower() == ".csv" else read_document(path, DailyProfile)


def read_operations(root: Path) -> Operations:
    """Read how often a replica is up and how long a new one takes to start.

    Raises
    ------
    DataError
        If the file is bad, or does not know every price basis.
    """
    path = root / "operations.yaml"
    operations = read_document(path, Operations)
    for basis in PriceBasis:
        if basis not in operations.availability:
            raise DataError(str(path), f"field availability.{basis}: is missing")
    return operations


def _read_rows(path: Path) -> DailyProfile:
    table = read_table(path, COLUMNS)
    if not table.rows:
        raise DataError(f"{path}:1", "has no hours under its header", hint=_HINT)
    rates = tuple(_rate(table, row) for row in range(len(table.rows)))
    try:
        return DailyProfile(
            name=file_name(path, default="daily"), title=f"daily profile {path.name}", relative_rate=rates
        )
    except ValidationError as problem:
        raise DataError(f"{path}:{table.lines[-1]}", first_fault(problem)[1], hint=_HINT) from None


def _rate(table: Table, row: int) -> float:
    cells = dict(zip(table.columns, table.rows[row], strict=True))
    hour = cells["hour"].strip()
    if hour != str(row):
        raise table.fault(row, "hour", f"{hour!r} where hour {row} is next", hint=_HINT)
    try:
        rate = float(cells["relative_rate"])
    except ValueError:
        rate = math.nan
    if not 0 <= rate < math.inf:
        problem = f"is not a number of at least 0: {cells['relative_rate']!r}"
        raise table.fault(row, "relative_rate", problem, hint=_HINT)
    return rate
