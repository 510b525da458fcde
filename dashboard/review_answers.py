"""Review documents of the use case, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.cli.asked import question_in
from advisor.domain.review import Cover
from advisor.errors import AdvisorError
from advisor.usecases.reviewing.review import review as composed
from dashboard.answers import Failure, fresh
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.review import Review
    from dashboard.state import Asked

KEPT = 32
"""Documents that are kept at most."""


def review(asked: Asked, *, title: str, owner: str, draft: bool) -> Review | Failure:
    """Return the document of a question, or the expected failure."""
    return _review(asked.arguments, fresh(), title=title, owner=owner, draft=draft, command=asked.command_of("review"))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _review(
    arguments: tuple[str, ...], stamp: str, *, title: str, owner: str, draft: bool, command: str
) -> Review | Failure:
    del stamp
    try:
        return composed(
            question_in(arguments),
            profiles=settings().profiles,
            database=settings().database,
            allow_simulated=settings().allow_simulated,
            cover=Cover(title=title, owner=owner, command=command, draft=draft),
        )
    except AdvisorError as problem:
        return Failure.of(problem)
