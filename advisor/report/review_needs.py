"""Whether what writes a format of a review is installed: known before the work is done."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from advisor.errors import InputError
from advisor.report import pdf
from advisor.report.format import ReviewFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _workbook() -> None:
    if find_spec("xlsxwriter") is None:
        raise InputError("an .xlsx file needs xlsxwriter, which is not installed", hint="pip install 'advisor[review]'")


NEEDS: Mapping[ReviewFormat, Callable[[], None]] = {ReviewFormat.PDF: pdf.check, ReviewFormat.XLSX: _workbook}
"""How to find out, for formats that need more than this package has."""


def check(fmt: ReviewFormat) -> None:
    """Return if a format can be written here.

    Raises
    ------
    InputError
        If something is not installed.
    """
    if fmt in NEEDS:
        NEEDS[fmt]()
