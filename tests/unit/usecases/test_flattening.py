"""A row of cells says the same as the value it was made of."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.usecases.results.flattening import as_csv, flatten, unflatten

NAMES = st.one_of(st.from_regex(r"[a-zA-Z0-9_-]{1,6}", fullmatch=True), st.text(max_size=4))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20))
VALUES = st.recursive(
    st.one_of(LEAVES, st.lists(LEAVES, max_size=3)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


def _texts(value: Any) -> Any:
    """Return a value as a row can tell it: numbers outside of lists are digits, which a field turns back."""
    if isinstance(value, dict) and value and all(re.fullmatch(r"[A-Za-z0-9_-]+", key) for key in value):
        return {key: _texts(part) for key, part in value.items()}
    if isinstance(value, bool | int | float):
        return flatten({"x": value})["x"]
    return value


def _back(text: str) -> list[dict[str, Any]]:
    return [unflatten(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


@given(value=st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), VALUES, min_size=1, max_size=4))
def test_a_row_comes_back_as_the_value_it_was_made_of(value: dict[str, Any]) -> None:
    assert _back(as_csv([flatten(value)])) == [_texts(value)]


def test_text_stands_as_it_is_where_that_is_plain() -> None:
    assert flatten({"a": "plain, with a comma", "b": {"c": 1.5, "d": True}}) == {
        "a": "plain, with a comma",
        "b.c": "1.5",
        "b.d": "true",
    }


@pytest.mark.parametrize(
    "text", ["", "null", '"quoted"', "[1]", "{x}", " padded", "two\nlines", "\x00", "\u2028", "é\r"]
)
def test_text_that_is_not_plain_comes_back_from_one_line(text: str) -> None:
    table = as_csv([flatten({"a": text, "b": 1})])
    assert len(table.splitlines()) == 2
    assert _back(table) == [{"a": text, "b": "1"}]


def test_columns_are_those_that_some_row_fills_and_a_group_stands_together() -> None:
    rows = [{"a": "1", "b.x": "2", "c": "3"}, {"a": "4", "b.y": "5"}]
    assert as_csv(rows) == "a,b.x,b.y,c\n1,2,,3\n4,,5,\n"
