"""The options about quality, and what they say of each other."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.domain.quality_question import CascadeTerms, Grades

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["recommend", "--qps", "20", "-w", "chat"]
CASCADE = ["--cascade", "tests", "--check-usd", "0.0001", "--checker-accuracy", "0.95"]


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    path = tmp_path / "grades.csv"
    path.write_text("model,task,passed\ngemma-4-26b,a,true\ngemma-4-26b,b,0\ndiffusiongemma,a,1\n", encoding="utf-8")
    return path


def test_a_question_says_nothing_of_quality_by_default(usecases: FakeUseCases) -> None:
    assert run(ASK) == 0
    assert usecases.calls["recommend"]["question"].quality is None


def test_options_become_terms_of_the_question(usecases: FakeUseCases, grades: Path) -> None:
    assert (
        run([*ASK, "--quality-floor-from", str(grades), "--min-pass-rate", "0.8", "--mistake-usd", "$0.05", *CASCADE])
        == 0
    )
    terms = usecases.calls["recommend"]["question"].quality
    assert terms.grades == (
        Grades(model="gemma-4-26b-a4b", passed=1, graded=2, tasks=2),
        Grades(model="diffusiongemma-26b-a4b", passed=1, graded=1, tasks=1),
    )
    assert (terms.grades_file, terms.min_pass_share, terms.mistake_usd) == ("grades.csv", 0.8, Decimal("0.05"))
    assert terms.cascade == CascadeTerms(checker="tests", check_usd=Decimal("0.0001"), right_share=0.95)


@pytest.mark.parametrize(("command", "call"), [("crossover", "crossover"), ("next", "next_measurement")])
def test_a_floor_on_pass_rates_holds_for_flips_and_for_what_to_measure_too(
    usecases: FakeUseCases, grades: Path, command: str, call: str
) -> None:
    assert run([command, *ASK[1:], "--quality-floor-from", str(grades), "--min-pass-rate", "0.8"]) == 0
    terms = usecases.calls[call]["question"].quality
    assert (terms.grades_file, terms.min_pass_share, terms.cascade) == ("grades.csv", 0.8, None)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--min-pass-rate", "0.8"], "--min-pass-rate needs your own grades"),
        (["--min-pass-rate", "0.8", "--success-benchmark", "aime"], "--min-pass-rate needs your own grades"),
        (["--mistake-usd", "1"], "--mistake-usd needs pass rates"),
        (CASCADE, "--cascade needs pass rates"),
        (["--check-usd", "1"], "--cascade, --check-usd and --checker-accuracy go together"),
        (["--success-benchmark", "aime", *CASCADE[:4]], "--cascade, --check-usd and --checker-accuracy go together"),
        (["--success-benchmark", "aime", "--mistake-usd", "much"], "--mistake-usd: 'much' is no amount of dollars"),
        (
            ["--success-benchmark", "aime", "--mistake-usd", "-1"],
            "--mistake-usd: input should be greater than or equal to 0",
        ),
        (["--success-benchmark", "aime", "--mistake-usd", "nan"], "--mistake-usd: "),
        (
            ["--success-benchmark", "aime", *CASCADE[:5], "1.5"],
            "--checker-accuracy: input should be less than or equal to 1",
        ),
        (["--success-benchmark", "aime", "--cascade", " ", *CASCADE[2:]], "--cascade: string should have at least 1"),
    ],
)
def test_what_cannot_be_is_one_line_with_a_hint(
    usecases: FakeUseCases, options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ASK, *options]) == 2
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {problem}")
    assert hint.startswith("hint: ")
    assert "recommend" not in usecases.calls


def test_own_grades_and_a_benchmark_exclude_each_other(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--quality-floor-from", str(grades), "--success-benchmark", "aime"]) == 2
    assert "exclude each other" in capsys.readouterr().err
    assert run([*ASK, "--quality-floor-from", str(grades), "--min-pass-rate", "1"]) == 2
    assert "error: --min-pass-rate: input should be less than 1" in capsys.readouterr().err


def test_the_answer_in_json_carries_terms_and_figures(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--gpus", "h100-sxm", "--no-simulate", "--draws", "0", "--db", "sqlite://", "-f", "json"]
    assert run([*ASK, *options, "--quality-floor-from", str(grades), "--mistake-usd", "0.01"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["question"]["quality"]["mistake_usd"] == "0.01"
    assert {cost["model"] for cost in body["quality_decision"]["costs"]} == {
        "gemma-4-26b-a4b",
        "diffusiongemma-26b-a4b",
    }
    assert body["quality_decision"]["mistakes"]["flips_to"] == "diffusiongemma-26b-a4b"
