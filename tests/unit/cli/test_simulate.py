"""`advisor simulate` from its options: plans, loads, pictures, and everything that can be wrong with them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.domain.model import Precision
from advisor.domain.question import EstimateQuestion
from advisor.domain.routing import Routing
from advisor.domain.simulation import SimulationQuestion
from advisor.report.structured import as_json
from tests import samples
from tests.fakes import DAILY, PLAN
from tests.shipped import DIFFUSION, GEMMA, NO_DATABASE, ROOT, answer, question, workload

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import Recommendation
    from tests.fakes import FakeUseCases

PLAIN = "simulate --model m --gpu g --qps 5"
PLANNED = "simulate --plan plan.json"
TRACE = str(ROOT / "traces" / "azure-conversation-2023.csv")


def asked(usecases: FakeUseCases, command: str) -> SimulationQuestion:
    assert run(command.split()) == 0
    found = usecases.calls["simulate"]["question"]
    assert isinstance(found, SimulationQuestion)
    return found


def refused(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a command is refused, and check that it is one."""
    capsys.readouterr()
    assert run(command.split()) == 2
    captured = capsys.readouterr()
    error, *hints = captured.err.splitlines()
    assert error.startswith("error: ")
    assert len(hints) <= 1
    assert not captured.out
    return error


def test_a_plain_simulation_keeps_every_default_of_the_domain(usecases: FakeUseCases) -> None:
    served = EstimateQuestion(model="m", gpu="g", workload=samples.WORKLOAD)
    assert asked(usecases, PLAIN) == SimulationQuestion(served=served, qps=5, slo=samples.QUESTION.slo)


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("--replicas 3", "replicas", 3),
        ("--qps 7.5", "qps", 7.5),
        ("--request-rate 7.5", "qps", 7.5),
        ("--burstiness 4", "burstiness", 4.0),
        ("--daily-profile a-day", "daily", DAILY),
        ("--daily-profile none", "daily", None),
        ("--routing rr", "routing", Routing.ROUND_ROBIN),
        ("--attainment 0.99", "attainment", 0.99),
        ("--requests 500", "requests", 500),
        ("--duration 300", "duration_s", 300.0),
        ("--duration 5min", "duration_s", 300.0),
        ("--seed 7", "seed", 7),
    ],
)
@pytest.mark.parametrize("command", [PLAIN, PLANNED])
def test_an_option_reaches_its_field_and_overrides_the_plan(
    usecases: FakeUseCases, command: str, arguments: str, field: str, value: Any
) -> None:
    assert getattr(asked(usecases, f"{command} {arguments}"), field) == value


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("--model other", "model", "other"),
        ("--gpu other", "gpu", "other"),
        ("--precision NVFP4", "precision", Precision.NVFP4),
        ("--tp 2", "tensor_parallel", 2),
        ("--slots 8", "slots", 8),
        ("--speculative none", "speculative", "none"),
    ],
)
@pytest.mark.parametrize("command", [PLAIN, PLANNED])
def test_an_option_of_the_deployment_reaches_it_and_overrides_the_plan(
    usecases: FakeUseCases, command: str, arguments: str, field: str, value: Any
) -> None:
    assert getattr(asked(usecases, f"{command} {arguments}").served, field) == value


def test_a_plan_says_everything_that_the_command_line_does_not(usecases: FakeUseCases) -> None:
    found, chosen, load = asked(usecases, PLANNED), samples.CHOSEN, PLAN.question
    assert usecases.calls["read_plan"]["path"].name == "plan.json"
    assert usecases.calls["build_workload"]["planned"] == load.workload
    assert found.served == EstimateQuestion(
        model=chosen.model,
        gpu=chosen.gpu,
        precision=chosen.precision,
        tensor_parallel=chosen.tensor_parallel,
        slots=chosen.max_num_seqs,
        speculative=chosen.speculative,
        workload=samples.WORKLOAD,
    )
    assert (found.replicas, found.routing) == (chosen.replicas, chosen.routing)
    assert (found.qps, found.slo, found.attainment, found.daily) == (load.qps, load.slo, load.attainment, load.daily)
    assert "build_slo" not in usecases.calls


def test_own_objectives_come_in_the_place_of_those_of_the_plan(usecases: FakeUseCases) -> None:
    asked(usecases, f"{PLANNED} --e2e 4s --percentile p99")
    assert (usecases.calls["build_slo"]["e2e"], usecases.calls["build_slo"]["percentile"]) == ("4s", "p99")


def test_profiles_and_database_reach_the_use_case(usecases: FakeUseCases, tmp_path: Path) -> None:
    asked(usecases, f"{PLAIN} --profiles {tmp_path} --db sqlite:///runs.db")
    told = usecases.calls["simulate"]
    assert (told["profiles"], told["database"]) == (tmp_path, "sqlite:///runs.db")


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(
    ("command", "about"),
    [
        ("simulate --gpu g --qps 1", "missing --model"),
        ("simulate --model m --qps 1", "missing --gpu"),
        ("simulate --model m --gpu g", "missing --qps"),
        (f"{PLAIN} --qps 0", "--qps"),
        (f"{PLAIN} --replicas 0", "--replicas"),
        (f"{PLAIN} --replicas 5000", "--replicas"),
        (f"{PLAIN} --requests 99", "--requests"),
        (f"{PLAIN} --duration soon", "--duration: 'soon' is not a positive duration"),
        (f"{PLAIN} --requests 500 --duration 1min", "--requests and --duration exclude each other"),
        (f"{PLAIN} --seed -1", "--seed"),
        (f"{PLAIN} --burstiness x", "--burstiness"),
        (f"{PLAIN} --routing foo", "--routing"),
        (f"{PLAIN} --attainment 1", "--attainment"),
        (f"{PLAIN} --trace none.csv", "none.csv"),
        (f"{PLAIN} --plot picture.jpg", "--plot: 'picture.jpg' is no kind of picture"),
        (f"{PLAIN} --plot picture", "--plot"),
    ],
)
def test_wrong_use_is_one_line(command: str, about: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert about in refused(command, capsys)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ":1:1: is no JSON"),
        ("{", ":1:2: is no JSON"),
        ("[1, 2]", ": holds no decision of a recommendation"),
        ('{"schema_version": 1, "gpus": []}', ": holds no decision of a recommendation"),
        ('{"schema_version": 2, "decision": {}}', ": field schema_version: should be 1, not 2"),
        ('{"schema_version": 1, "decision": {}}', ": field decision.candidate: is missing"),
        ('{"schema_version": 1, "decision": null}', ": field decision: "),
    ],
)
def test_a_file_that_is_no_plan_is_one_line(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    assert refused(f"simulate --plan {path}", capsys).startswith(f"error: {path}{problem}")


def test_a_plan_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused("simulate --plan no-such.json", capsys) == "error: no-such.json: no such file"


def written(plan: Recommendation, folder: Path) -> Path:
    path = folder / "plan.json"
    path.write_text(as_json(plan), encoding="utf-8")
    return path


def simulated(command: str, folder: Path) -> dict[str, Any]:
    path = folder / "simulation.json"
    assert run([*command.split(), "--db", NO_DATABASE, "-o", str(path)]) == 0
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "more",
    [
        {"models": (GEMMA,)},
        {"models": (DIFFUSION,)},
        {"models": (GEMMA,), "burstiness": 4.0, "attainment": 0.9},
        {"models": (DIFFUSION,), "routing": Routing.ROUND_ROBIN, "work": workload(cv=0.5)},
    ],
)
def test_a_plan_and_its_simulation_agree_on_how_many_requests_are_in_time(more: dict[str, Any], tmp_path: Path) -> None:
    plan = answer(question(30, "e2e:p95<4s", **more))
    chosen, found = plan.decision.candidate, simulated(f"simulate --plan {written(plan, tmp_path)}", tmp_path)
    for name in ("contender", "gpu", "max_num_seqs", "max_num_batched_tokens", "replicas", "routing", "checkpoint"):
        assert found[name] == getattr(chosen, name)
    (line,) = found["attainment"]
    planned = chosen.attainment
    assert planned.low is not None
    assert planned.high is not None
    assert line["objective"] == planned.objective
    assert line["low"] <= planned.high
    assert planned.low <= line["high"]
    assert found["utilization"] == pytest.approx(chosen.utilization, rel=1e-6)
    assert found["saturation_qps"] == pytest.approx(chosen.saturation_qps.value)


def test_a_plan_made_from_a_trace_is_met_by_that_very_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "plan.json"
    assert (
        run(["recommend", "--qps", "20", "--trace", TRACE, "--db", NO_DATABASE, "--gpus", "h100", "-o", str(made)]) == 0
    )
    planned = json.loads(made.read_text(encoding="utf-8"))["decision"]["candidate"]["attainment"]
    again = simulated(f"simulate --plan {made} --trace {TRACE}", tmp_path)
    assert (again["trace"], again["requests"], again["qps"]) == ("azure-conversation-2023", 4_000, 20.0)
    assert again["attainment"][0]["share"] == planned["simulated"]
    drawn = simulated(f"simulate --plan {made} --burstiness 1", tmp_path)
    assert (drawn["trace"], drawn["requests"]) == (None, 20_000)
    assert drawn["input_tokens"] == again["input_tokens"]
    error = refused(f"simulate --plan {made}", capsys)
    assert error.endswith(
        "the plan was made from the trace azure-conversation-2023, whose times of arrival it does not carry"
    )


def test_a_trace_comes_in_the_place_of_the_planned_hours_at_the_rate_of_the_busiest(tmp_path: Path) -> None:
    plan = answer(question(10, "e2e:p95<4s", daily=DAILY))
    path = written(plan, tmp_path)
    assert simulated(f"simulate --plan {path} --requests 2000", tmp_path)["hours"]["profile"] == "a-day"
    for other in (f"--trace {TRACE}", "--daily-profile none"):
        found = simulated(f"simulate --plan {path} {other}", tmp_path)
        assert (found["hours"], found["qps"]) == (None, pytest.approx(15.0))


def test_a_trace_is_told_what_the_plan_knows_of_its_content(tmp_path: Path) -> None:
    work = workload().model_copy(update={"steps_per_canvas": 20.0})
    path = written(answer(question(2, "e2e:p95<6s", models=(DIFFUSION,), work=work)), tmp_path)
    slow, fast = (
        simulated(f"simulate --plan {path} --trace {TRACE} {steps}", tmp_path)["saturation_qps"]
        for steps in ("", "--steps 10")
    )
    assert slow < 0.7 * fast


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!DOCTYPE html>")])
def test_a_picture_is_written_whole_beside_the_answer(
    suffix: str, start: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"picture.{suffix}"
    assert run([*PLAIN.split(), "--plot", str(path), "-f", "json"]) == 0
    assert path.read_bytes().lstrip().startswith(start)
    assert list(tmp_path.iterdir()) == [path]
    captured = capsys.readouterr()
    assert captured.out == as_json(samples.SIMULATION)
    assert captured.err == f"written to {path}\n"


@pytest.mark.usefixtures("usecases")
def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no folder" in refused(f"{PLAIN} --plot {tmp_path / 'none' / 'picture.svg'}", capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_libraries_that_draw_one_line_says_how_to_get_them_before_anything_is_simulated(
    usecases: FakeUseCases, missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "advisor.report.plot", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    assert run([*PLAIN.split(), "--plot", "picture.png"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error: --plot needs {missing}, which is not installed",
        "hint: pip install 'advisor[plot]'",
    ]
    assert "simulate" not in usecases.calls


def test_a_terminal_of_ascii_gets_bars_of_ascii() -> None:
    command = [
        sys.executable,
        "-m",
        "advisor",
        *shlex.split("simulate --model gemma-4-26b --gpu h100 --qps 5 --requests 500"),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*command, "--db", NO_DATABASE], capture_output=True, check=True, env=environment)
    text = done.stdout.decode("ascii")
    assert "Over time" in text
    assert "?" not in text.split("Sources")[0]
