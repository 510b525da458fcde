"""What is shown can be taken along: each table and plot as a file with the same rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.dashboard.looking import look

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    Offered = dict[str, Callable[[], str]]

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb,l40s-48gb"}


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """Return what a page offers as CSV, by the name of the file; to call one is to click it."""
    import streamlit as st  # noqa: PLC0415 - an extra

    found: Offered = {}

    def download_button(_place: Any, _label: str, data: Any, *, file_name: str, **_: object) -> bool:
        assert file_name not in found
        found[file_name] = data
        return False

    monkeypatch.setattr(st.delta_generator.DeltaGenerator, "download_button", download_button)
    return found


def drawn_first(shown: AppTest) -> Any:
    """Return the data of the first plot of a page."""
    from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df  # noqa: PLC0415 - an extra

    return convert_arrow_bytes_to_pandas_df(shown.get("vega_lite_chart")[0].proto.datasets[0].data.data)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_of_a_table_holds_the_rows_that_are_shown_under_their_titles(offered: Offered) -> None:
    shown = look("prices", **QUICK)
    assert not shown.exception
    book = shown.dataframe[0].value
    taken = rows_of(offered["prices.csv"]())
    assert [row["USD per GPU-hour"] for row in taken] == [str(usd) for usd in book["usd_per_gpu_hour"]]
    assert [list(row.values()) for row in taken] == [[str(cell) for cell in row] for row in book.to_numpy()]


def test_the_file_of_a_plot_holds_what_is_drawn(offered: Offered) -> None:
    shown = look("prices", **QUICK)
    gpu = shown.selectbox(key="p_prices.gpu").value
    taken = rows_of(offered[f"what-a-price-of-{gpu}-does.csv"]())
    drawn = drawn_first(shown)
    assert taken
    assert list(taken[0]) == list(drawn)
    assert [list(row.values()) for row in taken] == [[str(cell) for cell in row] for row in drawn.to_numpy()]


def test_every_table_of_a_page_has_its_file(offered: Offered) -> None:
    shown = look("method", **QUICK)
    assert not shown.exception
    sizes = sorted(len(frame.value) for frame in shown.dataframe if len(frame.value))
    files = {name: rows_of(given()) for name, given in offered.items()}
    assert sorted(len(rows) for name, rows in files.items() if name != "words.csv") == sizes
    assert {"words.csv", "figure-by-figure.csv", "rows-not-judged.csv", "sources.csv"} <= set(files)


def test_no_spreadsheet_takes_a_text_for_a_formula_and_numbers_stay_numbers() -> None:
    from dashboard.tables import written  # noqa: PLC0415 - after the extra is known to be there

    row = {
        "name": "=1+1",
        "more": ["@x", "y"],
        "bias": -0.05,
        "told": "-0.05",
        "rest": "-5 %",
        "plain": "a-b",
        "+c": None,
    }
    assert rows_of(written([row])) == [
        {
            "name": "'=1+1",
            "more": "'@x; y",
            "bias": "-0.05",
            "told": "-0.05",
            "rest": "'-5 %",
            "plain": "a-b",
            "'+c": "",
        }
    ]


def test_two_columns_of_one_title_keep_their_own_names() -> None:
    from dashboard.tables import written  # noqa: PLC0415 - likewise

    columns = {"usd": {"label": "cost [USD]"}, "source_url": {"label": "source"}, "low": None}
    row = {"usd": 1.5, "source": "a page", "source_url": "its address", "low": 1}
    assert written([row], columns) == "cost [USD],source,source_url,low\n1.5,a page,its address,1\n"


def test_nothing_is_written_before_somebody_asks(offered: Offered) -> None:
    from dashboard.tables import csv_download  # noqa: PLC0415 - likewise

    asked: list[str] = []

    def rows() -> list[dict[str, object]]:
        asked.append("rows")
        return [{"a": 1}]

    csv_download(rows, name="Power of GPU/0: run #1")
    assert not asked
    assert offered["power-of-gpu-0-run-1.csv"]() == "a\n1\n"
