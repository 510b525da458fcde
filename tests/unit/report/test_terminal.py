"""How a report fits a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pytest

from advisor.report.document import Column, Row, Sentence, Table
from advisor.report.format import Format
from advisor.report.render import render
from advisor.report.terminal import as_text
from advisor.report.wrapping import wrapped
from tests.samples import ANSWERS, RECOMMENDATION

if TYPE_CHECKING:
    from advisor.report.render import Answer

ESCAPE = "\x1b["


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("width", [72, 80, 100, 140, 200])
def test_no_line_is_wider_than_the_terminal_save_for_addresses(name: str, width: int, explain: bool) -> None:
    text = render(cast("Answer", ANSWERS[name]), Format.TABLE, width=width, explain=explain)
    for line in text.splitlines():
        assert len(line) <= width or "://" in line, line


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize(
    "figure", ["$23,360.00", "$116,800.00", "5.21 s", "11.3 s", "$0.0001235", "345 ms", "70.2 qps", "120.0 GiB"]
)
def test_no_number_is_torn_from_its_unit_at_any_width(width: int, figure: str) -> None:
    assert figure in render(RECOMMENDATION, Format.TABLE, width=width)


def test_what_leaves_a_narrow_table_continues_below_its_row() -> None:
    narrow, wide = (render(RECOMMENDATION, Format.TABLE, width=width) for width in (80, 240))
    assert "max_num_seqs 64, $32.00 per hour" in narrow
    assert "64 slots" not in wide


def test_a_table_keeps_all_columns_where_they_fit() -> None:
    table = Table((Column("a"), Column("b", yields=1, phrase="b is {}")), (Row(("x" * 10, "y" * 10)),))
    assert as_text((table,), width=24, color=False).splitlines()[-1] == "  xxxxxxxxxx  yyyyyyyyyy"
    assert as_text((table,), width=21, color=False).splitlines()[-1] == "      b is yyyyyyyyyy"


def test_titles_of_several_words_stand_on_the_rule() -> None:
    table = Table((Column("name"), Column("per month", right=True)), (Row(("a", "$1.00")),))
    assert as_text((Sentence("."), table), width=80, color=False).splitlines()[1:] == [
        "          per",
        "  name  month",
        "  -----------",
        "  a     $1.00",
    ]


def test_color_appears_only_when_asked_for() -> None:
    assert ESCAPE not in render(RECOMMENDATION, Format.TABLE)
    assert ESCAPE in render(RECOMMENDATION, Format.TABLE, color=True)


def test_color_changes_nothing_but_color() -> None:
    colored = render(RECOMMENDATION, Format.TABLE, color=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == render(RECOMMENDATION, Format.TABLE)


@pytest.mark.parametrize("fmt", [Format.JSON, Format.CSV, Format.MD])
def test_other_formats_are_never_colored(fmt: Format) -> None:
    assert ESCAPE not in render(RECOMMENDATION, fmt, color=True)


def test_a_number_stays_with_its_unit() -> None:
    assert wrapped("a limit of 12 s holds", 12) == ["a limit of", "12 s holds"]
    assert wrapped("e2e p95 12 s", 8) == ["e2e", "p95 12 s"]


def test_a_long_name_breaks_after_a_joint_and_an_address_nowhere() -> None:
    assert wrapped("example-name+drafter", 13) == ["example-name+", "drafter"]
    assert wrapped("https://a.example/long-path", 8) == ["https://a.example/long-path"]


def test_an_empty_text_is_one_empty_line() -> None:
    assert wrapped("", 10) == [""]


def test_a_document_neither_starts_nor_ends_with_an_empty_line() -> None:
    assert as_text((Sentence("one"),), width=80, color=False) == "one\n"
