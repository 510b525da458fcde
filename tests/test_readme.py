"""The README shows what the program prints, and only commands that work.

A block between ``<!-- output: COMMAND -->`` and ``<!-- end of output -->`` is what COMMAND prints: all of it, what comes before
a text (``; until: TEXT``), or the Markdown lines that a pattern matches from their start (``; lines: PATTERN``).
`pytest --update-golden` rewrites the blocks; those that begin with ``slow output`` with `-m grid` alone.
"""

from __future__ import annotations

import re
import shlex
import shutil
from functools import cache
from pathlib import Path

import pytest

from advisor.cli.app import run
from tests.shipped import answer, question

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
MOST_LINES = 420
TODAY = "2026-11-23"

BLOCK = re.compile(
    r"(<!-- (?P<slow>slow )?output: (?P<command>.+?)(?:; until: (?P<until>.+?))?(?:; lines: (?P<lines>.+?))? -->\n)"
    r"(?P<body>.*?)(?P<end><!-- end of output -->)",
    re.DOTALL,
)
SERVES = frozenset({"advisor dashboard"})
"""Commands that go on until they are interrupted; tests of their own hold them."""
COMMAND = re.compile(r"^(advisor .*?)(?:\s+#\s*(?:exits (\d))?.*)?$")


@pytest.fixture
def a_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with the profiles and runs of a server in it, of a user without a database or a terminal."""
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    (tmp_path / "server.csv").write_text(
        "concurrency,request_rate_rps\n1,0.7\n8,4.9\n64,16\n256,40\n", encoding="utf-8"
    )
    for name in ("before.json", "after.json", "answer.json"):
        (tmp_path / name).write_text(_an_answer(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


@cache
def _an_answer() -> str:
    """Return a recommendation that a reader may have written before."""
    return answer(question(20.0, "e2e:p95<8s", simulate=False)).model_dump_json()


def _arguments(command: str) -> list[str]:
    name, *arguments = shlex.split(command)
    assert name == "advisor"
    dated = arguments[0] != "recommend" or "--today" in arguments
    return arguments if dated else [*arguments, "--today", TODAY]


def _printed(block: re.Match[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(_arguments(block["command"])) == 0
    text = capsys.readouterr().out
    if block["lines"]:
        return "".join(line for line in text.splitlines(keepends=True) if re.match(block["lines"], line))
    assert block["until"] is None or block["until"] in text
    whole = text.partition(block["until"])[0] if block["until"] else text
    return f"```text\n{whole.rstrip()}\n```\n"


@pytest.mark.grid
@pytest.mark.usefixtures("a_users_folder")
@pytest.mark.parametrize("slow", ["slow ", None])
def test_examples_are_what_is_printed(
    slow: str | None, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    def renewed(block: re.Match[str]) -> str:
        return f"{block[1]}{_printed(block, capsys)}{block['end']}" if block["slow"] == slow else block[0]

    current = BLOCK.sub(renewed, README.read_text(encoding="utf-8"))
    if request.config.getoption("--update-golden"):
        README.write_text(current, encoding="utf-8")
    assert README.read_text(encoding="utf-8") == current, (
        "an example differs; pytest --update-golden accepts the change"
    )


def test_the_words_around_the_examples_hold() -> None:
    loaded, alone, flips, worth, errors, gains = (block["body"] for block in BLOCK.finditer(TEXT))
    assert "diffusiongemma-26b-a4b" in flips, "the example flips"
    assert "next" in worth
    assert loaded.startswith("```text\nGemma 4 26B-A4B")
    assert alone.startswith("```text\nDiffusionGemma 26B-A4B"), "the second example is the other way round"
    assert {"diffusiongemma-26b-a4b", "gemma-4-26b-a4b", "gemma-4-26b-a4b+mtp"} <= set(errors.split())
    missed = [line.split("|")[1].strip() for line in errors.splitlines() if "| NO |" in line]
    assert missed == ["curves"], "the page says why a target is missed"
    biases = [line.split("|")[-3].strip() for line in gains.splitlines() if line.startswith("| batching gain")]
    assert biases
    assert all(bias.startswith("+") for bias in biases), "every run gains less from batching than expected"


def _commands() -> list[tuple[str, int]]:
    """Return each command line outside printed blocks with the exit code that the page says, else 0."""
    page = BLOCK.sub("", TEXT)
    pieces = [*page.splitlines(), *re.findall(r"`(advisor [^`]+)`", page)]
    found = (COMMAND.match(piece) for piece in pieces)
    shown = ((match[1], int(match[2] or 0)) for match in found if match and match[1] not in SERVES)
    return list(dict.fromkeys(shown))


def test_the_page_shows_commands() -> None:
    assert len(_commands()) > 15


@pytest.mark.grid
@pytest.mark.usefixtures("a_users_folder")
@pytest.mark.parametrize(("command", "code"), _commands())
def test_a_command_shown_works(command: str, code: int) -> None:
    arguments = _arguments(command)
    if arguments[0] == "calibrate" and "--dry-run" not in arguments:
        arguments += ["--profiles", "profiles"]  # the copy, since calibrate writes
    assert run(arguments) == code


def test_the_gate_installs_and_tests_as_the_page_says() -> None:
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    test_command = next(line for line in TEXT.splitlines() if line.endswith("pytest -n auto -q"))
    _, install, test = (part.strip().removeprefix(".venv/bin/") for part in test_command.split("&&"))
    assert test in gate.splitlines()
    assert install.removeprefix("pip install -q ") in gate


def test_the_page_can_be_read_at_once() -> None:
    assert len(TEXT.splitlines()) <= MOST_LINES


def test_links_lead_to_files() -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", TEXT)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
