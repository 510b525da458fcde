"""The names of the output formats, apart from the renderers so that the command line knows them without loading these."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Format(StrEnum):
    """What an answer can be written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


class ReviewFormat(StrEnum):
    """What a review can be written as."""

    MD = "md"
    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MIME: Mapping[ReviewFormat, str] = {
    ReviewFormat.HTML: "text/html",
    ReviewFormat.PDF: "application/pdf",
    ReviewFormat.MD: "text/markdown",
    ReviewFormat.JSON: "application/json",
    ReviewFormat.CSV: "text/csv",
    ReviewFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a browser calls each format of a review, in the order in which they are offered."""

BINARY: Mapping[ReviewFormat, str] = {ReviewFormat.PDF: "a PDF", ReviewFormat.XLSX: "a workbook"}
"""Formats that no terminal can show, in words."""
