"""Texts in files that people open with a spreadsheet."""

from __future__ import annotations

import pytest

from advisor.report.spreadsheet import harmless


@pytest.mark.parametrize("text", ["=1+1", "+A1", "@SUM(A1)", "-2+3", "\t=1"])
def test_what_a_spreadsheet_would_work_out_stays_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["-3.5", "+1e3", "-", "chat", "", -2, None, True])
def test_numbers_and_plain_words_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) == cell


def test_lists_are_one_text() -> None:
    assert harmless(("=a", "b")) == "'=a; b"
