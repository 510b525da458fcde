"""`advisor validate` judges everything in one table, or one part in detail."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.cli.progress import bar
from advisor.report.format import Format
from advisor.report.render import render
from tests import samples

if TYPE_CHECKING:
    from tests.fakes import FakeUseCases


ALL = {"profiles": None, "part": None, "full": False, "seed": 0, "watch": None}


@pytest.mark.parametrize("command", ["validate", "validate all", "validate --quick"])
def test_everything_is_judged_unless_told_otherwise(usecases: FakeUseCases, command: str) -> None:
    assert run(command.split()) == 0
    assert usecases.calls == {"validate_all": ALL}


@pytest.mark.parametrize("part", ["curves", "imports"])
def test_a_part_without_an_answer_of_its_own_is_shown_in_the_table_of_all(usecases: FakeUseCases, part: str) -> None:
    assert run(["validate", part]) == 0
    assert usecases.calls == {"validate_all": {**ALL, "part": part}}


def test_whole_grids_and_the_seed_reach_the_judgment(usecases: FakeUseCases) -> None:
    assert run(["validate", "--full", "--seed", "7"]) == 0
    assert usecases.calls == {"validate_all": {**ALL, "full": True, "seed": 7}}


def test_the_estimator_alone_answers_as_before(usecases: FakeUseCases) -> None:
    assert run(["validate", "estimator"]) == 0
    assert usecases.calls == {"validate": {"profiles": None}}


def test_the_formulas_are_judged_on_request(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "queueing", "-f", "json"]) == 0
    assert usecases.calls == {"validate_queueing": {"quick": False, "seed": 0, "watch": None}}
    captured = capsys.readouterr()
    assert captured.out == render(samples.QUEUE_VALIDATION, Format.JSON)
    assert not captured.err


def test_thoroughness_and_seed_reach_the_judgment(usecases: FakeUseCases) -> None:
    assert run(["validate", "queueing", "--quick", "--seed", "7"]) == 0
    assert usecases.calls["validate_queueing"] == {"quick": True, "seed": 7, "watch": None}


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ("quueing", "unknown thing to validate 'quueing'"),
        ("zzz", "unknown thing to validate 'zzz'"),
        ("queueing --seed -1", "--seed: -1 is below 0"),
        ("queueing --seed x", "--seed"),
        ("queueing --profiles .", "--profiles is for `advisor validate estimator`"),
        ("--seed -1", "--seed: -1 is below 0"),
        ("--quick --full", "--quick and --full contradict each other"),
        ("estimator --quick", "--quick, --full and --seed are for `advisor validate` all and decide"),
        ("estimator --seed 1", "--quick, --full and --seed are for `advisor validate` all and decide"),
        ("curves --full", "--quick, --full and --seed are for `advisor validate` all and decide"),
    ],
)
def test_what_makes_no_sense_is_wrong_use(arguments: str, about: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", *arguments.split()]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert about in captured.err.splitlines()[0]
    assert not captured.out


@pytest.mark.usefixtures("usecases")
def test_an_unknown_thing_is_answered_with_what_can_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    run(["validate", "zzz"])
    assert capsys.readouterr().err.splitlines()[1] == "hint: known: all, curves, decide, estimator, imports, queueing"


def test_nobody_watches_where_standard_error_is_no_terminal() -> None:
    with bar("cells") as watch:
        assert watch is None


def test_a_terminal_shows_how_far_it_has_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with bar("cells") as watch:
        assert watch is not None
        for done in range(3):
            watch(done, 2)
    captured = capsys.readouterr()
    assert "cells" in captured.err
    assert "100%" in captured.err
    assert not captured.out


def test_the_bar_reaches_the_judgment_of_the_formulas(usecases: FakeUseCases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["validate", "queueing"]) == 0
    assert callable(usecases.calls["validate_queueing"]["watch"])
