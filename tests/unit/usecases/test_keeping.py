"""Runs of a database as the user sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.domain.load import OpenLoad, RampLoad, TraceLoad
from advisor.domain.run_figures import Verdict
from advisor.errors import DataError, InputError, UnknownNameError
from advisor.store import open_store
from advisor.usecases.keeping import discard_run, list_history, list_runs
from tests.runs import CANVAS, DIFFUSION, GEMMA, H100, conditions, figures, profiled
from tests.unit.store.filled import RECORD

if TYPE_CHECKING:
    from pathlib import Path

OTHER = RECORD.model_copy(update={"id": "other-89abcdef", "name": "other"})


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database with runs of two campaigns."""
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    diffusion = conditions(model=DIFFUSION, gpu="l40s-48gb")
    with open_store(url) as store:
        store.add_runs(RECORD, [profiled("aaaa1111"), profiled("aaaa2222", load=OpenLoad(rate_rps=2.5))])
        store.add_runs(
            OTHER,
            [
                profiled(
                    "bbbb3333",
                    campaign_id=OTHER.id,
                    under=diffusion,
                    showing=figures(canvas=CANVAS, failures={"http_500": 3}),
                    verdict=Verdict(valid=False, reasons=("failures: too many",)),
                )
            ],
        )
    return url


def ids(url: str, **asked: object) -> list[str]:
    return [run.id for run in list_runs(database=url, **asked).runs]  # type: ignore[arg-type]  # of the filters


def test_all_runs_are_listed_in_the_order_they_came_in(url: str) -> None:
    assert ids(url) == ["aaaa1111", "aaaa2222", "bbbb3333"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"campaign": RECORD.name}, ["aaaa1111", "aaaa2222"]),
        ({"campaign": RECORD.id}, ["aaaa1111", "aaaa2222"]),
        ({"models": ("diffusion",)}, ["bbbb3333"]),
        ({"models": ("GEMMA", "diff")}, ["aaaa1111", "aaaa2222", "bbbb3333"]),
        ({"gpus": ("h100", "l40s")}, ["aaaa1111", "aaaa2222", "bbbb3333"]),
        ({"gpus": ("h100",), "campaign": RECORD.name}, ["aaaa1111", "aaaa2222"]),
        ({"valid_only": True}, ["aaaa1111", "aaaa2222"]),
    ],
)
def test_runs_are_chosen_by_campaign_model_gpu_and_whether_they_count(
    url: str, asked: dict[str, object], found: list[str]
) -> None:
    assert ids(url, **asked) == found


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"campaign": "chat"}, "unknown campaign 'chat'"),
        ({"models": ("gema",)}, "unknown model 'gema'"),
        ({"gpus": ("b200",)}, "unknown GPU 'b200'"),
    ],
)
def test_a_name_that_no_run_has_is_refused(url: str, asked: dict[str, object], told: str) -> None:
    with pytest.raises(UnknownNameError, match=told):
        ids(url, **asked)


def test_a_database_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    for ask in (list_runs, list_history):
        with pytest.raises(DataError, match="there is no such database"):
            ask(database=f"sqlite:///{tmp_path / 'no.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_closed_loop_has_a_concurrency_and_an_open_one_the_rate_that_was_offered(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    loads = (None, OpenLoad(rate_rps=2.5), TraceLoad(rate_rps=3.5), RampLoad(from_rps=0, to_rps=9, duration_s=9))
    with open_store(url) as store:
        store.add_runs(RECORD, [profiled(f"run-{i}", load=load) for i, load in enumerate(loads)])
    runs = list_runs(database=url).runs
    assert [run.concurrency for run in runs] == [8, None, None, None]
    assert [run.offered_rate_rps for run in runs] == [None, 2.5, 3.5, None]
    assert [run.request_rate_rps for run in runs] == [2.0] * 4


def test_a_line_says_what_was_measured_under_what(url: str) -> None:
    first, _, last = list_runs(database=url).runs
    assert (first.model, first.gpu, first.campaign, first.campaign_id) == (GEMMA, H100, RECORD.name, RECORD.id)
    assert first.ttft_ms is not None
    assert (first.ttft_ms.p95, first.valid, first.reasons) == (120.0, True, ())
    assert (last.steps_per_canvas, last.tokens_per_canvas, last.failures) == (12.0, 150.0, {"http_500": 3})
    assert (last.valid, last.reasons) == (False, ("failures: too many",))


def test_a_discarded_run_stays_listed_and_is_no_longer_valid(url: str) -> None:
    (line,) = discard_run("aaaa1", reason="the fan had failed", database=url).runs
    assert (line.id, line.valid, line.discarded) == ("aaaa1111", False, "the fan had failed")
    assert line.reasons == ("discarded: the fan had failed",)
    assert list_runs(database=url).runs[0] == line
    assert ids(url, valid_only=True) == ["aaaa2222"]


@pytest.mark.parametrize(
    ("run_id", "told"), [("aaaa", "2 runs begin with 'aaaa'"), ("bbb", "unknown run"), ("cccc", "unknown run 'cccc'")]
)
def test_a_start_that_names_no_run_or_several_discards_none(url: str, run_id: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        discard_run(run_id, reason="bad", database=url)
    assert [run.discarded for run in list_runs(database=url).runs] == ["", "", ""]
