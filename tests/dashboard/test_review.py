"""The review page: a document of the question, files to take away, and a refusal that can be turned into a draft."""

from __future__ import annotations

from shlex import split
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.errors import InputError
from advisor.report.format import ReviewFormat
from advisor.report.review_files import WRITERS
from advisor.report.review_needs import NEEDS
from tests.dashboard.looking import look, words

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from advisor.domain.question import Question
    from advisor.domain.review import Cover

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb"}


def test_the_document_and_its_files_are_offered() -> None:
    shown = look("review", **QUICK)
    assert not shown.exception
    assert not shown.error
    labels = [getattr(button, "label", None) for button in shown.get("download_button")]
    assert labels == ["HTML", "PDF", "MD", "JSON", "CSV", "XLSX"]


def test_a_pdf_is_made_when_asked_for_and_where_it_cannot_be_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[object] = []
    monkeypatch.setitem(WRITERS, ReviewFormat.PDF, made.append)
    monkeypatch.setitem(NEEDS, ReviewFormat.PDF, lambda: None)
    assert not _button(look("review", **QUICK), "PDF").proto.disabled
    monkeypatch.setitem(NEEDS, ReviewFormat.PDF, _lacking)
    button = _button(look("review", **QUICK), "PDF").proto
    assert (button.disabled, button.help) == (True, "a .pdf file needs Pango. apt install it")
    assert made == []


def _lacking() -> None:
    raise InputError("a .pdf file needs Pango", hint="apt install it")


def _button(shown: AppTest, label: str) -> Any:
    return next(button for button in shown.get("download_button") if getattr(button, "label", None) == label)


def test_the_command_writes_the_same_document() -> None:
    shown = look("review", **QUICK)
    shown.text_input(key="p_review.owner").set_value("Team Chat").run()
    assert "advisor review --qps 5 --workload chat --gpus h100-sxm-80gb" in shown.code[-1].value
    assert "--owner 'Team Chat' --output review.html" in shown.code[-1].value


def test_the_command_in_a_draft_asks_the_same_question_with_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Question, Cover]] = []

    def taken(question: Question, *, cover: Cover, **_: object) -> None:
        asked.append((question, cover))
        raise InputError("not now")

    monkeypatch.setattr("dashboard.review_answers.composed", taken)
    monkeypatch.setattr("advisor.usecases.reviewing.review.review", taken)
    said = {"review.title": "Chat -x $(id)", "review.owner": "Team 'Chat'", "review.draft": "yes"}
    shown = look("review", **QUICK, include_secondary="yes", **said)
    ((question, cover),) = asked
    assert cover.command == shown.code[-1].value
    assert "--draft" in cover.command
    assert run(split(cover.command)[1:]) == 2
    assert asked[1][0] == question
    assert asked[1][1].model_copy(update={"command": cover.command}) == cover


@pytest.mark.grid
def test_a_price_that_must_not_be_signed_is_refused_until_it_is_a_draft() -> None:
    question = {"qps": "50", "workload": "chat", "include_secondary": "yes"}
    shown = look("review", **question)
    assert not shown.exception
    assert "not fit for a review" in shown.error[0].value
    shown.toggle(key="p_review.draft").set_value(True).run()
    assert not shown.error
    assert "--draft" in shown.code[-1].value


def test_nothing_feasible_is_said_as_on_every_page() -> None:
    shown = look("review", **QUICK, e2e="5ms")
    assert not shown.exception
    assert "Nothing meets this question" in words(shown)
