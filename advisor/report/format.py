"""The names of the output formats, apart from the renderers so that the command line knows them without loading these."""

from __future__ import annotations

from enum import StrEnum


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
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
