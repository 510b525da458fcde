"""The form of the question, on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.choices import choices
from dashboard.fields import FIELDS, GROUPS, MOST_COUNTED, OPEN_GROUPS, SIMULATE, SIMULATE_LABEL, UPLOADS, Field, Kind
from dashboard.state import MOST_LETTERS, Asked, asked, forget, keep, key_of
from dashboard.upload_inputs import forget_upload, upload
from dashboard.uploads import shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboard.uploads import Upload


def sidebar() -> Asked:
    """Show the form and return the question that it asks."""
    uploads: dict[str, Upload] = {}
    with st.sidebar:
        st.subheader("Question")
        for group in GROUPS:
            with _place(group):
                uploads |= _uploads(group)
                for field in FIELDS:
                    if field.group == group:
                        _INPUTS[field.kind](field)
        st.toggle(
            SIMULATE_LABEL,
            key=f"q_{SIMULATE}",
            help="Simulates each plan that is shown, request by request, as the command line does. Takes seconds.",
        )
        st.button("Start over", on_click=_start_over, help="Back to the question that this page began with.")
    keep()
    return asked(uploads)


def _start_over() -> None:
    forget()
    for entry in UPLOADS:
        forget_upload(key_of(entry))


def _place(group: str) -> st.delta_generator.DeltaGenerator:
    if group in OPEN_GROUPS:
        return st.container()
    return st.expander(group, expanded=_lacks_a_file(group))


def _lacks_a_file(group: str) -> bool:
    """Say whether a link asks for a file that must be uploaded again: where, is then shown."""
    found = (
        shelf().find(entry.kind, st.session_state.get(key_of(entry)) or "") for entry in UPLOADS if entry.group == group
    )
    return any(given.lost for given in found if given)


def _uploads(group: str) -> dict[str, Upload]:
    given = {e.kind: upload(key_of(e), e.label, kind=e.kind, tip=e.tip) for e in UPLOADS if e.group == group}
    return {kind: found for kind, found in given.items() if found}


def _number(field: Field) -> None:
    st.number_input(
        field.label,
        key=key_of(field),
        value=None,
        min_value=float(field.least),
        max_value=None if field.most is None else float(field.most),
        step=field.step,
        help=field.tip,
        placeholder=field.placeholder or "none",
        format="%g",
    )


def _count(field: Field) -> None:
    st.number_input(
        field.label,
        key=key_of(field),
        value=None,
        min_value=field.least,
        max_value=int(field.most or MOST_COUNTED),
        step=int(field.step or 1),
        help=field.tip,
        placeholder=field.placeholder or "none",
        format="%d",
    )


def _text(field: Field) -> None:
    st.text_input(
        field.label, key=key_of(field), help=field.tip, placeholder=field.placeholder or "none", max_chars=MOST_LETTERS
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
    Kind.COUNT: _count,
    Kind.TEXT: _text,
    Kind.ONE: _one,
    Kind.SOME: _some,
    Kind.FLAG: _flag,
}
