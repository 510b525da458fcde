"""`advisor next`, and `advisor profile run --adaptive`: options in, answers and exit codes out."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.domain.next_measurement import LOOKAHEAD_DRAWS
from advisor.report.format import Format
from advisor.report.render import render
from advisor.usecases.measuring_next import adaptive
from tests import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["next", "--qps", "50", "-w", "chat"]


def test_the_answer_is_printed(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*ASK, "-f", "json"]) == 0
    assert capsys.readouterr().out == render(samples.NEXT_MEASUREMENT, Format.JSON)
    asked = usecases.calls["next_measurement"]
    assert asked["question"].draws == LOOKAHEAD_DRAWS
    assert asked["horizon_months"] == 12.0


def test_options_of_a_question_and_a_horizon_reach_it(usecases: FakeUseCases) -> None:
    told = ["--gpus", "h100", "--gpu-cost", "h100=2", "--draws", "900", "--no-simulate", "--horizon-months", "3"]
    assert run([*ASK, *told]) == 0
    asked = usecases.calls["next_measurement"]
    assert asked["question"].gpus == ("h100",)
    assert asked["question"].draws == 900
    assert not asked["question"].simulate
    assert asked["horizon_months"] == 3.0


@pytest.mark.usefixtures("usecases")
def test_the_campaign_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "next.yaml"
    assert run([*ASK, "--write-campaign", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == "name: next\n"
    assert f"written to {path}" in capsys.readouterr().err


def test_nothing_is_written_where_nothing_pays(
    usecases: FakeUseCases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del usecases
    module = ModuleType("advisor.usecases.measuring_next.measurement")
    found = type("Found", (), {"answer": samples.NEXT_MEASUREMENT, "campaign_text": ""})
    module.next_measurement = lambda *_, **__: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    path = tmp_path / "next.yaml"
    assert run([*ASK, "--write-campaign", str(path)]) == 0
    assert not path.exists()
    assert "is not written" in capsys.readouterr().err


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ("next -w chat", "missing --qps"),
        ("next --qps 5 --horizon-months 0", "--horizon-months 0 is no horizon"),
        ("next --qps 5 --horizon-months nan", "is no horizon"),
        ("next --qps 5 --horizon-months x", "--horizon-months"),
        ("profile run", "name a campaign file, an answer with --adaptive, or a running server"),
        ("profile run --demo --endpoint x --model a --gpu b", "--demo is for --adaptive"),
        ("profile run --adaptive missing.json", "missing.json"),
        ("profile run --adaptive trace.csv --endpoint x", "name a campaign file, an answer with --adaptive"),
        ("profile run --adaptive trace.csv --concurrency 4", "--concurrency is for --endpoint"),
        ("profile run --adaptive trace.csv --isl 4", "--isl is for --endpoint"),
        ("profile run --adaptive trace.csv", "holds no answer with a question"),
    ],
)
def test_what_makes_no_sense_is_wrong_use(
    arguments: str, about: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trace.csv").write_text("t_s\n", encoding="utf-8")
    assert run(arguments.split()) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert about in captured.err.splitlines()[0]


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the loop is called with; it answers that it settled after a step."""
    asked: dict[str, Any] = {"stopped": "", "failed": 0}

    def measure(question: Any, **told: Any) -> Any:
        asked.update(question=question, **told)
        first = samples.ADAPTIVE_RUN.steps[0].model_copy(update={"failed": asked["failed"]})
        return samples.ADAPTIVE_RUN.model_copy(update={"stopped_because": asked["stopped"], "steps": (first,)})

    monkeypatch.setattr(adaptive, "measure_until_settled", measure)
    return asked


@pytest.fixture
def an_answer(tmp_path: Path) -> str:
    path = tmp_path / "answer.json"
    path.write_text(samples.RECOMMENDATION.model_dump_json(), encoding="utf-8")
    return str(path)


def test_measuring_goes_on_for_the_question_of_an_answer(
    settled: dict[str, Any], an_answer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--demo", "--max-gpu-hours", "2", "--most-cells", "3", "--requests", "9", "--campaigns", str(tmp_path)]
    assert run(["profile", "run", "--adaptive", an_answer, *told]) == 0
    assert settled["question"].qps == samples.QUESTION.qps
    assert settled["question"].draws == LOOKAHEAD_DRAWS
    adapting = settled["adapting"]
    assert (adapting.server, adapting.most_cells, adapting.folder) == ("demo", 3, tmp_path)
    assert adapting.limits.gpu_hours == 2.0
    assert adapting.rules.model_dump(exclude_unset=True) == {"requests": 9}
    assert "Settled, 1 deployment measured" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("state", "about"),
    [({"stopped": "2 GPU-hours are used up"}, "not settled: 2 GPU-hours are used up"), ({"failed": 2}, "not all of")],
)
def test_what_was_not_settled_or_not_measured_decides_the_exit_code(
    settled: dict[str, Any], an_answer: str, capsys: pytest.CaptureFixture[str], state: dict[str, Any], about: str
) -> None:
    settled.update(state)
    assert run(["profile", "run", "--adaptive", an_answer]) == 5
    assert about in capsys.readouterr().err


def test_decisions_are_judged_on_request(usecases: FakeUseCases, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "decide", "--quick", "--seed", "3", "-f", "json"]) == 0
    assert usecases.calls["validate_decide"] == {"profiles": None, "quick": True, "seed": 3, "watch": None}
    assert capsys.readouterr().out == render(samples.DECIDE_VALIDATION, Format.JSON)
