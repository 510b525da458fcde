"""Tables and plots, each with its rows as a file to take along. Pages draw both by these functions alone.

The file is written when it is asked for, not before. A picture of a plot is offered by the bar of signs above it, which is
Streamlit's own and shown under the mouse.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from advisor.report.spreadsheet import as_csv, harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = Mapping[str, object]
    Rows = Sequence[Row] | Callable[[], Sequence[Row]]
    Columns = Mapping[str, Any]


def table(
    rows: Sequence[Row],
    *,
    name: str,
    columns: Columns | None = None,
    caption: str = "",
    height_px: int | Literal["auto"] = "auto",
) -> None:
    """Draw rows as a table, with its caption and their download beneath it. `name` is that of the file: it says what they are."""
    with st.container(gap="xxsmall"):
        st.dataframe(list(rows), hide_index=True, column_config=columns, height=height_px)
        _file(_beneath(caption), rows, name=name, columns=columns)


def choice(rows: Sequence[Row], *, key: str, columns: Columns | None = None) -> int | None:
    """Draw rows of which the visitor may choose one, and return its place.

    Nothing is offered beneath: the page has files of the whole listing, by `parts.downloads`.
    """
    picked = st.dataframe(
        list(rows), hide_index=True, column_config=columns, key=key, on_select="rerun", selection_mode="single-row"
    )
    places = picked.selection.rows
    return places[0] if places else None


def plot(drawn: Any, rows: Rows, *, name: str, caption: str = "") -> st.delta_generator.DeltaGenerator:
    """Draw a chart, with its caption and the download of its rows beneath it; return that line, for what else belongs there."""
    with st.container(gap="xxsmall"):
        st.altair_chart(drawn, width="stretch", theme="streamlit")
        line = _beneath(caption)
        _file(line, rows, name=name, tip="What is drawn, as rows. As a picture (PNG): the signs above the plot.")
    return line


def csv_download(rows: Rows, *, name: str, label: str = "CSV") -> None:
    """Offer rows that the page shows in another way, or in several places, as a CSV file."""
    _file(_beneath(), rows, name=name, label=label)


def _file(
    line: st.delta_generator.DeltaGenerator,
    rows: Rows,
    *,
    name: str,
    label: str = "CSV",
    columns: Columns | None = None,
    tip: str | None = None,
) -> None:
    """Offer rows under the titles that the page shows; nothing where there are none."""
    if rows:
        file = f"{_plain(name)}.csv"
        line.download_button(
            label,
            lambda: written(rows() if callable(rows) else rows, columns),
            file_name=file,
            mime="text/csv",
            icon=":material/download:",
            key=f"csv-{file}",
            type="tertiary",
            help=tip,
            on_click="ignore",
        )


def written(rows: Sequence[Row], columns: Columns | None = None) -> str:
    """Return rows as CSV whose texts no spreadsheet takes for formulas; numbers stay numbers."""
    titles = _titles(list(dict.fromkeys(name for row in rows for name in row)), columns or {})
    return as_csv({titles[name]: harmless(cell) for name, cell in row.items()} for row in rows)


def _beneath(caption: str = "") -> st.delta_generator.DeltaGenerator:
    """Return a line for a caption and small downloads at its right."""
    line = st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="top", gap="xsmall")
    if caption:
        line.caption(caption)
    return line


def _titles(names: Sequence[str], columns: Columns) -> dict[str, str]:
    """Return the title of each column: as shown, since that says the unit, unless two columns would have the same."""
    shown = {name: _title(columns.get(name)) or name for name in names}
    counts = Counter([*shown.values(), *(name for name in names if shown[name] != name)])
    return {name: str(harmless(title if counts[title] == 1 else name)) for name, title in shown.items()}


def _title(column: Any) -> str | None:
    return column if isinstance(column, str) else (column or {}).get("label")


def _plain(name: str) -> str:
    """Return a name that every system takes for a file."""
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.").lower()
