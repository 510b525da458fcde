"""Answers of the use cases, kept: the same question is worked out once, for every visitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from advisor.cli.asked import question_in
from advisor.errors import AdvisorError
from advisor.usecases.recommend import recommend
from advisor.usecases.stamping import stamp
from dashboard.settings import settings
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from advisor.domain.answer import Recommendation
    from advisor.domain.question import Question
    from dashboard.state import Asked

KEPT = 256
"""Answers of one kind that are kept at most; the one that was not looked at for longest goes first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure: what was wrong, what to do, and the exit code that the command line would have."""

    message: str
    hint: str
    exit_code: int

    @classmethod
    def of(cls, problem: AdvisorError) -> Failure:
        """Return an error of the product as a value."""
        return cls(in_labels(str(problem)), in_labels(problem.hint), problem.exit_code)


def fresh() -> str:
    """Return what answers of this moment are kept under."""
    return stamp(settings().database)


def question(asked: Asked) -> Question | Failure:
    """Return a question as a value, or why it is none."""
    try:
        return question_in(asked.arguments)
    except AdvisorError as problem:
        return Failure.of(problem)


def recommendation(asked: Asked) -> Recommendation | Failure:
    """Return the answer to a question, or the expected failure."""
    return recommended(asked.arguments)


def recommended(arguments: tuple[str, ...]) -> Recommendation | Failure:
    """Return what `advisor recommend` answers to its options, or the expected failure."""
    return _recommendation(arguments, fresh())


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _recommendation(arguments: tuple[str, ...], stamp: str) -> Recommendation | Failure:
    del stamp
    try:
        found = question_in(arguments)
        return recommend(
            found,
            profiles=settings().profiles,
            database=settings().database,
            allow_simulated=settings().allow_simulated,
        )
    except AdvisorError as problem:
        return Failure.of(problem)
