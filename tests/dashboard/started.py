"""A dashboard that was started with options of its own, on a machine where nobody has measured anything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[..., None]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return what starts the dashboard anew with options, such as ``start("--db", url)``."""
    import streamlit as st  # noqa: PLC0415 - an extra

    from dashboard.settings import settings  # noqa: PLC0415 - likewise

    def anew(*options: str) -> None:
        monkeypatch.setattr(sys, "argv", ["dashboard", *options])
        settings.cache_clear()
        st.cache_data.clear()
        st.cache_resource.clear()

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    anew()
    yield anew
    settings.cache_clear()
    st.cache_data.clear()
    st.cache_resource.clear()
