"""The part of the recommend page that brings quality into the decision, with the figures of the command line."""

from __future__ import annotations

import json
from shlex import split
from typing import TYPE_CHECKING

from advisor.cli.app import run
from advisor.report.document import Column, Row, Section, Table
from tests.dashboard.looking import look, words
from tests.samples.recommendations import RECOMMENDATION

if TYPE_CHECKING:
    import pytest

ASKED = {
    "qps": "20",
    "workload": "chat",
    "gpus": "h100-sxm-80gb",
    "draws": "0",
    "success-benchmark": "mmlu-pro",
    "mistake-usd": "$0.01",
    "cascade": "tests",
    "check-usd": "0.0001",
    "checker-accuracy": "0.95",
}


def test_costs_mistakes_and_cascade_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    shown = look(**ASKED)
    assert not shown.exception
    assert not shown.toast
    assert shown.query_params == {**ASKED, "success-benchmark": "MMLU-Pro"}
    command = split(shown.code[-1].value)[1:]
    assert run([*command, "-f", "json"]) == 0
    decided = json.loads(capsys.readouterr().out)["quality_decision"]
    told = words(shown).replace("\\", "")
    assert decided["mistakes"]["sentence"] in told
    assert decided["cascade"]["sentence"] in told
    assert run([*command, "-f", "md"]) == 0
    written = capsys.readouterr().out
    table = next(table.value for table in shown.dataframe if "per success" in table.value)
    assert list(table["model"]) == [cost["model"] for cost in decided["costs"]]
    assert all(cell in written for cell in table["per success"])
    assert all(cell in written for cell in table["with mistakes"])


def test_a_question_that_says_nothing_of_quality_shows_nothing_of_it() -> None:
    assert "Quality in the decision" not in words(look(qps="5", workload="chat", gpus="h100-sxm-80gb", draws="0"))


def test_what_goes_together_is_told_by_its_labels() -> None:
    shown = look(qps="5", workload="chat", cascade="tests")
    assert "Check of replies" in shown.error[0].value
    assert "\\-\\-cascade" not in shown.error[0].value
    assert shown.text_input(key="q_cascade").value == "tests"


def test_each_table_is_called_by_its_section(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.views import quality  # noqa: PLC0415 - an extra

    named: list[str] = []
    monkeypatch.setattr(quality, "table", lambda _rows, *, name: named.append(name))
    one = Table((Column("a"),), (Row(("1",)),))
    monkeypatch.setattr(quality, "in_the_decision", lambda _: (Section("First"), one, Section("Second"), one))
    quality.section(RECOMMENDATION)
    assert named == ["First", "Second"]
