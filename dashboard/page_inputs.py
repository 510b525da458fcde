"""Inputs of one page: their values last while other pages are looked at, and stand in the address beside the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.parts import escaped
from dashboard.state import spell

if TYPE_CHECKING:
    from collections.abc import Sequence


def page_input(
    name: str, default: object, choices: Sequence[object] = (), *, within: tuple[float, float] | None = None
) -> str:
    """Return the key for a widget, which then shows what was entered last, else what the address says, else the default.

    `name` is that of the page, a dot, and that of the input. The type of `default` is that of the value: a list for some of
    several, None for a number that may be left out. What was never changed follows a new default, and so does what is not
    among the `choices` or `within` bounds any more.
    """
    key = f"p_{name}"
    if key not in st.session_state:  # the first time, or the page was left in between
        kept = st.session_state.get(f"kept_{name}")
        text = st.query_params.get(name, "")
        value = _read(text, default, choices) if kept is None else kept
        if kept is None and text and _left_out(text, value, default, choices, within):
            st.toast(escaped(f"Left out of this link: {name} cannot be '{text[:40]}'."), icon=":material/link_off:")
    else:
        value = st.session_state[key]
        value = default if value == st.session_state.get(f"default_{name}", default) else value
    value = _possible(value, default, choices, within)
    if st.session_state.get(key, _UNSET) != value:
        st.session_state[key] = value
    st.session_state[f"kept_{name}"] = None if value == default else value
    st.session_state[f"default_{name}"] = default
    into_address(name, "" if value == default else spell(value))
    return key


_UNSET = object()


def into_address(name: str, text: str) -> None:
    """Write an input of a page into the address, or take it out where nothing is entered."""
    if text and st.query_params.get(name) != text:
        st.query_params[name] = text
    elif not text and name in st.query_params:
        del st.query_params[name]


def _read(text: str, default: object, choices: Sequence[object]) -> object:
    """Return the value that a text stands for; the default where it stands for none."""
    if not text:
        return default
    if isinstance(default, list):
        return text.split(",")
    if isinstance(default, bool):
        return text == "yes"
    if choices and not isinstance(default, float):
        return next((choice for choice in choices if spell(choice) == text), default)
    if default is None or isinstance(default, int | float):
        return _number(text, default)
    return text


def _number(text: str, default: object) -> object:
    try:
        value = float(text)
    except ValueError:
        return default
    return int(value) if isinstance(default, int) else value


def _left_out(
    text: str, value: object, default: object, choices: Sequence[object], within: tuple[float, float] | None
) -> bool:
    """Say whether what an address says is not taken, or not all of it."""
    if value == default:
        return text not in (spell(default), "no")
    return _possible(value, default, choices, within) != value


def _possible(value: object, default: object, choices: Sequence[object], within: tuple[float, float] | None) -> object:
    if within and isinstance(value, int | float):
        return value if within[0] <= value <= within[1] else default
    if not choices:
        return value
    if isinstance(value, list):
        return [item for item in value if item in choices]
    return value if value in choices else default
