"""The page of the evidence: points and bands, runs with what qualifies them, and one run close up."""

from __future__ import annotations

from dataclasses import replace
from shlex import split
from typing import TYPE_CHECKING

import pytest

from advisor.domain.basis import Basis
from advisor.domain.run_figures import Verdict
from advisor.domain.timing import Phase, RequestTiming, Sample
from advisor.store import open_store
from tests.dashboard.looking import look, words
from tests.dashboard.started import start  # noqa: F401 - a fixture
from tests.runs import keep, profiled
from tests.unit.store.filled import CELLS, RECORD, result_of

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from tests.dashboard.started import Start

pytest.importorskip("streamlit")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def runs_table(shown: AppTest) -> list[dict[str, object]]:
    """Return the rows of the table of runs."""
    table = next(frame.value for frame in shown.dataframe if "why not" in frame.value.columns)
    return list(table.to_dict("records"))


def test_an_empty_database_shows_what_is_published_and_modeled_and_how_to_measure(start: Start) -> None:  # noqa: F811
    start()
    shown = look("evidence")
    assert not shown.exception
    assert "No runs of your own yet" in words(shown)
    commands = [code.value for code in shown.code]
    assert commands[:2] == [
        "advisor profile run --endpoint $URL --model gemma-4-26b --gpu h100 --concurrency 1,8,64 --rate 2",
        "advisor profile run profiles/campaigns/demo.yaml",
    ]
    (points,) = (frame.value for frame in shown.dataframe)
    assert set(points["basis"]) == {"published"}
    assert all(points["address"].str.startswith("https://"))


def test_the_command_beside_a_band_is_one_that_the_command_line_understands(
    start: Start,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    from advisor.cli.app import run  # noqa: PLC0415 - after the extra is known to be there

    start()
    shown = look("evidence")
    command = next(code.value for code in shown.code if code.value.startswith("advisor estimate"))
    assert run(split(command)[1:]) == 0
    assert "Speed of one replica" in capsys.readouterr().out


def test_own_runs_are_points_and_rows_with_their_flags_and_reasons(start: Start, url: str) -> None:  # noqa: F811
    flagged = Verdict(valid=True, flags=("few_requests: 40 requests say little about p99",))
    void = Verdict(valid=False, reasons=("failures: too many",))
    keep(url, profiled("run-good", verdict=flagged), profiled("run-bad", concurrency=64, verdict=void))
    start("--db", url)
    shown = look("evidence")
    assert not shown.exception
    bad, good = runs_table(shown)
    assert (bad["counts"], bad["why not"], bad["evidence"]) == ("no", "failures: too many", "void (failures)")
    assert (good["counts"], good["flags"], good["evidence"]) == ("yes", flagged.flags[0], "yes")
    points = shown.dataframe[0].value
    assert list(points[points["basis"] == "measured"]["run"]) == ["run-good"]


def test_simulated_runs_are_shouted_and_are_no_evidence(start: Start, url: str) -> None:  # noqa: F811
    keep(url, profiled("run-1", basis=Basis.SIMULATED))
    start("--db", url)
    shown = look("evidence")
    (row,) = runs_table(shown)
    assert (row["basis"], row["evidence"]) == ("SIMULATED", "simulated (--allow-simulated)")
    assert any("SIMULATED" in warning.value for warning in shown.warning)


def test_filters_stand_in_the_address_and_narrow_the_points(start: Start, url: str) -> None:  # noqa: F811
    keep(url, profiled("run-1"))
    start("--db", url)
    shown = look("evidence", **{"evidence.basis": "measured"})
    assert set(shown.dataframe[0].value["run"]) == {"run-1"}
    assert shown.multiselect(key="p_evidence.basis").value == ["measured"]


def test_a_run_with_many_requests_is_thinned_and_says_so(
    start: Start,  # noqa: F811
    url: str,
) -> None:
    count = 5000
    timings = tuple(
        RequestTiming(i, Phase.MEASURED, i / 7, i / 7, i / 7 + 0.05, i / 7 + 3.0, 800, 0, 300, 300, 300)
        for i in range(count)
    )
    samples = tuple(Sample(float(at_s), 'gpu_power_w{gpu="0"}', 300.0) for at_s in range(5))
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(replace(result_of(CELLS[0], "attempt-1"), timings=timings, samples=samples), accept=True)
    start("--db", url)
    shown = look("evidence", **{"evidence.view": "Rows"})
    assert not shown.exception
    assert "5,000 requests stored: 5,000 measured. One in 3 is shown, 1,667 in all" in words(shown)
    table = next(frame.value for frame in shown.dataframe if "waited_ms" in frame.value.columns)
    assert len(table) == 1667


@pytest.mark.parametrize("view", ["By arrival", "Bars", "Distribution", "Rows"])
def test_each_view_of_a_run_is_drawn(start: Start, url: str, view: str) -> None:  # noqa: F811
    with open_store(url) as store:
        store.begin_campaign(RECORD, CELLS)
        store.add_result(result_of(CELLS[0], "attempt-1"), accept=True)
    start("--db", url)
    shown = look("evidence", **{"evidence.view": view, "evidence.run": "attempt-1"})
    assert not shown.exception
    assert "3 requests stored" in words(shown)


def test_a_database_that_is_not_there_is_told_and_the_page_stays(start: Start, url: str) -> None:  # noqa: F811
    start("--db", url)
    shown = look("evidence")
    assert not shown.exception
    assert "there is no such database" in words(shown)
    assert shown.number_input(key="q_qps").value == 50.0


def test_a_question_that_cannot_be_read_leaves_the_runs_in_place(start: Start, url: str) -> None:  # noqa: F811
    keep(url, profiled("run-1"))
    start("--db", url)
    shown = look("evidence", burstiness="bumpy", qps="5", workload="chat")
    assert not shown.exception
    assert "Burstiness" in words(shown)
    assert len(runs_table(shown)) == 1
