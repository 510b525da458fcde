"""Answers of the use cases, kept: the same question is worked out once, for every visitor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import streamlit as st

from advisor.cli.asked import LostFileError, question_in
from advisor.errors import AdvisorError
from advisor.usecases.recommend import recommend
from advisor.usecases.stamping import stamp
from dashboard.settings import settings
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.answer import Recommendation
    from advisor.domain.question import Question
    from dashboard.state import Asked

Given = ParamSpec("Given")
Told = TypeVar("Told")

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


def told(ask: Callable[Given, Told]) -> Callable[Given, Told | Failure]:
    """Return a function whose expected failures are values."""

    @wraps(ask)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Told | Failure:
        try:
            return ask(*args, **kwargs)
        except AdvisorError as problem:
            return Failure.of(problem)

    return asked


def kept(*, most: int = KEPT) -> Callable[[Callable[Given, Told]], Callable[Given, Told | Failure]]:
    """Return a function whose answers are kept as long as they stay the same, its expected failures among them.

    That a file is not there is told and not kept.
    What it is asked must be hashable, and what it answers a value: every visitor gets it.
    """

    def of(ask: Callable[Given, Told]) -> Callable[Given, Told | Failure]:
        @st.cache_data(max_entries=most, show_spinner=False)
        @wraps(ask)  # Streamlit tells functions apart by their names and source
        def at(_moment: str, *args: Given.args, **kwargs: Given.kwargs) -> Told | Failure:
            try:
                return ask(*args, **kwargs)
            except LostFileError:  # what is raised is not kept: the file may be uploaded again
                raise
            except AdvisorError as problem:
                return Failure.of(problem)

        @wraps(ask)
        def now(*args: Given.args, **kwargs: Given.kwargs) -> Told | Failure:
            return told(at)(fresh(), *args, **kwargs)

        return now

    return of


@told
def question(asked: Asked) -> Question:
    """Return a question as a value, or why it is none."""
    return question_in(asked.arguments)


def recommendation(asked: Asked) -> Recommendation | Failure:
    """Return the answer to a question, or the expected failure."""
    return recommended(asked.arguments)


@kept()
def recommended(arguments: tuple[str, ...]) -> Recommendation:
    """Return what `advisor recommend` answers to its options, or the expected failure."""
    return recommend(question_in(arguments), **settings().sources)
