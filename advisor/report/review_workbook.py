"""A review as a workbook: costs as numbers, and each section of the document as a sheet of text.

Needs the extra `review`. Text is never read as a formula or a link.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from advisor.report.document import Facts, Section, Sentence, Table
from advisor.report.review import banner, body, titled
from advisor.report.review_focus import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.domain.review import Review
    from advisor.report.document import Block

_FIRST_LETTERS = 28
"""Letters of a sheet's name: Excel takes 31."""

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDEST, _NARROWEST = 60, 10
_MONEY = ("Cost", "Price", "usd")


def as_workbook(review: Review) -> bytes:
    """Return the content of an .xlsx file. It depends on the review alone, not on the time it is written at."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, loaded only for a workbook

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _OPTIONS) as book:
        book.set_properties(
            {
                "title": titled(review),
                "created": review.generated_at.replace(tzinfo=None),
                "comments": str(review.grade),
            }
        )
        writer = _Writer(book, review)
        decision, *others = _sections(body(review))
        writer.section(*decision)
        writer.costs()
        for title, blocks in others:
            writer.section(title, blocks)
    return content.getvalue()


def _sections(blocks: Iterable[Block]) -> Iterator[tuple[str, list[Block]]]:
    """Yield each section with its blocks; what stands before the first one is told on every sheet anyway."""
    title, held = "", list[Any]()
    for block in blocks:
        if isinstance(block, Section):
            if title:
                yield title, held
            title, held = block.title, []
        else:
            held.append(block)
    if title:
        yield title, held


class _Writer:
    """Writes sheets of one look; a draft is marked in the first line of each sheet and on each printed page."""

    def __init__(self, book: Any, review: Review) -> None:
        self.book, self.review = book, review
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})
        self.line = book.add_format({"valign": "top"})  # flows over the cells to its right
        self.chosen = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "top": 1, "bottom": 1})
        self.money = book.add_format({"num_format": "#,##0.00##", "valign": "top"})

    def _sheet(self, name: str) -> tuple[Any, int]:
        """Return a new sheet, and the row to begin at."""
        sheet = self.book.add_worksheet(_sheet_name(name))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        word = banner(self.review)
        sheet.set_header(f"&L&A&R{word}" if word else "&L&A")
        sheet.set_footer("&RPage &P of &N")
        if word:
            sheet.write_string(0, 0, f"{word}: not to be signed", self.bold)
        return sheet, 1 if word else 0

    def costs(self) -> None:
        """Write the cost records, one row per plan."""
        sheet, top = self._sheet("Costs")
        rows = list(records(self.review))
        names = list(dict.fromkeys(name for row in rows for name in row))
        for column, name in enumerate(names):
            sheet.write_string(top, column, name, self.bold)
            sheet.set_column(column, column, min(max(len(name) + 2, _NARROWEST), _WIDEST))
            for line, row in enumerate(rows, start=top + 1):
                self._value(sheet, line, column, name, row.get(name))
        sheet.freeze_panes(top + 1, 0)

    def _value(self, sheet: Any, row: int, column: int, name: str, value: object) -> None:
        if value is None:
            sheet.write_blank(row, column, None)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float)) or (any(word in name for word in _MONEY) and _is_number(value)):
            sheet.write_number(row, column, float(str(value)), self.money)
        else:
            sheet.write_string(row, column, str(value), self.plain)

    def section(self, title: str, blocks: Iterable[Block]) -> None:
        """Write a section of the document as a sheet."""
        sheet, row = self._sheet(title)
        sheet.write_string(row, 0, title, self.bold)
        row += 2
        widths: dict[int, int] = {}
        for block in blocks:
            lines = list(_lines(block))
            for cells, look in lines:
                for column, cell in enumerate(cells):
                    sheet.write_string(row, column, cell, getattr(self, look))
                    if len(cells) > 1:
                        widths[column] = max(widths.get(column, _NARROWEST), len(cell) + 2)
                row += 1
            row += 1 if lines else 0
        for column, width in widths.items():
            sheet.set_column(column, column, min(width, _WIDEST))


def _is_number(value: object) -> bool:
    return str(value).replace(".", "", 1).isdigit()


def _sheet_name(title: str) -> str:
    """Return a name that Excel takes: without brackets, slashes and their like, and short."""
    kept = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
    return " ".join(kept.split())[:_FIRST_LETTERS].strip()


def _lines(block: Block) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the lines of a block as cells, each with the name of its look; bars have none."""
    match block:
        case Sentence():
            yield (block.text,), "line"
        case Facts():
            yield from ((pair, "plain") for pair in block.pairs)
        case Table():
            yield tuple(column.title for column in block.columns), "bold"
            yield from ((row.cells, "chosen" if row.chosen else "plain") for row in block.rows)
        case _:
            return
