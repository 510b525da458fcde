"""The command that writes the figures of a review again."""

from __future__ import annotations

import shlex
from datetime import date

import pytest

from advisor.usecases.reviewing.repetition import command_again

DAY = date(2026, 11, 23)
TAIL = "--format json --output review.json"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-f md",
        "--format md",
        "--format=md",
        "-fmd",
        "-o a.html",
        "--output=a.html",
        "-oa.md",
        "-f html --output 'a b'",
    ],
)
def test_whatever_a_command_wrote_it_writes_json_again(written: str) -> None:
    typed = f"advisor review --qps 20 {written} -w chat"
    assert command_again(typed, today=DAY) == f"advisor review --qps 20 -w chat --today 2026-11-23 {TAIL}"


@pytest.mark.parametrize("day", ["--today 2026-11-01", "--today=2026-11-01"])
def test_a_day_that_was_typed_stays(day: str) -> None:
    assert command_again(f"advisor review {day}", today=DAY) == f"advisor review {day} {TAIL}"


def test_words_with_blanks_stay_one_word() -> None:
    again = command_again("advisor review --title 'All about --today'", today=DAY)
    assert shlex.split(again)[2:6] == ["--title", "All about --today", "--today", "2026-11-23"]
