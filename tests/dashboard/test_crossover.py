"""The page of flips: one axis, two axes, and what cannot be drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from advisor.cli.app import run
from tests.dashboard.looking import look, words

if TYPE_CHECKING:
    import pytest

QUESTION = {"qps": "2", "isl": "800", "osl": "300", "e2e": "1300ms", "gpus": "h100-sxm-80gb"}


def test_the_flips_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    shown = look("crossover", **QUESTION, **{"crossover.axis": "output-tokens"})
    assert not shown.exception
    command = shown.code[-1].value
    assert command.endswith("--axis output-tokens --by overall")
    assert run([*command.split()[1:], "-f", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"] in words(shown).replace("\\", "")
    (flip,) = answer["scopes"][0]["flips"]
    assert shown.dataframe[0].value["cheaper above"].tolist() == [flip["above"]]


def test_no_flip_is_an_answer_too() -> None:
    shown = look("crossover", qps="20", workload="chat", gpus="h100-sxm-80gb")
    assert not shown.exception
    assert "No flip between" in words(shown)


def test_two_axes_are_a_map() -> None:
    shown = look("crossover", **QUESTION, **{"crossover.and": "output-tokens"})
    assert not shown.exception
    assert "of the map" in words(shown)
    assert "--axis qps --axis output-tokens" in shown.code[-1].value


def test_two_axes_that_make_no_map_are_told_and_the_page_stays() -> None:
    shown = look("crossover", **QUESTION, **{"crossover.axis": "e2e", "crossover.and": "output-tokens"})
    assert not shown.exception
    assert "no map of e2e and output-tokens" in shown.error[0].value
    assert shown.selectbox(key="p_crossover.axis").value == "e2e"
