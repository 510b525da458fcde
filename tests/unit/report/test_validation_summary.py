"""The table of everything that is judged, as it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.format import Format
from advisor.report.render import render
from tests.samples.validation_summaries import ONE_PART, VALIDATION_SUMMARY

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_first_line_says_which_targets_are_missed() -> None:
    first = render(VALIDATION_SUMMARY, Format.TABLE, width=300).splitlines()[0]
    told = "Targets: 1 kept, 1 not kept, 0 not decided, over 1,250 cases"
    assert first == f"{told}; not kept: curves, between levels (mean 6.0 %, asked 4.7 %)."


def test_undecided_targets_are_counted_and_sums_are_no_cases() -> None:
    target = next(line.target for line in VALIDATION_SUMMARY.lines if line.target)
    undecided = VALIDATION_SUMMARY.lines[0].model_copy(update={"kept": None, "target": target, "sums_up": True})
    found = VALIDATION_SUMMARY.model_copy(update={"lines": (undecided, VALIDATION_SUMMARY.lines[0])})
    first = render(found, Format.TABLE, width=300).splitlines()[0]
    assert first == "Targets: 1 kept, 0 not kept, 1 not decided, over 12 cases."


def test_one_part_shows_its_cases_and_more_of_the_worst(assert_golden: Callable[[str, str], None]) -> None:
    assert_golden("validation-summary-part.txt", render(ONE_PART, Format.TABLE, width=100))
    assert "example-2" not in render(VALIDATION_SUMMARY, Format.TABLE)
    assert render(ONE_PART, Format.TABLE).count("example-2") == 2


def test_rounding_is_shown_as_none_and_is_no_worst_case() -> None:
    text = render(VALIDATION_SUMMARY, Format.MD)
    assert "| imports | figures taken over | 1,234 | 0 % | 0 % | 0 % | - | - |" in text
    assert "example.json" not in text


def test_a_figure_of_another_tool_says_whether_like_stands_beside_like() -> None:
    text = render(VALIDATION_SUMMARY, Format.MD)
    assert "in part: an unseen GPU too" in text
    assert "not comparable: its GPU is measured first" in text
    assert "0.95 %" in text


def test_csv_has_lines_other_tools_cases_and_what_is_left_out() -> None:
    tables = [row.partition(",")[0] for row in render(ONE_PART, Format.CSV).splitlines()[1:]]
    assert tables == ["judged", "other tool", "other tool", "case", "case"]
    assert render(VALIDATION_SUMMARY, Format.CSV).splitlines()[-1].startswith("left out,queueing")


def test_without_a_line_there_is_nothing_to_tell() -> None:
    empty = VALIDATION_SUMMARY.model_copy(update={"lines": ()})
    assert render(empty, Format.TABLE).startswith("Nothing to judge this program on.\nNot judged: queueing")
