"""A reproduction in rows."""

from __future__ import annotations

from advisor.report.format import Format
from advisor.report.render import render
from tests.samples import REPRODUCTION


def test_csv_says_same_in_one_row_where_the_same_came_out() -> None:
    same = REPRODUCTION.model_copy(update={"same": True, "hindrances": (), "changes": ()})
    header, *rows = render(same, Format.CSV).splitlines()
    assert header == "cause,what,before,after"
    assert len(rows) == 1
    assert rows[0].startswith("same,every figure,")


def test_csv_says_not_the_same_where_no_change_has_a_name() -> None:
    unnamed = REPRODUCTION.model_copy(update={"same": False, "changes": ()})
    (row,) = render(unnamed, Format.CSV).splitlines()[1:]
    assert row.startswith("not the same,")
