"""The form of the question, on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.choices import choices
from dashboard.fields import FIELDS, GROUPS, MOST_COUNTED, OPEN_GROUPS, SIMULATE, SIMULATE_LABEL, UPLOADS, Field, Kind
from dashboard.parts import escaped
from dashboard.state import LEFT_OUT_KEY, MOST_LETTERS, Asked, asked, forget, keep, key_of
from dashboard.upload_inputs import forget_upload, upload
from dashboard.uploads import shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.fields import UploadField
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
    question = asked(uploads)
    if question.left_out:
        _tell_left_out(question.left_out)
    return question


def _tell_left_out(options: Sequence[str]) -> None:
    """Say above the answer, on every page, that another question was asked on the command line."""
    named = ", ".join(f"--{option}" for option in options)
    told = (
        f"This link leaves out {named}: the question on the command line was another. Enter here what can be entered."
    )
    st.warning(escaped(told), icon=":material/link_off:")
    st.button("Ask it without", key="q_left_out_taken", on_click=_take_as_it_is, help="Takes this note away.")


def _take_as_it_is() -> None:
    st.session_state[LEFT_OUT_KEY] = ()


def _start_over() -> None:
    forget()
    for entry in UPLOADS:
        forget_upload(key_of(entry))


def _place(group: str) -> st.delta_generator.DeltaGenerator:
    if group in OPEN_GROUPS:
        return st.container()
    holds_a_file = any(entry.group == group and _file_for(entry) for entry in UPLOADS)
    return st.expander(group, expanded=holds_a_file)  # which one is in use, or must be uploaded again, is then shown


def _file_for(entry: UploadField) -> Upload | None:
    """Return the file that was given, or that a link asks for."""
    return shelf().find(entry.kind, st.session_state.get(key_of(entry)) or "")


def _instead_of(field: Field) -> Upload | None:
    """Return the file that takes the place of an input, if any does."""
    return next((file for entry in UPLOADS if entry.instead_of == field.option and (file := _file_for(entry))), None)


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
    file = _instead_of(field)
    st.selectbox(
        field.label,
        choices()[field.choices],
        key=key_of(field),
        index=None,
        help=field.tip,
        placeholder=field.placeholder or "choose",
        disabled=file is not None,
    )
    if file:
        st.caption(f"{escaped(file.name)} takes its place.")


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
