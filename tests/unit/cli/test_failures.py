"""Wrong use, no answer, bugs: one line or a traceback, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.errors import ConfidenceError, DataError, InfeasibleError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["recommend", "--qps", "50"]


def _is_one_error(capsys: pytest.CaptureFixture[str], *, about: str) -> None:
    captured = capsys.readouterr()
    error, *hints = captured.err.splitlines()
    assert error.startswith("error: ")
    assert about in error
    assert len(hints) <= 1
    assert all(hint.startswith("hint: ") for hint in hints)
    assert not captured.out


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(
    ("command", "about"),
    [
        ("recommend", "missing --qps"),
        ("recommend --qps 0", "--qps"),
        ("recommend --qps -1", "--qps"),
        ("recommend --qps nan", "--qps"),
        ("recommend --qps inf", "--qps"),
        ("recommend --qps many", "--qps"),
        ("recommend --qps", "--qps"),
        ("recommend --qps 1 --request-rat 2", "--request-rat"),
        ("recommend --qps 1 --isl long", "--isl"),
        ("recommend --qps 1 --headroom 1", "--headroom"),
        ("recommend --qps 1 --headroom -0.1", "--headroom"),
        ("recommend --qps 1 --max-gpus 0", "--max-gpus"),
        ("recommend --qps 1 --max-gpus 1.5", "--max-gpus"),
        ("recommend --qps 1 --top-n 0", "--top-n"),
        ("recommend --qps 1 --max-price-age 0", "--max-price-age"),
        ("recommend --qps 1 --precision fp7", "--precision"),
        ("recommend --qps 1 --price-basis cheap", "--price-basis"),
        ("recommend --qps 1 --gpu-cost H100", "--gpu-cost"),
        ("recommend --qps 1 --gpu-cost =4", "--gpu-cost"),
        ("recommend --qps 1 --gpu-cost H100=dear", "--gpu-cost"),
        ("recommend --qps 1 --gpu-cost H100=0", "--gpu-cost H100"),
        ("recommend --qps 1 --gpu-cost H100=NaN", "--gpu-cost H100"),
        ("recommend --qps 1 --gpu-cost H100=1,H100=2", "second time"),
        ("recommend --qps 1 --min-quality mmlu", "--min-quality"),
        ("recommend --qps 1 --min-quality mmlu=nan", "--min-quality mmlu"),
        ("recommend --qps 1 --burstiness -1", "--burstiness: input should be greater than or equal to 0"),
        ("recommend --qps 1 --burstiness x", "--burstiness: 'x' is no number"),
        ("recommend --qps 1 --burstiness nan", "--burstiness"),
        ("recommend --qps 1 --burstiness inf", "--burstiness"),
        ("recommend --qps 1 --burstiness 1e9", "--burstiness"),
        ("recommend --qps 1 --routing foo", "--routing: unknown rule 'foo'"),
        ("recommend --qps 1 --attainment 1", "--attainment: input should be less than 1"),
        ("recommend --qps 1 --attainment 0", "--attainment: input should be greater than 0"),
        ("recommend --qps 1 --attainment 99%", "--attainment"),
        ("recommend --qps 1 --attainment nan", "--attainment"),
        ("recommend --qps 1 --spares -1", "--spares"),
        ("recommend --qps 1 --spares some", "--spares"),
        ("recommend --qps 1 --availability 1", "--availability"),
        ("recommend --qps 1 --availability 0", "--availability"),
        ("recommend --qps 1 --spares 1 --availability 0.99", "--spares and --availability exclude each other"),
        ("recommend --qps 1 --startup 0", "--startup"),
        ("recommend --qps 1 --startup soon", "--startup: 'soon' is not a positive duration"),
        ("recommend --qps 1 --startup 2h", "--startup"),
        ("recommend --qps 1 --seed -1", "--seed"),
        ("recommend --qps 1 --draws 3", "--draws: input should be 0, or at least 20 for a range of 90 %"),
        ("recommend --qps 1 --seed 0.5", "--seed"),
        ("recommend --qps 1 --trace no-such-file.csv", "no-such-file.csv"),
        ("recommend --qps 1 --profiles no-such-folder", "no-such-folder"),
        ("recommend --qps 1 --format xml", "--format"),
        ("recommend --qps 1 --today yesterday", "--today"),
        ("recommend --qps 1 stray", "stray"),
        ("estimate --gpu g", "missing --model"),
        ("estimate --model m", "missing --gpu"),
        ("estimate --model m --gpu g --concurrency few", "--concurrency"),
        ("estimate --model m --gpu g --concurrency 0", "--concurrency"),
        ("estimate --model m --gpu g --tp 0", "--tensor-parallel"),
        ("estimate --model m --gpu g --slots 0", "--slots"),
        ("estimate --model m --gpu g --precision fp7", "--precision"),
        ("prices --price-basis cheap", "--price-basis"),
        ("schema nothing", "nothing"),
        ("recomend", "recomend"),
        ("--nonsense", "--nonsense"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(command: str, about: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split()) == 2
    _is_one_error(capsys, about=about)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (DataError("gpus/example.yaml: memory", "is no number"), 2),
        (UnknownNameError("GPU", "exmaple", ["example-gpu"]), 2),
        (InfeasibleError("no deployment meets e2e p95 <= 1 ms", hint="the fastest needs 900 ms"), 3),
        (ConfidenceError("the answer rests on modeled figures", hint="measure example-gpu"), 4),
        (InfeasibleError("a sentence\nin two lines"), 3),
    ],
)
def test_an_expected_failure_is_one_line_and_its_exit_code(
    usecases: FakeUseCases, problem: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    usecases.problem = problem
    assert run(ASK) == code
    _is_one_error(capsys, about=" ".join(str(problem).split()))


def test_a_failure_leaves_no_output_file(usecases: FakeUseCases, tmp_path: Path) -> None:
    usecases.problem = InfeasibleError("nothing")
    assert run([*ASK, "--output", str(tmp_path / "answer.json")]) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_an_existing_output_file_as_it_is(usecases: FakeUseCases, tmp_path: Path) -> None:
    kept = tmp_path / "answer.json"
    kept.write_text("yesterday's")
    usecases.problem = InfeasibleError("nothing")
    assert run([*ASK, "--output", str(kept)]) == 3
    assert kept.read_text() == "yesterday's"


@pytest.mark.usefixtures("usecases")
def test_a_folder_that_does_not_exist_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "--output", str(tmp_path / "none" / "answer.json")]) == 2
    _is_one_error(capsys, about="cannot write")


def test_a_bug_in_a_use_case_is_not_dressed_up(usecases: FakeUseCases) -> None:
    usecases.problem = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        run(ASK)


def test_an_interrupt_ends_with_130_and_says_nothing(
    usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]
) -> None:
    usecases.problem = KeyboardInterrupt()
    assert run(ASK) == 130
    captured = capsys.readouterr()
    assert not captured.out
    assert not captured.err.strip()
