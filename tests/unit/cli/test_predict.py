"""`advisor predict` on the command line: options, failures, and what it prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from advisor.cli.app import run
from advisor.domain.model import Decode
from advisor.domain.prediction import PredictQuestion
from advisor.domain.routing import Routing
from advisor.report.format import Format
from advisor.report.render import render
from advisor.report.structured import schema_of
from tests import samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

ASK = ["predict", "--profile", "server.csv", "--rate", "20"]
PROFILE = "concurrency,request_rate_rps,e2e_mean_s\n1,1,1\n4,3,1.33\n16,8,2\n32,8,4\n"


@pytest.fixture
def server(tmp_path: Path) -> str:
    path = tmp_path / "server.csv"
    path.write_text(PROFILE, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("--burstiness 4", "burstiness", 4.0),
        ("--burstiness constant", "burstiness", 0.0),
        ("--burstiness Poisson", "burstiness", 1.0),
        ("--replicas 4", "replicas", 4),
        ("--routing round-robin", "routing", Routing.ROUND_ROBIN),
        ("--routing p2c", "routing", Routing.POWER_OF_TWO),
        ("--slots 64", "slots", 64),
        ("--max-num-seqs 64", "slots", 64),
        ("--decode autoregressive", "decode", Decode.AUTOREGRESSIVE),
        ("--decode block-diffusion", "decode", Decode.BLOCK_DIFFUSION),
        ("--decode BLOCK_DIFFUSION", "decode", Decode.BLOCK_DIFFUSION),
        ("--no-simulate", "simulate", False),
        ("--seed 7", "seed", 7),
    ],
)
def test_an_option_reaches_its_field(usecases: FakeUseCases, arguments: str, field: str, value: Any) -> None:
    assert run([*ASK, *arguments.split()]) == 0
    assert getattr(usecases.calls["predict"]["question"], field) == value


@pytest.mark.parametrize("option", ["--rate", "--qps", "--request-rate"])
def test_a_plain_question_keeps_every_default(usecases: FakeUseCases, option: str) -> None:
    assert run(["predict", "--profile", "server.csv", option, "20"]) == 0
    assert usecases.calls["predict"]["question"] == PredictQuestion(rate_qps=20)
    assert usecases.calls["predict"]["profile"].name == "server.csv"


@pytest.mark.usefixtures("usecases")
@pytest.mark.parametrize("fmt", Format)
def test_the_answer_is_shown_in_every_format(
    fmt: Format, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert run([*ASK, "--format", fmt.value]) == 0
    assert capsys.readouterr().out == render(samples.PREDICTION, fmt, width=100)


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        ("--rate 5", "missing --profile"),
        ("--profile FILE", "missing --rate"),
        ("--profile FILE --rate 0", "--rate"),
        ("--profile FILE --rate nan", "--rate"),
        ("--profile FILE --rate fast", "--rate"),
        ("--profile FILE --rate 5 --replicas 0", "--replicas"),
        ("--profile FILE --rate 5 --replicas 9999", "--replicas"),
        ("--profile FILE --rate 5 --slots 0", "--slots"),
        ("--profile FILE --rate 5 --burstiness -1", "--burstiness"),
        ("--profile FILE --rate 5 --burstiness some", "--burstiness: 'some' is no number"),
        ("--profile FILE --rate 5 --routing nearest", "--routing: unknown rule 'nearest'"),
        ("--profile FILE --rate 5 --decode diffusion", "--decode: unknown kind 'diffusion'"),
        ("--profile FILE --rate 5 --seed -1", "--seed"),
        ("--profile none.csv --rate 5", "none.csv: no such file"),
        ("--profile . --rate 5", "is a folder"),
        ("--profile FILE --rate 5 stray", "stray"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: str, about: str, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", *arguments.replace("FILE", server).split()]) == 2
    captured = capsys.readouterr()
    error, *hints = captured.err.splitlines()
    assert error.startswith("error: ")
    assert about in error
    assert len(hints) <= 1
    assert not captured.out


def test_a_bad_profile_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("concurrency,request_rate_rps\n1,2\n1,3\n", encoding="utf-8")
    assert run(["predict", "--profile", str(path), "--rate", "1"]) == 2
    assert f"error: {path}:3: column concurrency: 1 comes a second time\n" in capsys.readouterr().err


def test_a_rate_at_saturation_exits_with_3_and_says_what_would_do(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "--profile", server, "--rate", "20"]) == 3
    captured = capsys.readouterr()
    assert "error: 20 requests/s reach the saturation rate of 8 requests/s (1 x 8)\n" in captured.err
    assert "hint: 3 replicas would carry it, at 83% of saturation\n" in captured.err
    assert not captured.out


def test_json_satisfies_its_schema_and_holds_what_scripts_look_for(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "--profile", server, "--rate", "4", "--slots", "16", "-f", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema_of("predict")).validate(answer)
    assert answer["ttft_ms"] is None
    assert set(answer["e2e_s"]) == {"mean", "p50", "p95", "p99"}
    assert answer["utilization"] == pytest.approx(0.5)
    assert answer["saturation_qps"] == pytest.approx(8.0)
    assert answer["in_range"] is True
    assert answer["decided_by"] == "formula"
    assert answer["warnings"] == []


def test_help_names_the_columns_of_a_profile_and_what_an_anchor_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for column in ("concurrency", "request_rate_rps", "ttft_mean_ms", "e2e_p95_s", "output_tokens"):
        assert column in text
    assert "A row without concurrency is an open-loop run" in text
