"""A table fitted to a width.

Numbers never wrap. What does not fit leaves as a whole column and continues below its row; then the columns of words
are wrapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.report.document import Column, Row, Table

    Paint = Callable[[str, str], str]

_GAP = "  "
_MARGIN = 2
_DETAIL_INDENT = 6
_NARROWEST_WORDS = 10


def table_lines(table: Table, width: int, paint: Paint) -> list[str]:
    """Return the lines of a table: titles, a rule, and the rows with whatever continues below them."""
    columns = _visible(table, width - _MARGIN)
    widths = _widths(table, columns, width - _MARGIN)
    titles = _line(_titles(table, columns, widths), table, columns, widths)
    rule = " " * _MARGIN + "-" * (sum(widths[i] for i in columns) + len(_GAP) * (len(columns) - 1))
    lines = [*(paint(line, "faint") for line in titles), paint(rule, "faint")]
    for row in table.rows:
        lines += _row(row, table, columns, widths, width, paint)
    return lines


def _visible(table: Table, width: int) -> list[int]:
    columns = [i for i, _ in enumerate(table.columns) if any(row.cells[i] for row in table.rows)]
    while _total([_natural(table, i) for i in columns]) > width:
        leaving = max(columns, key=lambda i: table.columns[i].yields, default=None)
        if leaving is None or table.columns[leaving].yields == 0:
            break
        columns.remove(leaving)
    return columns


def _natural(table: Table, index: int) -> int:
    """Return the width of the widest cell; a title needs no more than its longest word."""
    words = table.columns[index].title.split()
    return max(*map(len, words), *(len(row.cells[index]) for row in table.rows), 1)


def _titles(table: Table, columns: list[int], widths: dict[int, int]) -> list[list[str]]:
    """Return the lines of each title, standing on the rule."""
    titles = [wrapped(table.columns[i].title, widths[i]) for i in columns]
    height = max(map(len, titles), default=0)
    return [[""] * (height - len(title)) + title for title in titles]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _widths(table: Table, columns: list[int], width: int) -> dict[int, int]:
    """Return the width of each column; the widest column of words gives way first."""
    widths = {i: _natural(table, i) for i in columns}
    words = [i for i in columns if table.columns[i].wraps]
    while _total(list(widths.values())) > width and any(widths[i] > _NARROWEST_WORDS for i in words):
        widths[max(words, key=lambda i: widths[i])] -= 1
    return widths


def _row(row: Row, table: Table, columns: list[int], widths: dict[int, int], width: int, paint: Paint) -> list[str]:
    cells = [wrapped(row.cells[i], widths[i]) for i in columns]
    lines = _line(cells, table, columns, widths)
    below = ", ".join(_phrase(table.columns[i], row.cells[i]) for i in _hidden(row, columns))
    details = [" " * _DETAIL_INDENT + line for line in wrapped(below, width - _DETAIL_INDENT)] if below else []
    return [*(paint(line, "good" if row.chosen else "plain") for line in lines), *(paint(d, "faint") for d in details)]


def _hidden(row: Row, columns: list[int]) -> list[int]:
    return [i for i, cell in enumerate(row.cells) if i not in columns and cell]


def _phrase(column: Column, cell: str) -> str:
    return column.phrase.format(cell)


def _line(cells: list[list[str]], table: Table, columns: list[int], widths: dict[int, int]) -> list[str]:
    height = max((len(cell) for cell in cells), default=0)
    return [_physical_line([cell[k : k + 1] for cell in cells], table, columns, widths) for k in range(height)]


def _physical_line(parts: list[list[str]], table: Table, columns: list[int], widths: dict[int, int]) -> str:
    aligned = (
        _aligned("".join(part), widths[i], right=table.columns[i].right) for part, i in zip(parts, columns, strict=True)
    )
    return (" " * _MARGIN + _GAP.join(aligned)).rstrip()


def _aligned(text: str, width: int, *, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
