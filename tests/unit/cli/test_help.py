"""Help that teaches."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer

from advisor import __version__
from advisor.cli.app import COMMANDS, app, run

if TYPE_CHECKING:
    from tests.fakes import FakeUseCases

NAMES = [command.name for command in COMMANDS]
EXAMPLES = [example for command in COMMANDS for example in command.examples]


def _tree() -> Any:
    return typer.main.get_command(app)


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_of_every_command_has_an_example_and_the_exit_codes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*name.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert "Examples:" in text
    assert f"  advisor {name}".rstrip() in text
    assert "Exit codes:" in text
    for code in "0234":
        assert f"\n    {code}  " in text


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_help_text_and_is_listed_under_a_title(name: str) -> None:
    for parameter in _tree().commands[name].params:
        assert parameter.help, parameter.name
        assert parameter.rich_help_panel, parameter.name


def test_every_option_of_the_program_has_help_text() -> None:
    for parameter in _tree().params:
        assert parameter.help, parameter.name


def test_the_short_help_of_every_command_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    assert "..." not in capsys.readouterr().out.replace("[ARGS]...", "")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_question_that_can_be_read(
    usecases: FakeUseCases, example: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-profiles").mkdir()
    (tmp_path / "trace.csv").touch()
    assert run(shlex.split(example)[1:]) == 0
    assert usecases.calls or "schema" in example


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"advisor {__version__}\n"


def test_no_command_is_wrong_use_and_shows_the_help_aside(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert "Commands:" in captured.err
