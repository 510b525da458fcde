"""The form of the question, on every page."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.choices import choices
from dashboard.fields import FIELDS, GROUPS, OPEN_GROUPS, SIMULATE, WORK, Field, Kind
from dashboard.state import Asked, Trace, asked, forget, keep, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.runtime.uploaded_file_manager import UploadedFile

MOST_UPLOAD_BYTES = 20 * 10**6
"""Size of an uploaded trace: some 500,000 requests."""


def sidebar() -> Asked:
    """Show the form and return the question that it asks."""
    with st.sidebar:
        st.subheader("Question")
        trace = None
        for group in GROUPS:
            with _place(group):
                for field in FIELDS:
                    if field.group == group:
                        _INPUTS[field.kind](field)
                if group == WORK:
                    trace = _trace()
        st.toggle(
            "Confirm by simulation",
            key=f"q_{SIMULATE}",
            help="Simulates each plan that is shown, request by request, as the command line does. Takes seconds.",
        )
        st.button("Start over", on_click=forget, help="Back to the question that this page began with.")
    keep()
    return asked(trace)


def _place(group: str) -> st.delta_generator.DeltaGenerator:
    if group in OPEN_GROUPS:
        return st.container()
    return st.expander(group, expanded=False)


def _number(field: Field) -> None:
    st.number_input(
        field.label,
        key=key_of(field),
        value=None,
        min_value=0.0,
        max_value=None if field.most is None else float(field.most),
        help=field.tip,
        placeholder=field.placeholder or "none",
        format="%g",
    )


def _text(field: Field) -> None:
    st.text_input(
        field.label, key=key_of(field), help=field.tip, placeholder=field.placeholder or "none", max_chars=200
    )


def _one(field: Field) -> None:
    st.selectbox(
        field.label,
        choices()[field.choices],
        key=key_of(field),
        index=None,
        help=field.tip,
        placeholder=field.placeholder or "choose",
    )


def _some(field: Field) -> None:
    st.multiselect(
        field.label, choices()[field.choices], key=key_of(field), help=field.tip, placeholder=field.placeholder
    )


def _flag(field: Field) -> None:
    st.checkbox(field.label, key=key_of(field), help=field.tip)


_INPUTS: Mapping[Kind, Callable[[Field], None]] = {
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.ONE: _one,
    Kind.SOME: _some,
    Kind.FLAG: _flag,
}


def _trace() -> Trace | None:
    """Take a trace from the visitor; its content lies in a file of ours, whatever name it came with."""
    given = st.file_uploader(
        "Your own trace",
        type=["csv"],
        key="q_trace",
        help="A CSV with t_s, input_tokens and output_tokens per request. It takes the place of the workload.",
        max_upload_size=MOST_UPLOAD_BYTES // 10**6,
    )
    return None if given is None else kept(given)


def kept(given: UploadedFile) -> Trace:
    """Return an uploaded trace, whose content lies in a file of ours from now on."""
    content = given.getvalue()
    path = _uploads() / f"{sha256(content).hexdigest()[:24]}.csv"
    if not path.exists():
        path.write_bytes(content)
    return Trace(Path(given.name).name, str(path))


@cache
def _uploads() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="advisor-dashboard-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
