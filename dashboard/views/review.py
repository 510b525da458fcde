"""The answer as a document for procurement: what is asked to be signed, what it rests on, and files to take away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from advisor.errors import InputError
from advisor.report.format import MIME, ReviewFormat
from advisor.report.review_files import WRITERS
from advisor.report.review_needs import check
from dashboard import parts
from dashboard.answers import Failure
from dashboard.page_inputs import page_input
from dashboard.review_answers import cover_of, review

if TYPE_CHECKING:
    from advisor.domain.review import Review
    from dashboard.state import Asked

PREVIEW_PX = 900


def page(asked: Asked) -> None:
    """Show the document of a question, and offer it as files."""
    st.markdown("### Review document")
    st.caption("For a procurement or FinOps review: every price with its date, every figure with its basis.")
    title, owner, draft = st.columns([3, 2, 1], vertical_alignment="bottom")
    heading = title.text_input(
        "Title", key=page_input("review.title", ""), max_chars=120, placeholder="that of the question"
    )
    named = owner.text_input(
        "Owner of the decision", key=page_input("review.owner", ""), max_chars=120, placeholder="none"
    )
    as_draft = draft.toggle(
        "Draft",
        key=page_input("review.draft", default=False),
        help="Writes the document even where a price is second-hand or too old to be signed, and marks every page.",
    )
    cover = cover_of(asked, title=heading, owner=named, draft=as_draft)
    with st.spinner("Simulating the plans and looking for what flips the choice", show_time=True):
        found = review(asked, cover)
    if isinstance(found, Failure):
        parts.failed(found)
        st.code(cover.command, language="bash", wrap_lines=True)
        return
    _files(found)
    st.iframe(WRITERS[ReviewFormat.HTML](found).decode("utf-8"), height=PREVIEW_PX)
    st.subheader("On the command line")
    st.code(cover.command, language="bash", wrap_lines=True)


def _files(found: Review) -> None:
    """Offer the document in each format; a file is made when it is asked for."""
    beside_each_other = st.container(horizontal=True)
    for fmt, mime in MIME.items():
        lacking = _lacking(fmt)
        beside_each_other.download_button(
            fmt.value.upper(),
            b"" if lacking else partial(WRITERS[fmt], found),
            file_name=f"review.{fmt.value}",
            mime=mime,
            icon=":material/download:",
            key=f"download-review-{fmt.value}",
            disabled=bool(lacking),
            help=lacking or None,
            on_click="ignore",
        )
    st.caption("The PDF and the HTML file hold all they need, laid out for A4. A PDF takes some seconds to make.")


def _lacking(fmt: ReviewFormat) -> str:
    """Return why a format cannot be written here, or nothing."""
    try:
        check(fmt)
    except InputError as problem:
        return f"{problem}. {problem.hint}"
    return ""
