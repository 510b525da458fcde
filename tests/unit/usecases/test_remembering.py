"""What is remembered of a recommendation, and that nothing is where there is no database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor import __version__
from advisor.cli.app import run
from advisor.domain.answer import Caution, Recommendation
from advisor.domain.basis import Basis
from advisor.domain.question import Question
from advisor.store import doors, open_store
from advisor.store.locations import impatient
from advisor.usecases.remembering import SIMULATED_EVIDENCE, given_of
from tests import samples
from tests.runs import MEASURED_AT, keep, profiled

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.given import GivenRecommendation

ASK = [
    "recommend",
    "--qps",
    "5",
    "--isl",
    "800",
    "--osl",
    "300",
    "--models",
    "gemma-4-26b",
    "--gpus",
    "h100-sxm",
    "--no-simulate",
]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "runs.db"


def log(file: Path) -> tuple[GivenRecommendation, ...]:
    with open_store(f"sqlite:///{file}") as store:
        return store.recommendations()


def ask(file: Path, *more: str) -> int:
    return run([*ASK, "--db", f"sqlite:///{file}", *more])


def test_an_answer_is_remembered_with_its_question_and_the_version(file: Path) -> None:
    keep(f"sqlite:///{file}", profiled("a"))
    assert ask(file) == 0
    (given,) = log(file)
    assert given.question.startswith("5 qps of 800-in-300-out within ")
    assert "gemma-4-26b-a4b" in given.plan
    assert (given.basis, given.advisor_version) == (Basis.MODELED, __version__)
    ((question, answer),) = sqlite3.connect(file).execute("SELECT question, answer FROM recommendations").fetchall()
    kept = Recommendation.model_validate_json(answer)
    assert Question.model_validate_json(question) == kept.question
    assert kept.decision.candidate.usd_per_month == given.usd_per_month


def test_another_run_in_the_database_is_another_evidence(file: Path) -> None:
    keep(f"sqlite:///{file}", profiled("a"))
    ask(file)
    ask(file)
    keep(f"sqlite:///{file}", profiled("b", concurrency=16, measured_at=MEASURED_AT + timedelta(hours=1)))
    ask(file)
    first, again, later = (given.evidence_digest for given in log(file))
    assert first == again != later


def test_no_database_is_made_for_the_log(file: Path, tmp_path: Path) -> None:
    assert run(ASK) == 0
    assert run([*ASK, "--db", "sqlite://"]) == 0
    assert list(tmp_path.iterdir()) == []
    assert not file.exists()


def test_the_usual_database_keeps_the_log_where_it_is_there(file: Path, tmp_path: Path) -> None:
    usual = tmp_path / "home" / "advisor" / "advisor.db"
    keep(f"sqlite:///{usual}", profiled("a"))
    assert run(ASK) == 0
    assert len(log(usual)) == 1
    assert not file.exists()


def test_a_database_that_cannot_be_written_is_warned_about_once_and_the_answer_comes(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(f"sqlite:///{file}", profiled("a"))
    assert run([*ASK, "--db", f"sqlite:///file:{file}?mode=ro&uri=true", "-f", "json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["decision"]["candidate"]["model"] == "gemma-4-26b-a4b"
    (line,) = told.err.splitlines()
    assert line.startswith("warning: this answer is not in the log of recommendations: ")
    assert log(file) == ()


def test_a_simulated_answer_is_accepted_where_it_is_asked_for_and_refused_by_name(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    levels: dict[int, float] = {1: 500.0, 8: 3000.0, 64: 12000.0}
    keep(
        f"sqlite:///{file}",
        *(profiled(f"d{c}", concurrency=c, output_tok_s=v, basis=Basis.SIMULATED) for c, v in levels.items()),
    )
    fp8: list[Any] = ["--precision", "fp8"]
    assert ask(file, *fp8, "--allow-simulated") == 0
    assert "SIMULATED" in capsys.readouterr().out.splitlines()[0]
    assert [given.basis for given in log(file)] == [Basis.SIMULATED]
    assert ask(file, *fp8) == 0
    assert "3 runs of the demo engine are left out" in capsys.readouterr().out
    assert ask(file, *fp8, "--allow-simulated", "--min-basis", "modeled") == 4


def test_a_plan_chosen_among_simulated_speeds_is_remembered_as_simulated() -> None:
    assert given_of(samples.RECOMMENDATION).basis is samples.RECOMMENDATION.decision.candidate.basis
    rehearsal = Caution(code=SIMULATED_EVIDENCE, message="SIMULATED: a rehearsal")
    assert given_of(samples.RECOMMENDATION.model_copy(update={"warnings": (rehearsal,)})).basis is Basis.SIMULATED
    (first, *others) = samples.RECOMMENDATION.candidates
    shown = (first, *(plan.model_copy(update={"basis": Basis.SIMULATED}) for plan in others))
    assert given_of(samples.RECOMMENDATION.model_copy(update={"candidates": shown})).basis is Basis.SIMULATED


def test_an_answer_is_not_held_up_by_a_database_that_another_process_writes_to(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doors.LOG_PATIENCE_S <= 1.0
    monkeypatch.setattr(doors, "LOG_PATIENCE_S", 0.01)
    keep(f"sqlite:///{file}", profiled("a"))
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert ask(file) == 0
    told = capsys.readouterr()
    assert "gemma-4-26b-a4b" in told.out
    (line,) = told.err.splitlines()
    assert line == f"warning: this answer is not in the log of recommendations: {file}: is locked by another process"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///x.db", "sqlite:///x.db?timeout=1"),
        ("sqlite:///x.db?timeout=60&cache=shared", "sqlite:///x.db?cache=shared&timeout=1"),
        ("sqlite:///x.db?cache=shared&timeout=60", "sqlite:///x.db?cache=shared&timeout=1"),
        ("sqlite:///x.db?timeout=0.5", "sqlite:///x.db?timeout=0.5"),
        ("postgresql://host/x", "postgresql://host/x"),
    ],
)
def test_patience_is_shortened_and_never_lengthened(url: str, told: str) -> None:
    assert impatient(url, 1.0) == told
