"""`advisor runs`, `export` and `history` on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from advisor.cli.app import run
from advisor.domain.basis import Basis
from advisor.domain.given import GivenRecommendation
from advisor.store import log_recommendation, open_store
from advisor.usecases.results.exporting import import_campaign
from tests.runs import profiled
from tests.unit.store.filled import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeUseCases

GIVEN = GivenRecommendation(
    given_at=datetime(2026, 11, 24, 9, 0, 0, 250_000, tzinfo=UTC),
    question="50 qps of chat within e2e p95 <= 4 s",
    plan="4 x gemma",
    usd_per_month=Decimal("23360.070000000000000001"),
    basis=Basis.PUBLISHED,
    advisor_version="0.1.0",
    evidence_digest="4f53",
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database with two runs."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_store(url) as store:
        store.add_runs(RECORD, [profiled("aaaa1111"), profiled("aaaa2222", concurrency=64)])
    return url


def test_json_has_the_promised_names(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "--db", url, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"schema_version", "runs"}
    first = answer["runs"][0]
    assert {"id", "campaign", "model", "gpu", "concurrency", "request_rate_rps", "output_tok_s", "requests", "failures"} <= set(first)  # fmt: skip
    assert {"valid", "reasons", "tpot_ms", "steps_per_canvas", "basis", "engine_version", "workload", "measured_at", "flags", "discarded", "tool"} <= set(first)  # fmt: skip
    for latency in ("ttft_ms", "e2e_s", "ntpot_ms"):
        assert latency in first
    assert set(first["ttft_ms"]) == {"mean", "p50", "p95", "p99"}


@pytest.mark.parametrize("width", [60, 100])
def test_the_table_fits_the_terminal(
    url: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert run(["runs", "--db", url]) == 0
    text = capsys.readouterr().out
    assert text.startswith("2 runs, 2 of them valid\n")
    assert "aaaa1111" in text
    assert max(map(len, text.splitlines())) <= width


def test_a_run_is_discarded_with_a_reason(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "--db", url, "--discard", "aaaa1111", "--reason", "the fan had failed", "-f", "json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["runs"]
    assert (line["valid"], line["discarded"]) == (False, "the fan had failed")
    assert run(["runs", "--db", url, "--valid", "-f", "json"]) == 0
    assert [line["id"] for line in json.loads(capsys.readouterr().out)["runs"]] == ["aaaa2222"]


@pytest.mark.parametrize("half", [["--discard", "aaaa1111"], ["--reason", "why"]])
def test_discard_and_reason_go_together(url: str, half: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "--db", url, *half]) == 2
    assert capsys.readouterr().err.startswith("error: --discard and --reason go together\n")


def test_filters_reach_the_use_case(usecases: FakeUseCases) -> None:
    asked = [
        "--campaign",
        "chat",
        "--models",
        "a,b",
        "--model",
        "c",
        "--gpus",
        "h100",
        "--valid",
        "--db",
        "sqlite:///x.db",
    ]
    assert run(["runs", *asked]) == 0
    assert usecases.calls["list_runs"] == {
        "database": "sqlite:///x.db",
        "campaign": "chat",
        "models": ("a", "b", "c"),
        "gpus": ("h100",),
        "valid_only": True,
    }


@pytest.mark.parametrize("command", [["runs"], ["history"], ["export", "chat"]])
def test_a_database_that_is_not_there_is_one_clear_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert run([*command, "--db", "sqlite:///no/such.db"]) == 2
    assert capsys.readouterr().err == "error: sqlite:///no/such.db: there is no such database\nhint: check --db\n"
    assert run(command) == 2
    assert "there is no such database\nhint: name one with --db" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_campaign_is_one_clear_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["runs", "--campaign", "chat-h10"], ["export", "chat-h10"]):
        assert run([*command, "--db", url]) == 2
        assert capsys.readouterr().err.splitlines()[0] == "error: unknown campaign 'chat-h10'"


def test_an_export_says_where_it_went_and_can_be_imported(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert run(["export", "chat-h100", "--db", url, "--to", str(folder)]) == 0
    assert capsys.readouterr().out == f"2 runs in 3 files: {folder}\n"
    assert import_campaign(folder, f"sqlite:///{tmp_path / 'other.db'}") == (RECORD.id, 2)


def test_history_lists_what_was_logged_to_the_last_digit(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        log_recommendation(url, GIVEN, question="{}", answer="{}")
    assert run(["history", "--db", url, "--last", "2", "-f", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)["recommendations"]
    assert [GivenRecommendation.model_validate(line) for line in listed] == [
        GIVEN.model_copy(update={"number": number}) for number in (2, 3)
    ]
    assert listed[0]["usd_per_month"] == "23360.070000000000000001"
    assert run(["history", "--db", url]) == 0
    assert capsys.readouterr().out.startswith("3 recommendations given\n")
