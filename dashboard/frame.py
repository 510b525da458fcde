"""What is around every page: its title, the question, and the address that says both."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts
from dashboard.answers import Failure, told
from dashboard.choices import choices
from dashboard.menu import PAGES
from dashboard.sidebar import sidebar
from dashboard.state import load_from_address, refused_in_words, show_in_address

if TYPE_CHECKING:
    from dashboard.state import Asked


ICON = Path(__file__).with_name("icon.png")
"""A picture of our own: Streamlit fetches its named signs for the browser's tab from the network."""


def navigate() -> None:
    """Show the page that the visitor chose from the menu."""
    asked = frame()
    pages = [
        st.Page(partial(entry.show, asked), title=entry.title, icon=entry.icon, url_path=entry.path, default=i == 0)
        for i, entry in enumerate(PAGES)
    ]
    chosen = st.navigation(pages, position="top")
    show_in_address(asked)  # only now does the browser know which page the address is of
    chosen.run()


def show(path: str) -> None:
    """Show one page by its address, without the menu: what tests look at."""
    asked = frame()
    show_in_address(asked)
    next(entry for entry in PAGES if entry.path == path).show(asked)


def frame() -> Asked:
    """Fill the form from the address, show it, and return the question."""
    st.set_page_config(page_title="advisor", page_icon=str(ICON), layout="wide")
    known = told(choices)()
    if isinstance(known, Failure):  # without profiles there is neither a form nor a page
        parts.failed(known)
        st.stop()
    refused = load_from_address()
    if refused:
        st.toast(refused_in_words(refused), icon=":material/link_off:", duration="long")
    return sidebar()
