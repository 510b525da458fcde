"""A document as a PDF: A4, tagged for readers aloud, links to click on. It depends on the document alone, not on the time.

Needs the extra `pdf` (WeasyPrint), and from the system Pango. Nothing is fetched: the page holds all that it shows.
"""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from advisor.errors import InputError
from advisor.report.html import Paged, as_html
from advisor.report.pdf_style import PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.report.document import Document

FONTS = "fonts-dejavu-core"
"""What Debian and Ubuntu call the faces that pages name first."""

SYSTEM_PACKAGES = f"libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 {FONTS}"
"""What Debian and Ubuntu call the libraries that WeasyPrint loads, and a font to write with."""

_OTHERWISE = "or write .html and print it from a browser: it is laid out for A4"
_ONE_AT_A_TIME = Lock()
"""The libraries below keep fonts for the whole process, and visitors of the dashboard share one."""


class _Lack(NamedTuple):
    """What is not there, and what puts it there."""

    message: str
    hint: str


def check() -> None:
    """Load what writes a PDF; only the first call of a process looks.

    Raises
    ------
    InputError
        If it is not installed, or the system lacks what it needs.
    """
    lack = _lack()
    if lack is not None:
        raise InputError(lack.message, hint=f"{lack.hint}, {_OTHERWISE}")


@cache
def _lack() -> _Lack | None:
    try:
        # It prints a page of advice before it raises, and warns of ugly output where there is no font.
        with _ONE_AT_A_TIME, redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            import weasyprint  # type: ignore[import-untyped]  # noqa: F401, PLC0415 - an extra, loaded only for a PDF

            fonts = _has_fonts()
    except ImportError:
        return _Lack("a .pdf file needs WeasyPrint, which is not installed", "pip install 'advisor[pdf]'")
    except OSError:
        return _Lack("a .pdf file needs Pango, which this system lacks", f"apt install {SYSTEM_PACKAGES}")
    return None if fonts else _Lack("a .pdf file needs a font, and no fonts are installed", f"apt install {FONTS}")


def _has_fonts() -> bool:
    """Say whether the system has any font: without one, Pango ends the whole process."""
    from weasyprint.text.ffi import ffi, fontconfig  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra

    config = fontconfig.FcInitLoadConfigAndFonts()
    if config == ffi.NULL:
        return False
    found = fontconfig.FcConfigGetFonts(config, fontconfig.FcSetSystem)
    has_some = found != ffi.NULL and found.nfont > 0
    fontconfig.FcConfigDestroy(config)
    return bool(has_some)


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
