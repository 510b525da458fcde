"""An earlier recommendation comes out again from what was known then, bit for bit, or it is said what has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.model import Precision
from advisor.errors import InputError, UnknownNameError
from advisor.store import open_store
from advisor.usecases.comparing.reproduce import reproduce
from advisor.usecases.remembering import remember
from tests.runs import conditions, keep, profiled
from tests.shipped import GEMMA, SHIPPED, answer, question

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.question import Question


def asked(**more: Any) -> Question:
    fields: dict[str, Any] = {"models": (GEMMA,), "precisions": (Precision.FP8,), "draws": 60, **more}
    return question(20.0, "e2e:p95<8s", **fields)


def run(name: str, output_tok_s: float, *, concurrency: int = 8) -> ProfiledRun:
    under = conditions(engine_version=SHIPPED.engine.version)
    return profiled(name, concurrency=concurrency, output_tok_s=output_tok_s, under=under)


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    keep(url, run("early", 900.0), run("early-2", 3000.0, concurrency=64))
    return url


def logged(database: str) -> None:
    remember(answer(asked(), database=database), database=database, complain=pytest.fail)


def test_a_logged_answer_comes_out_again_bit_for_bit_simulation_and_draws_included(database: str) -> None:
    logged(database)
    found = reproduce("1", profiles=None, database=database)
    assert found.same
    assert found.hindrances == ()
    assert found.changes == ()


def test_runs_that_came_later_do_not_count(database: str) -> None:
    logged(database)
    keep(database, run("late", 1400.0), run("late-2", 5000.0, concurrency=64))
    assert answer(asked(), database=database).decision != answer(asked()).decision
    assert reproduce("1", profiles=None, database=database).same


def test_a_run_that_was_taken_back_since_is_named_as_what_stands_in_the_way(database: str) -> None:
    logged(database)
    with open_store(database) as store:
        store.discard("early", reason="the fan had failed")
    found = reproduce("1", profiles=None, database=database)
    assert not found.same
    assert [hindrance.what for hindrance in found.hindrances] == ["own runs that count"]


def test_an_answer_of_another_version_or_other_profiles_says_so(database: str, tmp_path: Path) -> None:
    given = json.loads(answer(asked(), database=database).model_dump_json())
    given["advisor_version"] = "0.0.1"
    given["known"]["profiles_digest"] = "0" * 64
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    found = reproduce(str(path), profiles=None, database=database)
    assert found.same
    assert [hindrance.what for hindrance in found.hindrances] == ["advisor version", "profiles"]


def test_an_unknown_number_is_named(database: str) -> None:
    with pytest.raises(UnknownNameError):
        reproduce("7", profiles=None, database=database)


def test_an_answer_to_a_trace_does_not_carry_its_times(database: str, tmp_path: Path) -> None:
    given = json.loads(answer(asked(), database=database).model_dump_json())
    given["question"]["workload"]["pairs"] = [[100, 50], [200, 80]]
    given["question"]["workload"]["input"] = given["question"]["workload"]["output"] = None
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(InputError, match="trace") as refused:
        reproduce(str(path), profiles=None, database=database)
    assert refused.value.hint.startswith("run the command again with the file of the trace")
