"""The review page: a document of the question, files to take away, and a refusal that can be turned into a draft."""

from __future__ import annotations

import pytest

from tests.dashboard.looking import look, words

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb"}


def test_the_document_and_its_files_are_offered() -> None:
    shown = look("review", **QUICK)
    assert not shown.exception
    assert not shown.error
    labels = [getattr(button, "label", None) for button in shown.get("download_button")]
    assert labels == ["HTML", "MD", "JSON", "CSV", "XLSX"]


def test_the_command_writes_the_same_document() -> None:
    shown = look("review", **QUICK)
    shown.text_input(key="p_review.owner").set_value("Team Chat").run()
    assert "advisor review --qps 5 --workload chat --gpus h100-sxm-80gb" in shown.code[-1].value
    assert "--owner 'Team Chat' --output review.html" in shown.code[-1].value


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
