"""Figures as bars on a terminal of any width."""

from __future__ import annotations

import pytest

from advisor.report.bars import bars, chart_lines, plain
from advisor.report.document import Chart, Series


def series(*values: float | None, full: float = 0.0, top: str = "up to 8") -> Series:
    return Series("load", values, top, full)


def lines(*values: float, width: int, marks: tuple[tuple[float, str], ...] = ((0.0, "0 s"), (1.0, "9 s"))) -> list[str]:
    return chart_lines(Chart((series(*values),), marks), width, lambda text, _tone: text)


def test_the_highest_bar_is_full_and_others_are_in_proportion() -> None:
    assert bars(series(0, 1, 2, 3, 4, 5, 6, 7, 8), 9) == " ▁▂▃▄▅▆▇█"


def test_the_least_there_is_can_be_seen_and_nothing_cannot() -> None:
    assert bars(series(1e-6, 0.0, None, 1.0), 4) == "▁  █"
    assert bars(series(0.0, None), 2) == "  "


def test_a_bar_that_stands_for_several_values_is_as_high_as_the_highest() -> None:
    assert bars(series(1, 8, 1, 1, 1, 1), 3) == "█▁▁"


def test_few_are_low_where_a_full_bar_is_said() -> None:
    assert bars(series(2, 4, full=32), 2) == "▁▁"
    assert bars(series(2, 64, full=32), 2) == "▁█"


def test_words_stand_beside_the_bars_or_below_where_it_is_narrow() -> None:
    assert lines(*range(9), width=60)[0] == "  load      ▁▁▁▁▂▂▂▂▃▃▃▃▄▄▄▄▅▅▅▅▆▆▆▆▇▇▇▇████  up to 8"
    narrow = lines(*range(9), width=30)
    assert narrow[1] == "        up to 8"
    assert all(len(line) <= 30 for line in narrow)


def test_marks_stand_at_their_places_and_never_touch() -> None:
    marks = ((0.0, "0 h"), (0.5, "12 h"), (0.55, "13 h"), (1.0, "24 h"))
    last = lines(*range(24), width=41, marks=marks)[-1]
    assert last.split() == ["0", "h", "12", "h", "24", "h"]
    assert last.startswith("        0 h")
    assert len(last) == 8 + 24


@pytest.mark.parametrize("count", [1, 7, 24, 100])
def test_there_are_as_many_bars_as_asked_for(count: int) -> None:
    assert len(bars(series(*map(float, range(24))), count)) == count


def test_a_terminal_without_these_characters_gets_others() -> None:
    assert plain("load ▁▂▃▄▅▆▇█ 8").isascii()
    assert len(set(plain("▁▂▃▄▅▆▇█"))) == 8
