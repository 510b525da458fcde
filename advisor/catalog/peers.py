"""What is published about the errors of other tools: one row per figure, with its address and date."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from advisor.catalog.tables import Table, read_table
from advisor.domain.validation_summary import PeerFigure

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "part", "tool", "figure", "statistic", "error_percent", "conditions", "comparable", "remark", "date", "source_url",
)  # fmt: skip
MEANS = {"yes": True, "no": False}


def read_peer_figures(root: Path) -> tuple[PeerFigure, ...]:
    """Read what other tools' errors are said to be, in the order of the file. A profile folder without any is fine.

    Raises
    ------
    DataError
        If the file cannot be read, or a value makes no sense.
    """
    path = root / "peers" / "errors.csv"
    if not path.is_file():
        return ()
    table = read_table(path, COLUMNS)
    return tuple(_figure(table, row) for row in range(len(table.rows)))


def _figure(table: Table, row: int) -> PeerFigure:
    cells = dict(zip(table.columns, table.rows[row], strict=True))
    for name in ("part", "tool", "figure", "statistic", "conditions", "remark"):
        if not cells[name].strip():
            raise table.fault(row, name, "is empty")
    if cells["comparable"] not in MEANS:
        raise table.fault(row, "comparable", f"is not yes or no: {cells['comparable']!r}")
    if not cells["source_url"].startswith(("http://", "https://")):
        raise table.fault(row, "source_url", f"should be a web address, not {cells['source_url']!r}")
    return PeerFigure(
        part=cells["part"],
        tool=cells["tool"],
        figure=cells["figure"],
        statistic=cells["statistic"],
        error=_percent(table, row, cells["error_percent"]) / 100.0,
        conditions=cells["conditions"],
        comparable=MEANS[cells["comparable"]],
        remark=cells["remark"],
        date=_date(table, row, cells["date"]),
        source_url=cells["source_url"],
    )


def _percent(table: Table, row: int, cell: str) -> float:
    try:
        found = float(cell)
    except ValueError:
        found = -1.0
    if not 0.0 <= found < float("inf"):
        raise table.fault(row, "error_percent", f"should be a percentage of at least 0, not {cell!r}")
    return found


def _date(table: Table, row: int, cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise table.fault(row, "date", f"should be a date such as 2026-07-04, not {cell!r}") from None
