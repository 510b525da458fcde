"""`advisor import` as it is typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from advisor.catalog.results import FORMATS, Told
from advisor.cli.app import run
from advisor.domain.model import Content, Precision
from tests.unit.catalog.results.told import SAMPLES, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

DETAILED = str(SAMPLES / "vllm-bench" / "detailed.json")


def test_options_become_what_is_told(usecases: FakeUseCases) -> None:
    server = "--model gemma-4-26b --gpu h100 --precision FP8 --tp 2 --slots 64 --engine vllm --engine-version 0.33.0"
    asking = "--speculative mtp --content chat -w rag --date 2026-07-04"
    assert run(f"import a b --format csv {server} {asking}".split()) == 0
    asked = usecases.calls["import_results"]
    assert [str(path) for path in asked["paths"]] == ["a", "b"]
    assert asked["fmt"] == "csv"
    assert asked["given"] == Told(
        model="gemma-4-26b",
        gpu="h100",
        precision=Precision.FP8,
        tensor_parallel=2,
        slots=64,
        engine="vllm",
        engine_version="0.33.0",
        speculative="mtp",
        content=Content.CHAT,
        workload="rag",
        measured_at=datetime(2026, 7, 4, tzinfo=UTC),
    )


def test_nothing_is_told_by_default(usecases: FakeUseCases) -> None:
    assert run(["import", "a"]) == 0
    asked = usecases.calls["import_results"]
    assert (asked["given"], asked["fmt"], asked["database"], asked["profiles"]) == (Told(), None, None, None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("import", "missing PATHS"),
        ("import a --format excel", "--format: unknown format 'excel'"),
        ("import a --precision fp2", "--precision: unknown 'fp2'"),
        ("import a --content poetry", "--content: unknown 'poetry'"),
        ("import a --date yesterday", "--date: 'yesterday' is no date"),
        ("import a --tp 0", "--tensor-parallel: 0 is not in the range x>=1"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    line: str, problem: str, usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    assert f"error: {problem}" in capsys.readouterr().err
    assert not usecases.calls


def test_help_names_every_format_and_says_how_to_tell_vllm_bench(capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", "--help"])
    text = capsys.readouterr().out
    assert all(fmt.name in text for fmt in FORMATS)
    assert "--metadata" in text


def test_a_result_is_in_the_database_after_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    assert run(["import", DETAILED, "--gpu", "h100", "--db", url, "--show", "json"]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert (imported["added"], imported["known"], len(imported["runs"])) == (1, 0, 1)
    assert run(["runs", "--db", url, "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == imported["runs"]


def test_a_bad_file_is_one_line_with_file_and_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = written(tmp_path, "bad.csv", "concurrency,request_rate_rps\n1,fast\n")
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    assert run(["import", DETAILED, str(bad), "--gpu", "h100", "--model", "gemma-4-26b", "--db", url]) == 2
    assert capsys.readouterr().err == (
        f"error: {bad}:2: column request_rate_rps: should be a number of at least 0, not 'fast'\n"
    )
    assert not (tmp_path / "runs.db").exists()
