"""`advisor compare` on files and on the log, and what it says of what is no recommendation."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor import __version__
from advisor.cli.app import run
from advisor.store import open_store
from tests.samples import RECOMMENDATION

if TYPE_CHECKING:
    from pathlib import Path

ASK = ["--isl", "800", "--osl", "300", "--gpus", "h100-sxm", "--no-simulate", "--today", "2026-11-24"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def before(home: Path) -> Path:
    path = home / "before.json"
    assert run(["recommend", "--qps", "20", *ASK, "-o", str(path)]) == 0
    return path


@pytest.fixture
def after(home: Path) -> Path:
    path = home / "after.json"
    assert run(["recommend", "--qps", "90", *ASK, "--e2e", "3s", "-o", str(path)]) == 0
    return path


def test_an_answer_names_the_version_that_made_it(before: Path) -> None:
    assert json.loads(before.read_text())["advisor_version"] == __version__


def test_the_table_begins_with_the_decision_before_and_after(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", str(before), str(after)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("The choice ")
    assert "Question (2 changes)" in text
    assert "before.json, 20" in text
    assert "Why the price" not in text


def test_attributed_effects_add_up_on_the_shipped_profiles(
    before: Path, after: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", str(before), str(after), "--attribute", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    why = found["attribution"]
    assert [(step["group"], step["fields"]) for step in why["substitutions"]] == [
        ("load", ["qps"]),
        ("objectives", ["slo"]),
    ]
    effects = [Decimal(step["in_turn_change_usd_per_hour"]) for step in why["substitutions"]]
    assert effects[0] > 0
    assert sum(effects) == Decimal(found["usd_per_hour_change"])
    assert Decimal(why["rest_change_usd_per_hour"]) == 0


def test_recommendations_of_the_log_go_by_their_numbers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{home / 'runs.db'}"
    open_store(url).close()
    for qps in ("20", "90"):
        assert run(["recommend", "--qps", qps, *ASK, "--db", url]) == 0
    assert run(["history", "--db", url, "-f", "json"]) == 0
    listed = json.loads(
        capsys.readouterr().out.partition('{\n  "schema_version": 1,\n  "recommendations"')[2].join(['{"r"', ""])
    )
    assert [line["number"] for line in listed["r"]] == [1, 2]
    assert run(["compare", "1", "#2", "--db", url, "-f", "md"]) == 0
    assert "| qps | 20 | 90 |" in capsys.readouterr().out
    assert run(["compare", "1", "3", "--db", url]) == 2
    assert "error: unknown recommendation '3'" in capsys.readouterr().err


def test_a_number_without_a_database_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "1", "2"]) == 2
    error, hint = capsys.readouterr().err.splitlines()
    assert "there is no such database" in error
    assert hint.startswith("hint: ")


def other(**fields: Any) -> str:
    return json.dumps({**json.loads(RECOMMENDATION.model_dump_json()), **fields})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", ":1:2: is no JSON"),
        ("[]", ": is not a recommendation"),
        ('{"schema_version": 1}', ": is not a recommendation"),
        (other(schema_version=2), ": is of schema version 2, this advisor reads version 1"),
        (other(schema_version=None), ": names no schema version, this advisor reads version 1"),
        (other(candidates=[{}]), ": field candidates.0."),
        (other(decision=None), ": field decision: "),
    ],
)
def test_what_is_no_recommendation_is_one_line_with_a_hint_and_exit_code_2(
    text: str, problem: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "good.json").write_text(RECOMMENDATION.model_dump_json(), encoding="utf-8")
    (home / "bad.json").write_text(text, encoding="utf-8")
    assert run(["compare", "good.json", "bad.json"]) == 2
    captured = capsys.readouterr()
    error, hint = captured.err.splitlines()
    assert error.startswith(f"error: bad.json{problem}")
    assert hint.startswith("hint: ")
    assert not captured.out


def test_a_file_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "no.json", "no.json"]) == 2
    assert capsys.readouterr().err == "error: no.json: no such file\n"


def test_fields_that_a_later_version_added_are_left_aside(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.loads(other(novelty=1))
    body["decision"]["candidate"]["latency"]["novelty"] = 2
    body["candidates"][1]["novelty"] = [3]
    (home / "later.json").write_text(json.dumps(body), encoding="utf-8")
    assert run(["compare", "later.json", "later.json"]) == 0
    assert "Nothing differs." in capsys.readouterr().out
