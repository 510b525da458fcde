"""The load page: the plan under whatever comes, and the fleet that follows the hours."""

from __future__ import annotations

import json
from shlex import split
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.looking import look, words

pytest.importorskip("streamlit")

if TYPE_CHECKING:
    from pathlib import Path

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb"}
DAY = "servegen-reason-deepseek-r1-day"


def figures(shown) -> dict[str, str]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - an extra
    return {metric.label: metric.value for metric in shown.metric}


def test_the_plan_is_simulated_as_planned() -> None:
    shown = look("load", **QUICK)
    assert not shown.exception
    assert not shown.error
    assert "20,000 requests of chat, arriving at random" in words(shown)
    assert any("kept" in label for label in figures(shown))
    assert {"Utilization", "Slots in use", "Waiting"} <= set(figures(shown))
    assert len(shown.get("vega_lite_chart")) == 3


def test_the_figures_are_those_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from advisor.cli.app import run  # noqa: PLC0415 - the extra is there
    from advisor.report.simulation import within  # noqa: PLC0415 - likewise

    shown = look("load", **QUICK, **{"load.replicas": "2", "load.requests": "2000"})
    commands = next(code.value for code in shown.code if "simulate" in code.value).splitlines()
    assert commands[1].endswith("--replicas 2 --requests 2000")
    monkeypatch.chdir(tmp_path)
    assert [
        run(split(command)[1:]) for command in (*commands[:1], f"{commands[1]} --format json --output run.json")
    ] == [0, 0]
    told = json.loads((tmp_path / "run.json").read_text())
    assert shown.dataframe[0].value["within"][0] == within(told["attainment"][0]["share"])
    assert figures(shown)["Slots in use"].endswith(f"of {told['slots']:,}")
    assert told["replicas"] == 2


def test_fewer_requests_and_bursts_are_asked_for_as_on_the_command_line() -> None:
    shown = look("load", **QUICK, **{"load.arrivals": "in bursts", "load.burstiness": "9", "load.requests": "500"})
    assert not shown.exception
    assert "--burstiness 9 --requests 500" in " ".join(code.value for code in shown.code)
    assert "500 requests of chat, arriving with a squared variation of 9" in words(shown)


def test_a_day_is_simulated_and_a_fleet_that_follows_it_is_priced() -> None:
    shown = look(
        "load", **QUICK, **{"load.arrivals": "along a day or week", "load.daily": DAY, "load.requests": "5000"}
    )
    assert not shown.exception
    assert f"along the 24 hours of {DAY}" in words(shown).replace("\\", "")
    assert {"Static, per month", "By the hour, per month", "Saved"} <= set(figures(shown))
    assert f"--daily-profile {DAY}" in shown.code[-1].value


def test_a_trace_is_asked_for_before_it_is_replayed() -> None:
    shown = look("load", **QUICK, **{"load.arrivals": "as in a trace"})
    assert not shown.exception
    assert "Upload a trace" in shown.info[0].value
    assert not shown.metric


def _under_a_trace(tmp_path: Path, content: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - an extra
    from dashboard.answers import Failure, recommended  # noqa: PLC0415 - likewise
    from dashboard.load_answers import TRACE, Load, simulation  # noqa: PLC0415 - likewise
    from dashboard.state import Asked  # noqa: PLC0415 - likewise
    from dashboard.uploads import Upload  # noqa: PLC0415 - likewise

    path = tmp_path / "0123456789abcdef.csv"
    path.write_text(content)
    asked = Asked(tuple(QUICK.items()))
    answer = recommended(asked.arguments)
    assert not isinstance(answer, Failure)
    return simulation(asked, Load(source=TRACE, trace=Upload("mine.csv", str(path))), answer)


def test_a_broken_trace_names_its_file_line_and_field(tmp_path: Path) -> None:
    found = _under_a_trace(tmp_path, "t_s,input_tokens,output_tokens\n0,800,300\n1,many,300\n")
    assert found.message.startswith("mine.csv:3")
    assert "input_tokens" in found.message
    assert str(tmp_path) not in found.message


def test_a_trace_takes_the_place_of_the_planned_arrivals(tmp_path: Path) -> None:
    rows = "".join(f"{i / 7},{500 + i},{50 + i % 40}\n" for i in range(300))
    found = _under_a_trace(tmp_path, f"t_s,input_tokens,output_tokens\n{rows}")
    assert found.requests == 300
    assert found.qps == pytest.approx(5.0)


def test_too_short_a_run_is_refused_in_words() -> None:
    from dashboard.answers import Failure, recommended  # noqa: PLC0415 - likewise
    from dashboard.load_answers import Load, simulation  # noqa: PLC0415 - likewise
    from dashboard.state import Asked  # noqa: PLC0415 - likewise

    asked = Asked(tuple(QUICK.items()))
    answer = recommended(asked.arguments)
    assert not isinstance(answer, Failure)
    found = simulation(asked, Load(requests=5), answer)
    assert isinstance(found, Failure)
    assert "Requests to simulate" in found.message


def test_a_question_without_an_answer_has_nothing_to_simulate() -> None:
    shown = look("load", **QUICK, e2e="5ms")
    assert not shown.exception
    assert "Nothing meets this question" in words(shown)
    assert not shown.metric
