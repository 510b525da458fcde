"""The command `advisor review`."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.errors import ReviewError
from advisor.report import pdf
from advisor.report.format import ReviewFormat
from advisor.report.review_files import WRITERS
from advisor.report.review_needs import NEEDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["review", "--qps", "50", "-w", "example-chat"]


def test_without_a_file_it_prints_markdown(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ASK) == 0
    assert capsys.readouterr().out.startswith("## Serving example-chat")
    assert usecases.calls["review"]["cover"].draft is False


def test_a_dash_prints_what_a_terminal_can_show(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*ASK, "-f", "html", "-o", "-"]) == 0
    assert capsys.readouterr().out.lower().startswith("<!doctype html>")
    assert not list(tmp_path.iterdir())
    assert usecases.calls


@pytest.mark.parametrize("fmt", ReviewFormat)
def test_the_name_of_the_file_says_the_format(
    usecases: FakeUseCases, tmp_path: Path, fmt: ReviewFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NEEDS, ReviewFormat.PDF, lambda: None)
    monkeypatch.setitem(WRITERS, ReviewFormat.PDF, lambda _review: b"%PDF-")
    path = tmp_path / f"review.{fmt}"
    assert run([*ASK, "-o", str(path)]) == 0
    starts = {
        "md": b"## ",
        "html": b"<!doctype html>",
        "json": b"{",
        "csv": b"BilledCost,",
        "xlsx": b"PK",
        "pdf": b"%PDF-",
    }
    assert path.read_bytes().startswith(starts[fmt])
    assert "remember" in usecases.calls


def test_the_document_names_the_command_that_wrote_it(usecases: FakeUseCases) -> None:
    assert run([*ASK, "--owner", "Team A&B", "--title", "A title", "--draft"]) == 0
    cover = usecases.calls["review"]["cover"]
    assert cover.command == "advisor review --qps 50 -w example-chat --owner 'Team A&B' --title 'A title' --draft"
    assert (cover.owner, cover.title, cover.draft) == ("Team A&B", "A title", True)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["-o", "review.docx"], "a review is not written as 'docx'", "end the name in .md, .html, .pdf,"),
        (["-o", "review"], "a review is not written as 'a name without an ending'", "--format"),
        (["-f", "xlsx"], "a workbook needs a file", "--output review.xlsx"),
        (["-f", "pdf"], "a PDF needs a file", "--output review.pdf"),
        (["-f", "pdf", "-o", "-"], "a PDF needs a file", "--output review.pdf"),
        (["-f", "xlsx", "-o", "-"], "a workbook needs a file", "--output review.xlsx"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str], options: list[str], message: str, hint: str
) -> None:
    assert run([*ASK, *options]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert hint in told
    assert "review" not in usecases.calls


def test_a_workbook_without_its_library_says_how_to_install_it(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("advisor.report.review_needs.find_spec", lambda _name: None)
    assert run([*ASK, "-o", str(tmp_path / "review.xlsx")]) == 2
    assert "pip install 'advisor[review]'" in capsys.readouterr().err
    assert "review" not in usecases.calls


def test_a_pdf_without_its_library_says_what_to_install_and_how_to_do_without(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf, "_lack", pdf._lack.__wrapped__)  # it is looked for once a process
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert run([*ASK, "-o", str(tmp_path / "review.pdf")]) == 2
    told = capsys.readouterr().err
    assert "pip install 'advisor[pdf]', or write .html and print it" in told
    assert "review" not in usecases.calls


def test_prices_that_are_unfit_have_an_exit_code_of_their_own(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    usecases.problem = ReviewError("not fit for a review: a price is old", hint="quote again")
    path = tmp_path / "review.html"
    assert run([*ASK, "-o", str(path)]) == 6
    told = capsys.readouterr().err
    assert told.startswith("error: not fit for a review")
    assert "hint: quote again" in told
    assert not path.exists()


def test_weaker_evidence_than_wanted_is_written_and_has_exit_code_4(usecases: FakeUseCases, tmp_path: Path) -> None:
    path = tmp_path / "review.json"
    assert run([*ASK, "-o", str(path), "--min-basis", "measured"]) == 4
    assert json.loads(path.read_text(encoding="utf-8"))["schema_version"] == 1
    assert usecases.calls


def test_a_review_can_be_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = tmp_path / "review.json"
    real = [
        "review",
        "--qps",
        "20",
        "-w",
        "chat",
        "--no-simulate",
        "--draws",
        "0",
        "--no-sensitivity",
        "--today",
        "2026-11-23",
    ]
    assert run([*real, "-o", str(path)]) == 0
    assert run(["reproduce", str(path), "-o", str(tmp_path / "again.json")]) == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["same"] is True


CHEAP = ["--no-simulate", "--draws", "0", "--no-sensitivity"]


def test_the_command_in_a_document_writes_what_can_be_reproduced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run(["review", "--qps", "20", "-w", "chat", *CHEAP, "-f", "json", "-o", "first.out"]) == 0
    commands = json.loads((tmp_path / "first.out").read_text(encoding="utf-8"))["repetition"]["reproduce"]
    first, second = (shlex.split(command)[1:] for command in commands)
    assert run(first) == 0
    assert run([*second, "-o", "again.json"]) == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["same"] is True


@pytest.mark.grid
def test_a_document_about_a_trace_says_that_its_json_lacks_the_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{index * 0.5},{200 + index % 7},{100 + index % 5}\n" for index in range(200))
    (tmp_path / "t.csv").write_text(f"t_s,input_tokens,output_tokens\n{rows}", encoding="utf-8")
    assert run(["review", "--qps", "2", "--trace", "t.csv", *CHEAP, "-f", "md", "--draft", "-o", "a.md"]) == 0
    document = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert "the times of the trace are not in it" in document
    assert "advisor reproduce" not in document
    assert run(["review", "--qps", "2", "--trace", "t.csv", *CHEAP, "--draft", "-o", "a.json"]) == 0
    assert run(["reproduce", "a.json"]) == 2
    assert "hint: run the command again with the file of the trace" in capsys.readouterr().err
