"""The method page: how an answer comes about, and how far it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.report.glossary import GLOSSARY
from advisor.report.limits import LIMITS
from tests.dashboard.looking import look, words

pytest.importorskip("streamlit")

if TYPE_CHECKING:
    from advisor.domain.validation_summary import ValidationSummary

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb"}


def test_it_says_the_way_the_words_and_the_limits() -> None:
    shown = look("method", **QUICK)
    assert not shown.exception
    told = words(shown)
    assert all(f"**{step}. " in told for step in range(1, 7))
    assert all(word in told for word in GLOSSARY)
    assert all(limit in told for limit in LIMITS)


def test_the_errors_are_those_of_the_validation() -> None:
    from advisor.usecases.validating.estimator import validate  # noqa: PLC0415 - the extra is there

    lines = [line for line in validate(profiles=None).lines if line.scope == "model"]
    tables = [frame.value for frame in look("method", **QUICK).dataframe]
    shown = next(table for table in tables if "median" in table and list(table["scope"]) == ["model"] * len(lines))
    assert list(shown["median"]) == [line.median for line in lines]
    assert list(shown["group"]) == [line.group for line in lines]


def test_what_takes_long_waits_for_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views import method  # noqa: PLC0415 - likewise
    from tests.samples.validation_summaries import VALIDATION_SUMMARY  # noqa: PLC0415 - likewise

    asked_for: list[str] = []

    def all_errors() -> ValidationSummary:
        asked_for.append("all")
        return VALIDATION_SUMMARY

    monkeypatch.setattr(method, "all_errors", all_errors)
    shown = look("method", **QUICK)
    assert not asked_for
    shown.button(key="method_judge").click().run()
    assert not shown.exception
    assert asked_for == ["all"]
    judged = next(frame.value for frame in shown.dataframe if "judged" in frame.value)
    assert len(judged) == len(VALIDATION_SUMMARY.lines)


def test_a_question_without_an_answer_leaves_the_rest_of_the_page() -> None:
    shown = look("method", **QUICK, e2e="5ms")
    assert not shown.exception
    assert "Nothing meets this question" in words(shown)
    assert "What it does not know" in words(shown)
