"""Rows that a page shows, as a file to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.spreadsheet import as_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def csv_download(rows: Sequence[Mapping[str, object]], *, name: str, label: str = "CSV") -> None:
    """Offer rows as a CSV file; nothing where there are none."""
    if rows:
        st.download_button(
            label,
            lambda: as_csv(rows),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"csv-{name}",
            on_click="ignore",
        )
