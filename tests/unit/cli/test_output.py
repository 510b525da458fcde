"""Where an answer goes, and how it looks there."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.report.format import Format
from advisor.report.render import render
from tests import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["recommend", "--qps", "50"]
ESCAPE = "\x1b["


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def _pretend_terminal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys.stdout, "isatty", lambda: True)


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize("fmt", Format)
def test_standard_output_holds_the_answer_and_nothing_else(fmt: Format, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--format", fmt.value]) == 0
    assert capsys.readouterr().out == render(samples.RECOMMENDATION, fmt, width=100)


@pytest.mark.usefixtures("usecases")
def test_explain_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--explain"]) == 0
    assert capsys.readouterr().out == render(samples.RECOMMENDATION, Format.TABLE, width=100, explain=True)


@pytest.mark.usefixtures("usecases")
def test_a_pipe_gets_no_color(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ASK) == 0
    assert ESCAPE not in capsys.readouterr().out


@pytest.mark.usefixtures("usecases")
def test_a_terminal_gets_color(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _pretend_terminal(monkeypatch)
    assert run(ASK) == 0
    assert ESCAPE in capsys.readouterr().out


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_can_opt_out_of_color(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _pretend_terminal(monkeypatch)
    monkeypatch.setenv(name, value)
    assert run(ASK) == 0
    assert ESCAPE not in capsys.readouterr().out


@pytest.mark.usefixtures("usecases")
def test_the_width_follows_columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert run(ASK) == 0
    assert capsys.readouterr().out == render(samples.RECOMMENDATION, Format.TABLE, width=140)


@pytest.mark.usefixtures("usecases")
def test_a_file_gets_what_would_be_printed_and_leaves_no_neighbor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answer.txt"
    assert run([*ASK, "-o", str(path), "-f", "json"]) == 0
    assert path.read_text() == render(samples.RECOMMENDATION, Format.JSON)
    assert list(tmp_path.iterdir()) == [path]
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err == f"written to {path}\n"


@pytest.mark.usefixtures("usecases")
def test_a_link_stays_a_link_and_its_target_gets_the_answer(tmp_path: Path) -> None:
    target, link = tmp_path / "kept.json", tmp_path / "latest.json"
    target.write_text("old")
    link.symlink_to(target)
    assert run([*ASK, "-o", str(link)]) == 0
    assert link.is_symlink()
    assert target.read_text() == render(samples.RECOMMENDATION, Format.JSON)


@pytest.mark.usefixtures("usecases")
def test_a_pipe_or_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert run([*ASK, "-o", str(pipe)]) == 0
    assert pipe.is_fifo()
    assert os.read(reader, 1 << 16).decode() == render(samples.RECOMMENDATION, Format.TABLE, width=100)
    os.close(reader)


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize("fmt", Format)
def test_the_format_follows_the_name_of_the_file(fmt: Format, tmp_path: Path) -> None:
    path = tmp_path / f"answer.{fmt}"
    assert run([*ASK, "--output", str(path)]) == 0
    assert path.read_text() == render(samples.RECOMMENDATION, fmt)


@pytest.mark.usefixtures("usecases")
def test_csv_has_its_warnings_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "-f", "csv"]) == 0
    warnings = capsys.readouterr().err.splitlines()
    assert warnings == [f"warning: {caution.message}" for caution in samples.RECOMMENDATION.warnings]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("estimate --model m --gpu g", samples.ESTIMATE),
        ("simulate --model m --gpu g --qps 1", samples.SIMULATION),
        ("models", samples.LISTING),
        ("gpus", samples.LISTING),
        ("workloads", samples.LISTING),
        ("prices", samples.LISTING),
        ("calibrate", samples.CALIBRATION),
        ("validate", samples.VALIDATION_SUMMARY),
        ("validate estimator", samples.VALIDATION),
    ],
)
def test_every_command_shows_its_answer(
    usecases: FakeUseCases, command: str, answer: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.split(), "-f", "json"]) == 0
    assert capsys.readouterr().out == render(answer, Format.JSON)  # type: ignore[arg-type]
    assert usecases.calls


@pytest.mark.parametrize("command", [[], ["recommend"], ["estimate"], ["simulate"], ["gpus"]])
def test_schema_prints_a_json_schema(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", *command]) == 0
    name = command[0] if command else "recommend"
    assert json.loads(capsys.readouterr().out)["$id"] == f"urn:advisor:{name}:1"


def test_a_schema_can_be_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recommend.schema.json"
    assert run(["schema", "-o", str(path)]) == 0
    assert json.loads(path.read_text())["$id"] == "urn:advisor:recommend:1"
