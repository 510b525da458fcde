"""Inputs that take a file: the widget, what it took, and what a link names in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.page_inputs import into_address
from dashboard.parts import escaped
from dashboard.uploads import MOST_UPLOAD_BYTES, NotKeptError, shelf

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from dashboard.uploads import Upload


def upload(key: str, label: str, *, kind: str, tip: str) -> Upload | None:
    """Take a file from the visitor; `key` holds what stands for it in a link, from wherever that came."""
    widget = f"{key}_file_{st.session_state.get(f'{key}_turn', 0)}"
    given: UploadedFile | None = st.file_uploader(
        label,
        type=["csv"],
        key=widget,
        help=tip,
        max_upload_size=MOST_UPLOAD_BYTES // 10**6,
        on_change=_taken,
        args=(key, widget, kind),
    )
    found = shelf().find(kind, st.session_state.get(key) or "")
    if found and found.lost and given:  # it left to make room, and is still here
        found = _keep(given, key, kind) or found
    if refusal := st.session_state.get(f"{key}_refused"):
        st.warning(refusal, icon=":material/block:")
    if found and not given:
        _kept(found, key)
    return found


def page_upload(name: str, label: str, *, kind: str, tip: str) -> Upload | None:
    """Take a file that belongs to one page, whose address then names it; `name` as for other inputs of pages."""
    key = f"kept_{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name, "")
    found = upload(key, label, kind=kind, tip=tip)
    into_address(name, found.reference if found else "")
    return None if found and found.lost else found


def forget_upload(key: str) -> None:
    """Use no file any more; the widget is begun anew, because its file cannot be taken out of it."""
    st.session_state[key] = None
    st.session_state.pop(f"{key}_refused", None)
    st.session_state[f"{key}_turn"] = st.session_state.get(f"{key}_turn", 0) + 1


def _taken(key: str, widget: str, kind: str) -> None:
    """Keep what the widget took, or let go of what was taken out of it."""
    given: UploadedFile | None = st.session_state[widget]
    st.session_state.pop(f"{key}_refused", None)
    st.session_state[key] = None
    if given is None:
        return
    if given.size > MOST_UPLOAD_BYTES:  # the widget's own limit is kept by the browser alone
        st.session_state[f"{key}_refused"] = f"A file may have {MOST_UPLOAD_BYTES // 10**6} MB at most."
        return
    if kept := _keep(given, key, kind):
        st.session_state[key] = kept.reference


def _keep(given: UploadedFile, key: str, kind: str) -> Upload | None:
    """Put what the widget holds on the shelf; None where there is no room, which is then said."""
    st.session_state.pop(f"{key}_refused", None)
    try:
        return shelf().keep(kind, given.name, given.getvalue())
    except NotKeptError as problem:
        st.session_state[f"{key}_refused"] = f"{problem} {problem.hint}"
        return None


def _kept(found: Upload, key: str) -> None:
    """Show a file that the widget does not show: of a link, or from before another page was looked at."""
    name = f"**{escaped(found.name)}**"
    if found.lost:
        gone = f"{name} is not on this server any more. Upload it again."
        st.warning(gone if found.digest else f"Upload {name} to answer this link.", icon=":material/upload:")
    else:
        st.caption(f"In use: {name}")
    st.button("Use no file", key=f"{key}_remove", on_click=forget_upload, args=(key,))
