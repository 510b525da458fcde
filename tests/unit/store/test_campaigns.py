"""Campaigns and the results of their cells, on a SQLite file and on a PostgreSQL server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import isnan, nan
from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import Outcome
from advisor.domain.basis import Basis
from advisor.domain.given import GivenRecommendation
from advisor.domain.timing import Sample
from advisor.errors import DataError, InputError, UnknownNameError
from advisor.store import log_recommendation, open_store, read_runs
from tests.runs import profiled
from tests.unit.store.filled import CELLS, RECORD, SAMPLES, SERVER, STARTED_AT, TIMINGS, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.store import Store

FIRST, SECOND, *_ = CELLS


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return a database in which a campaign was begun."""
    with open_store(url) as opened:
        opened.begin_campaign(RECORD, CELLS)
        yield opened


def test_a_campaign_is_begun_once(store: Store) -> None:
    assert not store.begin_campaign(RECORD, CELLS)
    assert store.campaigns() == (RECORD,)


def test_cells_come_back_in_the_order_of_the_plan_with_their_names_and_arrival_times(store: Store) -> None:
    cells = store.cells(RECORD.id)
    assert cells == CELLS
    assert [cell.id for cell in cells] == [cell.id for cell in CELLS]
    assert [cell.workload.arrival_s for cell in cells] == [cell.workload.arrival_s for cell in CELLS]


def test_a_cell_keeps_the_name_it_was_stored_under(store: Store, url: str) -> None:
    del url
    old = FIRST.model_copy(update={"ordinal": 99}).named("an-older-name")
    other = RECORD.model_copy(update={"id": "other", "name": "other"})
    store.begin_campaign(other, [old.model_copy(update={"campaign_id": "other"}).named("an-older-name")])
    assert [cell.id for cell in store.cells("other")] == ["an-older-name"]


def test_a_campaign_is_known_by_its_identifier_and_the_newest_of_a_name_by_that(store: Store) -> None:
    newer = RECORD.model_copy(update={"id": "chat-h100-89abcdef", "created_at": STARTED_AT + timedelta(days=1)})
    store.begin_campaign(newer, ())
    assert store.campaign("chat-h100") == newer
    assert store.campaign(RECORD.id) == RECORD
    with pytest.raises(UnknownNameError, match="unknown campaign 'chat'"):
        store.campaign("chat")


def test_a_result_comes_back_as_it_went_in(store: Store) -> None:
    result = result_of(FIRST, "run-1")
    assert store.add_result(result, accept=True)
    assert store.attempts(RECORD.id) == (result.attempt,)
    assert store.servers(RECORD.id) == (SERVER,)
    assert store.runs() == (result.attempt.run,)
    assert store.timings("run-1") == TIMINGS
    assert store.samples("run-1") == SAMPLES
    assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}


def test_a_result_is_added_once(store: Store) -> None:
    store.add_result(result_of(FIRST, "run-1"), accept=False)
    assert not store.add_result(result_of(FIRST, "run-1"), accept=True)
    assert store.accepted(RECORD.id) == {}
    assert len(store.timings("run-1")) == len(TIMINGS)


def test_a_second_result_of_a_cell_is_kept_and_not_accepted(store: Store) -> None:
    assert store.add_results([(result_of(FIRST, "run-1"), True), (result_of(FIRST, "run-2"), True)]) == 2
    assert [run.id for run in store.runs()] == ["run-1", "run-2"]
    assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}


def test_a_discarded_run_stays_with_its_reason_and_its_cell_is_open_again(store: Store) -> None:
    store.add_result(result_of(FIRST, "run-1"), accept=True)
    store.discard("run-1", reason="the fan had failed")
    assert store.accepted(RECORD.id) == {}
    store.add_result(result_of(FIRST, "run-2"), accept=True)
    assert store.accepted(RECORD.id) == {FIRST.id: "run-2"}
    assert [(run.id, run.discarded) for run in store.runs()] == [("run-1", "the fan had failed"), ("run-2", "")]
    assert [attempt.run and attempt.run.discarded for attempt in store.attempts(RECORD.id)] == [
        "the fan had failed",
        "",
    ]


def test_discarding_a_run_that_was_not_accepted_leaves_the_accepted_one(store: Store) -> None:
    store.add_results([(result_of(FIRST, "run-1"), True), (result_of(FIRST, "run-2"), False)])
    store.discard("run-2", reason="twice")
    assert store.accepted(RECORD.id) == {FIRST.id: "run-1"}


def test_a_run_is_discarded_once_and_for_a_reason(store: Store) -> None:
    store.add_result(result_of(FIRST, "run-1"), accept=True)
    with pytest.raises(InputError, match="for a reason"):
        store.discard("run-1", reason=" ")
    store.discard("run-1", reason="bad")
    with pytest.raises(InputError, match="was discarded before: bad"):
        store.discard("run-1", reason="worse")
    with pytest.raises(UnknownNameError, match="unknown run 'run-3'"):
        store.discard("run-3", reason="bad")


def test_an_attempt_without_server_or_run_is_a_result_too(store: Store) -> None:
    lost = result_of(SECOND, "lost", outcome=Outcome.LOST, server=None, timings=(), samples=())
    lost = replace(lost, attempt=lost.attempt.model_copy(update={"server_id": ""}))
    store.add_result(lost, accept=False)
    assert store.attempts(RECORD.id) == (lost.attempt,)
    assert store.runs() == ()


def test_an_attempt_at_a_cell_of_no_plan_is_refused_whole(store: Store) -> None:
    stray = FIRST.model_copy(update={"repeat": 7}).named("no-such-cell")
    with pytest.raises(DataError, match="refuses a row"):
        store.add_result(result_of(stray, "run-1"), accept=True)
    assert store.servers(RECORD.id) == ()
    assert store.runs() == ()


def test_a_server_of_no_campaign_is_refused_and_not_passed_over(store: Store) -> None:
    stray = SERVER.model_copy(update={"campaign_id": "no-such"})
    with pytest.raises(DataError, match="refuses a row"):
        store.add_result(result_of(FIRST, "run-1", server=stray), accept=True)
    assert store.attempts(RECORD.id) == ()


def test_a_run_goes_by_the_name_of_its_attempt(store: Store) -> None:
    result = result_of(FIRST, "run-1")
    named = result.attempt.model_copy(update={"run": profiled("another")})
    with pytest.raises(DataError, match="the run another of attempt run-1"):
        store.add_result(replace(result, attempt=named), accept=True)


def test_a_nul_in_a_log_does_not_lose_the_result(store: Store) -> None:
    result = result_of(FIRST, "run-1")
    attempt = result.attempt.model_copy(update={"log_tail": "a\x00b"})
    store.add_result(replace(result, attempt=attempt), accept=True)
    assert store.attempts(RECORD.id)[0].log_tail == "a\ufffdb"


def test_a_reading_that_is_no_number_comes_back_as_none(store: Store) -> None:
    store.add_result(result_of(FIRST, "run-1", samples=(Sample(0.0, "x", nan),)), accept=True)
    (sample,) = store.samples("run-1")
    assert isnan(sample.value)


def test_a_time_without_zone_is_refused(store: Store) -> None:
    naive = RECORD.model_copy(update={"id": "other", "created_at": STARTED_AT.replace(tzinfo=None)})
    with pytest.raises(DataError, match="has no time zone"):
        store.begin_campaign(naive, ())


def test_imported_runs_are_added_once(store: Store) -> None:
    record = RECORD.model_copy(update={"id": "imported-1", "name": "imported"})
    runs = [profiled(f"import-{i}", campaign_id="imported-1", tool="vllm bench") for i in range(3)]
    assert store.add_runs(record, runs[:2]) == 2
    assert store.add_runs(record, runs) == 1
    assert store.runs(campaign="imported") == store.runs(campaign="imported-1") == tuple(runs)
    assert store.cells("imported-1") == ()
    assert store.timings("import-0") == ()


def test_runs_are_found_by_campaign_model_and_gpu(store: Store, url: str) -> None:
    store.add_result(result_of(FIRST, "run-1"), accept=True)
    model, gpu = "gemma-4-26b-a4b", "h100-sxm-80gb"
    for find in (store.runs, lambda **asked: read_runs(url, **asked)):
        assert len(find(models=[model, "x"], gpus=[gpu])) == 1
        assert find(models=["x"]) == find(gpus=["x", "y"]) == ()
    assert store.runs(campaign="x") == ()


def test_what_is_stored_of_a_campaign_goes_whole_into_another_database(store: Store) -> None:
    store.add_results([(result_of(FIRST, "run-1"), True), (result_of(SECOND, "run-2"), True)])
    store.discard("run-1", reason="bad")
    whole = store.contents("chat-h100", requests=True)
    assert (whole.record, whole.cells, whole.servers) == (RECORD, CELLS, (SERVER,))
    assert [attempt.id for attempt in whole.attempts] == ["run-1", "run-2"]
    assert whole.timings["run-1"] == TIMINGS
    with open_store("sqlite://") as other:
        assert other.add_contents(whole) == 2
        assert other.contents("chat-h100", requests=True) == whole
        assert other.add_contents(whole) == 0


def test_another_database_keeps_its_own_accepted_result(store: Store) -> None:
    store.add_result(result_of(FIRST, "run-1"), accept=True)
    with open_store("sqlite://") as other:
        other.begin_campaign(RECORD, CELLS)
        other.add_result(result_of(FIRST, "own"), accept=True)
        other.add_contents(store.contents("chat-h100"))
        assert other.accepted(RECORD.id) == {FIRST.id: "own"}
        assert {run.id for run in other.runs()} == {"own", "run-1"}


def test_recommendations_are_remembered_to_the_last_digit_of_their_cost(store: Store, url: str) -> None:
    given = GivenRecommendation(
        given_at=STARTED_AT,
        question="50 qps",
        plan="4 replicas",
        usd_per_month=Decimal("0.1000000000000000000000001"),
        basis=Basis.PUBLISHED,
        advisor_version="0.1.0",
    )
    store.log_recommendation(given, question="{}", answer="{}")
    log_recommendation(url, given, question="{}", answer="{}")
    assert store.recommendations() == tuple(given.model_copy(update={"number": number}) for number in (1, 2))


def test_the_answer_of_a_recommendation_is_found_by_its_number(store: Store, url: str) -> None:
    given = GivenRecommendation(
        given_at=STARTED_AT,
        question="50 qps",
        plan="4 replicas",
        usd_per_month=Decimal(1),
        basis=Basis.PUBLISHED,
        advisor_version="0.1.0",
    )
    for answer in ('{"first": 1}', '{"second": 2}'):
        log_recommendation(url, given, question="{}", answer=answer)
    assert store.recommendation(2) == '{"second": 2}'
    assert store.recommendation(3) is None
