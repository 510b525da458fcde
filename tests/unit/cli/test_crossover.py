"""`advisor crossover` and `advisor sensitivity` on the command line: what they ask, and one line for what cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.domain.crossover import USUAL_SCOPES, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["--qps", "20", "-w", "chat", "--today", "2026-11-24"]


def test_without_an_axis_the_load_is_varied_overall_and_by_gpu(usecases: FakeUseCases) -> None:
    assert run(["crossover", *ASK]) == 0
    asked = usecases.calls["crossover"]
    assert (asked["axis"], asked["within"], asked["scopes"]) == ("qps", None, USUAL_SCOPES)
    assert asked["question"].simulate is False


def test_ranges_take_units_where_the_axis_is_a_time(usecases: FakeUseCases) -> None:
    assert run(["crossover", *ASK, "--axis", "e2e", "--range", "500ms:8s", "--by", "gpu,basis"]) == 0
    asked = usecases.calls["crossover"]
    assert asked["within"] == (0.5, 8.0)
    assert asked["scopes"] == (Scope.GPU, Scope.BASIS)


def test_two_axes_make_a_map_and_each_takes_its_range(usecases: FakeUseCases) -> None:
    axes = ["--axis", "qps,price:h100-sxm", "--range", "1:100", "--points", "16"]
    assert run(["crossover", *ASK, *axes]) == 0
    asked = usecases.calls["crossover_map"]
    assert asked["axes"] == ("qps", "price:h100-sxm")
    assert asked["within"] == ((1.0, 100.0), None)
    assert asked["points"] == 16


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--range", "nonsense"], "--range: cannot read 'nonsense'"),
        (["--range", "1:2", "--range", "3:4"], "there are more --range than --axis"),
        (["--by", "planet"], "--by: unknown scope 'planet'"),
        (["--axis", "qps,e2e,steps"], "3 axes are too many"),
        (["--axis", "qps,qps"], "--axis qps is named twice"),
        (["--axis", "qps", "--axis", "QPS"], "--axis qps is named twice"),
        (["--axis", "qps,steps", "--by", "gpu"], "--by does not go with two axes"),
        (["--points", "8"], "--points is for maps"),
        (["--axis", "qps,steps", "--points", "1"], "--points 1 is out of range"),
        (["--plot", "flips.txt"], "--plot: 'flips.txt' is no kind of picture"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    usecases: FakeUseCases, options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["crossover", *ASK, *options]) == 2
    assert "crossover" not in usecases.calls
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "suffix"),
    [(["crossover"], "png"), (["crossover", "--axis", "qps,steps"], "svg"), (["sensitivity"], "svg")],
)
def test_every_answer_can_be_drawn(usecases: FakeUseCases, command: list[str], suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    path = tmp_path / f"drawn.{suffix}"
    assert run([*command, *ASK, "--plot", str(path)]) == 0
    assert usecases.calls
    start = {"png": b"\x89PNG", "svg": b"<svg"}[suffix]
    assert path.read_bytes().lstrip().startswith(start)


def test_a_recommendation_shows_inputs_where_that_is_asked_for(usecases: FakeUseCases) -> None:
    assert run(["recommend", *ASK]) == 0
    assert "with_sensitivity" not in usecases.calls
    assert run(["recommend", *ASK, "--sensitivity"]) == 0
    assert "with_sensitivity" in usecases.calls


def test_sensitivity_answers_in_json(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sensitivity", *ASK, "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema_version"] == 1
    assert [lever["name"] for lever in found["levers"]] == ["e2e", "speed:winner", "availability"]
    assert usecases.calls["sensitivity"]["question"].simulate is False
