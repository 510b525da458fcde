"""Points against load, observed and modeled, and what one run shows close up."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from advisor.domain.basis import Basis
from advisor.domain.load import OpenLoad
from advisor.domain.model import Content
from advisor.domain.observed import Figure, Layout, ObservedPoint
from advisor.domain.question import EstimateQuestion
from advisor.domain.run_figures import Percentiles, Verdict
from advisor.domain.timing import Phase, RequestTiming, Sample
from advisor.domain.workload import LengthLaw, Workload
from advisor.errors import DataError, UnknownNameError
from advisor.usecases.counting import SIMULATED, all_runs, why_no_evidence
from advisor.usecases.estimate import estimate
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.keeping import discard_run
from advisor.usecases.observing import concurrencies, modeled_curve, observed_points
from advisor.usecases.run_details import STEPS, look_at_run, request_rows, series_of
from tests.runs import GEMMA, H100, conditions, figures, keep, profiled

if TYPE_CHECKING:
    from pathlib import Path

WORK = Workload(
    name="mine", content=Content.CHAT, input=LengthLaw(mean_tokens=800.0), output=LengthLaw(mean_tokens=300.0)
)
SHIPPED = open_profiles(None)
LAYOUT = Layout(GEMMA, "", "fp8", H100, 1)


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep out the measurements of whoever runs this."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def own(url: str | None, figure: Figure = Figure.OUTPUT_TOK_S) -> list[ObservedPoint]:
    return [p for p in observed_points(figure, workload=WORK, profiles=None, database=url) if p.run_id]


def test_without_a_database_there_are_the_published_points_each_with_its_date_and_link() -> None:
    points = observed_points(Figure.OUTPUT_TOK_S, workload=WORK, profiles=None, database=None)
    assert points
    assert {point.basis for point in points} == {Basis.PUBLISHED}
    assert all(point.source_url.startswith("https://") and point.engine and point.date for point in points)


def test_a_database_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        own(f"sqlite:///{tmp_path / 'none.db'}")


def test_a_run_is_a_point_with_its_95_percent_interval(url: str) -> None:
    keep(url, profiled("run-1", output_tok_s=600.0))
    (point,) = own(url)
    assert (point.layout, point.in_flight_mean, point.value) == (LAYOUT, 8.0, 600.0)
    assert [point.low, point.high] == pytest.approx([588.0, 612.0])
    assert point.alike


def test_an_open_loop_stands_at_its_mean_requests_in_flight(url: str) -> None:
    keep(url, profiled("run-1", load=OpenLoad(rate_rps=2.0), showing=figures(in_flight_mean=5.5)))
    (point,) = own(url)
    assert (point.in_flight_mean, point.open_loop) == (5.5, True)


def test_a_run_that_does_not_count_is_no_point(url: str) -> None:
    keep(url, profiled("run-1", verdict=Verdict(valid=False, reasons=("failures: too many",))), profiled("run-2"))
    discard_run("run-2", reason="the fan had failed", database=url)
    assert [run.id for run in all_runs(url).runs] == ["run-1", "run-2"]
    assert own(url) == []
    assert set(why_no_evidence(profiles=None, database=url, allow_simulated=False)) == {"run-1", "run-2"}


def test_a_run_of_the_demo_engine_stays_simulated_whatever_it_says(url: str) -> None:
    keep(url, profiled("run-1", under=conditions(engine="advisor-demo")))
    (point,) = own(url)
    assert point.basis is Basis.SIMULATED
    assert why_no_evidence(profiles=None, database=url, allow_simulated=False) == {"run-1": SIMULATED}
    assert why_no_evidence(profiles=None, database=url, allow_simulated=True) == {}


def test_other_lengths_are_told_apart(url: str) -> None:
    keep(url, profiled("run-1", showing=figures(output_tokens_mean=900.0)))
    (point,) = own(url)
    assert not point.alike


def test_a_latency_has_an_interval_only_where_one_was_measured(url: str) -> None:
    keep(url, profiled("run-1", showing=figures(ttft_ms=Percentiles(mean=60.0, p50=50.0))))
    (median,), (first,) = own(url, Figure.E2E_P50_S), own(url, Figure.TTFT_MEAN_MS)
    assert [median.low, median.high] == pytest.approx([2.91, 3.09])
    assert (first.value, first.low, first.high) == (60.0, None, None)
    assert own(url, Figure.TTFT_P95_MS) == []


def test_a_modeled_curve_is_what_estimate_answers() -> None:
    found = modeled_curve(LAYOUT, Figure.OUTPUT_TOK_S, workload=WORK, reaches=20, shipped=SHIPPED)
    question = EstimateQuestion(
        model=GEMMA, gpu=H100, precision="fp8", slots=64, workload=WORK, concurrency=concurrencies(20)
    )
    answer = estimate(question, profiles=None, database=None)
    assert [(p.in_flight, p.value) for p in found.points] == [(p.concurrency, p.output_tok_s) for p in answer.points]
    assert all(p.low and p.high and p.low < p.value < p.high for p in found.points)
    assert found.arguments[6:8] == ("--slots", "64")


def test_what_estimate_does_not_give_is_not_modeled_and_a_first_token_has_no_band() -> None:
    def curve(figure: Figure) -> tuple[object, ...]:
        return modeled_curve(LAYOUT, figure, workload=WORK, reaches=1, shipped=SHIPPED).points

    assert curve(Figure.E2E_P95_S) == ()
    assert all(point.low is None for point in curve(Figure.TTFT_MEAN_MS))  # type: ignore[attr-defined]


def test_a_model_that_no_profile_describes_is_named_as_such() -> None:
    with pytest.raises(UnknownNameError):
        modeled_curve(
            Layout("mine", "", "fp8", H100, 1), Figure.OUTPUT_TOK_S, workload=WORK, reaches=1, shipped=SHIPPED
        )


@pytest.mark.parametrize(("reaches", "last"), [(0.5, 64), (64, 64), (65, 128), (512, 512)])
def test_concurrencies_double_until_they_reach_what_was_observed(reaches: float, last: int) -> None:
    counts = concurrencies(reaches)
    assert (counts[0], counts[-1]) == (1, last)
    assert all(high == 2 * low for low, high in pairwise(counts))


def test_latencies_count_from_the_intended_arrival() -> None:
    late = RequestTiming(0, Phase.MEASURED, 1.0, 1.25, 1.5, 3.0, 800, 0, 300, 300, 300)
    (row,) = request_rows([late])
    assert (row["waited_ms"], row["ttft_ms"], row["e2e_s"]) == (250.0, 500.0, 2.0)


def test_a_failed_request_has_no_latency_and_ends_where_it_was_last_heard_of() -> None:
    failed = RequestTiming(0, Phase.MEASURED, 1.0, 1.1, None, None, 0, 0, 300, 0, 0, "http_500", "no")
    (row,) = request_rows([failed])
    assert (row["outcome"], row["ttft_ms"], row["e2e_s"], row["ended_s"]) == ("http_500", None, None, 1.1)


def test_denoising_steps_over_time_are_positions_over_tokens_committed_less_the_commit() -> None:
    samples = [
        sample
        for at_s, canvases in ((0.0, 0), (1.0, 4), (2.0, 8))
        for sample in (
            Sample(at_s, "vllm:diffusion_num_canvas_positions_total", canvases * 256 * 13.0),
            Sample(at_s, "vllm:diffusion_num_committed_tokens_total", canvases * 256.0),
        )
    ]
    assert [(p.series, p.at_s, p.value) for p in series_of(samples)] == [(STEPS, 1.0, 12.0), (STEPS, 2.0, 12.0)]


def test_gauges_keep_their_gpu_apart_and_leave_out_what_is_no_number() -> None:
    samples = [
        Sample(0.0, f'gpu_power_w{{gpu="{gpu}"}}', watt) for gpu, watt in ((0, 300.0), (1, float("nan")), (2, 310.0))
    ]
    assert [(p.name, p.unit, p.value) for p in series_of(samples)] == [("gpu=0", "W", 300.0), ("gpu=2", "W", 310.0)]


def test_one_run_is_looked_at_by_its_identifier(url: str) -> None:
    keep(url, profiled("run-1"))
    assert look_at_run("run-1", database=url).run.id == "run-1"
