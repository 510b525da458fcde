"""A document as a PDF: A4, tagged for readers aloud, links to click on. It depends on the document alone, not on the time.

Needs the extra `pdf` (WeasyPrint), and from the system Pango. Nothing is fetched: the page holds all that it shows.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from threading import Lock
from typing import TYPE_CHECKING

from advisor.errors import InputError
from advisor.report.html import Paged, as_html
from advisor.report.pdf_style import PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.report.document import Document

SYSTEM_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""What Debian and Ubuntu call the libraries that WeasyPrint loads."""

_OTHERWISE = "or write .html and print it from a browser: it is laid out for A4"
_ONE_AT_A_TIME = Lock()
"""The libraries below keep fonts for the whole process, and visitors of the dashboard share one."""


def check() -> None:
    """Load what writes a PDF.

    Raises
    ------
    InputError
        If it is not installed, or the system lacks what it needs.
    """
    try:
        with redirect_stdout(io.StringIO()):  # it prints a page of advice before it raises
            import weasyprint  # type: ignore[import-untyped]  # noqa: F401, PLC0415 - an extra, loaded only for a PDF
    except ImportError as problem:
        raise InputError(
            "a .pdf file needs WeasyPrint, which is not installed", hint=f"pip install 'advisor[pdf]', {_OTHERWISE}"
        ) from problem
    except OSError as problem:
        raise InputError(
            "a .pdf file needs Pango, which this system lacks", hint=f"apt install {SYSTEM_PACKAGES}, {_OTHERWISE}"
        ) from problem


def as_pdf(
    document: Document, *, title: str, running: str, metadata: Mapping[str, str], banner: str = "", plain: bool = False
) -> bytes:
    """Return the content of a PDF file.

    Parameters
    ----------
    document
        Blocks in order; what follows a `Section` belongs to it.
    title
        The heading, and the name of the file in a reader.
    running
        The line at the top of each page.
    metadata
        What the file says of itself, by the names that HTML has for it.
    banner
        A word that stands on each page, such as ``DRAFT``; none by default.
    plain
        Whether to leave the content uncompressed, which is larger, and can be looked into.

    Raises
    ------
    InputError
        If what writes it is not installed.
    """
    check()
    from weasyprint import HTML  # noqa: PLC0415 - an extra, loaded only for a PDF
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # noqa: PLC0415 - likewise

    paged = Paged(PAPER, running, metadata)
    page = as_html(document, title=title, banner=banner, paged=paged)
    with _ONE_AT_A_TIME:
        sheets = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=()))
        return bytes(sheets.write_pdf(pdf_tags=True, uncompressed_pdf=plain))
