"""A review as the content of a file, in each of its formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.format import ReviewFormat
from advisor.report.html import as_html
from advisor.report.markdown import as_markdown
from advisor.report.review import arrange, banner, body, metadata, running
from advisor.report.review_focus import records
from advisor.report.spreadsheet import as_csv, harmless
from advisor.report.structured import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.domain.review import Review


def _markdown(review: Review) -> bytes:
    return as_markdown(arrange(review, explain=True)).encode("utf-8")


def _html(review: Review) -> bytes:
    return as_html(body(review), title=review.title, banner=banner(review)).encode("utf-8")


def _pdf(review: Review) -> bytes:
    from advisor.report.pdf import as_pdf  # noqa: PLC0415 - it needs an extra

    return as_pdf(
        body(review),
        title=review.title,
        banner=banner(review),
        running=running(review),
        metadata=metadata(review),
    )


def _json(review: Review) -> bytes:
    return as_json(review).encode("utf-8")


def _csv(review: Review) -> bytes:
    return as_csv({name: harmless(cell) for name, cell in record.items()} for record in records(review)).encode("utf-8")


def _xlsx(review: Review) -> bytes:
    from advisor.report.review_workbook import as_workbook  # noqa: PLC0415 - it needs an extra

    return as_workbook(review)


WRITERS: Mapping[ReviewFormat, Callable[[Review], bytes]] = {
    ReviewFormat.MD: _markdown,
    ReviewFormat.HTML: _html,
    ReviewFormat.PDF: _pdf,
    ReviewFormat.JSON: _json,
    ReviewFormat.CSV: _csv,
    ReviewFormat.XLSX: _xlsx,
}
"""How each format is written. To add one, write a function and enter it here, and in `ReviewFormat` and `MIME`."""
