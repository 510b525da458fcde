"""Each part of the table of validations, and the trivial rules that stand beside ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor import catalog
from advisor.catalog.results import FORMATS
from advisor.domain.measurement import MeasuredMetric
from advisor.domain.validation_summary import PartLeftOut
from advisor.usecases.validating.curve_lines import BELOW, BETWEEN, BEYOND, LEAST_LEVELS, sweeps, validate_curves
from advisor.usecases.validating.estimator_lines import bandwidth_errors, speed_tok_s, validate_estimator
from advisor.usecases.validating.formula_lines import QUICK_LOADS, cells_of, part_of
from advisor.usecases.validating.import_lines import MADE, TAKEN, validate_imports
from advisor.usecases.validating.judging_errors import Asked, JudgedPart
from advisor.usecases.validating.queueing_grid import FLEETS, SINGLE, STATIONS, Cell, Judged
from advisor.usecases.validating.queueing_rules import closed_loop_s, one_server_s
from tests.shipped import DENSE, DIFFUSION, GEMMA, H100, ROOT, SHIPPED

if TYPE_CHECKING:
    from advisor.domain.measurement import Measurement
    from advisor.domain.validation_summary import JudgedLine

ROWS = catalog.read_measurements(ROOT)
ASKED = Asked(ROOT)
LEVELS = (1, 4, 16, 64)


def part(found: JudgedPart | PartLeftOut) -> JudgedPart:
    assert isinstance(found, JudgedPart)
    return found


@pytest.fixture(scope="module")
def curves() -> JudgedPart:
    return validate_curves(ASKED)


@pytest.fixture(scope="module")
def estimator() -> JudgedPart:
    return validate_estimator(ASKED)


@pytest.fixture(scope="module")
def imports() -> JudgedPart:
    return part(validate_imports(ASKED))


def line(found: JudgedPart, judged: str) -> JudgedLine:
    (one,) = [shown for shown in found.lines if shown.judged == judged]
    return one


def sweep(figure: dict[int, float], **other: object) -> list[Measurement]:
    """Return rows of one made-up sweep."""
    like = next(row for row in ROWS if row.model == GEMMA and row.metric is MeasuredMetric.OUTPUT_TOK_S)
    return [
        replace(like, id=f"made-{level}", concurrency=level, value=value, slots=64, **other)  # type: ignore[arg-type]
        for level, value in figure.items()
    ]


def test_every_level_of_every_long_sweep_is_judged_once(curves: JudgedPart) -> None:
    found = sweeps(ROWS)
    assert all(one.levels.size >= LEAST_LEVELS for one in found)
    assert len(curves.cases) == sum(one.levels.size for one in found)
    assert Counter(case.judged for case in curves.cases)[BELOW] == len(found)
    assert Counter(case.judged for case in curves.cases)[BEYOND] == len(found)
    assert max(Counter(case.case for case in curves.cases).values()) == 1


def test_our_curve_beats_a_straight_line_between_levels_and_below_them(curves: JudgedPart) -> None:
    for name in (BETWEEN, BELOW, BEYOND):
        shown = line(curves, name)
        (rule,) = shown.rules
        assert rule.errors is not None
        assert shown.errors.median < rule.errors.median


def test_a_sweep_of_the_form_of_the_curve_is_predicted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sweep({c: 100.0 * c / (2.0 + 0.1 * c + 0.5 * c**0.5) for c in (1, 2, 4, 16, 64)})
    monkeypatch.setattr(catalog, "read_measurements", lambda _: made)
    found = validate_curves(ASKED)
    assert len(found.cases) == len(made)
    assert all(case.error == pytest.approx(0.0, abs=1e-6) for case in found.cases)
    assert line(found, BETWEEN).kept


def test_levels_beyond_the_slots_and_latencies_make_no_sweep() -> None:
    assert sweeps(sweep({1: 1.0, 4: 3.0, 16: 6.0, 128: 6.1})) == ()
    assert sweeps(sweep(dict.fromkeys(LEVELS, 1.0), metric=MeasuredMetric.TTFT_MEAN_MS)) == ()
    assert sweeps(sweep(dict.fromkeys(LEVELS, 1.0), excluded="not ours")) == ()


def test_a_level_that_was_measured_twice_counts_with_its_mean() -> None:
    (found,) = sweeps([*sweep(dict.fromkeys(LEVELS, 2.0)), *sweep(dict.fromkeys(LEVELS[:1], 4.0))])
    assert found.output_tok_s.tolist() == [3.0, 2.0, 2.0, 2.0]


def test_a_wall_time_of_a_batch_becomes_a_rate_of_tokens() -> None:
    walls = sweep({1: 0.5, 2: 0.6, 4: 0.8, 8: 1.0}, metric=MeasuredMetric.BATCH_WALL_S, output_tokens=100)
    (found,) = sweeps(walls)
    assert found.output_tok_s.tolist() == pytest.approx([200.0, 100.0 * 2 / 0.6, 500.0, 800.0])
    assert speed_tok_s(walls[-1]) == 800.0


def test_every_published_row_is_a_case_of_the_estimator(estimator: JudgedPart) -> None:
    assert len(estimator.cases) == len(ROWS)
    assert {one.judged for one in estimator.lines} >= {DIFFUSION, GEMMA, DENSE}
    assert all(one.target for one in estimator.lines)


def test_the_estimator_beats_scaling_by_bandwidth_and_that_rule_is_silent_on_one_gpu_type(
    estimator: JudgedPart,
) -> None:
    for shown in estimator.lines:
        (rule,) = shown.rules
        assert (rule.errors is None) is (shown.judged == DENSE)
        assert rule.errors is None or shown.errors.median < rule.errors.median


def test_scaling_by_bandwidth_is_right_where_speed_follows_bandwidth() -> None:
    gpus, other = SHIPPED.gpus, "h200-sxm-141gb"
    ratio = gpus[other].memory_bandwidth_bytes_per_s / gpus[H100].memory_bandwidth_bytes_per_s
    rows = [*sweep({1: 100.0, 8: 400.0}, gpu=H100), *sweep({1: 100.0 * ratio, 8: 800.0 * ratio}, gpu=other)]
    named = [replace(row, id=f"{row.id} on {row.gpu}") for row in rows]
    errors = bandwidth_errors(named, gpus)
    assert errors[f"made-1 on {other}"] == pytest.approx(0.0)
    assert errors[f"made-8 on {other}"] == pytest.approx(-0.5)
    assert errors[f"made-8 on {H100}"] == pytest.approx(1.0)
    assert bandwidth_errors(named[:2], gpus) == {}


def test_every_stated_figure_of_every_sample_is_read_to_rounding(imports: JudgedPart) -> None:
    shown = line(imports, TAKEN)
    assert shown.kept
    assert shown.errors.cases > 400
    samples = {case.case.partition("/")[0] for case in imports.cases if "/" in case.case}
    assert {*samples, "csv"} == {fmt.name for fmt in FORMATS}
    assert any(case.case.startswith("plain.csv") for case in imports.cases)


def test_means_of_closed_loops_are_made_anew_as_the_tools_made_them(imports: JudgedPart) -> None:
    closed = [
        c for c in imports.cases if c.judged == MADE and c.case.startswith(("vllm-bench/detailed", "aiperf/closed"))
    ]
    assert closed
    assert all(abs(case.error) < 1e-6 for case in closed)
    assert line(imports, MADE).kept


def test_without_samples_importers_are_left_out_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "samples_root", lambda: None)
    found = validate_imports(ASKED)
    assert isinstance(found, PartLeftOut)
    assert "not installed" in found.reason


def test_a_figure_that_is_stated_and_not_found_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {"ttft_ms.p95": 3.0}
    monkeypatch.setattr(
        "advisor.usecases.validating.import_lines.recognized", lambda samples: ((samples / "plain.csv", "csv"),)
    )
    monkeypatch.setattr(
        "advisor.usecases.validating.import_lines.stated_figures", lambda *_: [{"tpot_ms.p95": 3.0}, stated, {}, {}]
    )
    shown = line(part(validate_imports(ASKED)), TAKEN)
    assert not shown.kept
    assert shown.worst_cases[0].case == "plain.csv run 2: ttft_ms.p95"
    assert shown.worst_cases[1].error == -1.0


def test_the_quick_grid_has_an_easy_load_and_the_hardest_valid_one() -> None:
    quick = cells_of(quick=True)
    assert {cell.load for cell in quick} == QUICK_LOADS
    assert {cell.station for cell in quick} == {cell.station for cell in SINGLE}
    assert set(cells_of(quick=False)) == {*SINGLE, *FLEETS}


def made_up(cell: Cell) -> Judged:
    return Judged(cell, (0.001, -0.01, 0.02), (0.001,) * 3, 10, (1.0, 2.0, 3.0))


def test_cells_are_judged_by_arrivals_and_load_and_fleets_by_their_rule() -> None:
    found = part_of([made_up(cell) for cell in cells_of(quick=False)], quick=False)
    names = [shown.judged for shown in found.lines]
    assert "Poisson, load up to 0.85: p95" in names
    assert "CV2=4, load 0.95: mean" in names
    assert "Poisson, 2 to 8 replicas, least-outstanding" in {name.partition(": ")[0] for name in names}
    assert [shown.judged for shown in found.lines if shown.kept is not None] == [
        "Poisson, load up to 0.85: mean",
        "Poisson, load up to 0.85: p95",
        "Poisson, load up to 0.85: p99",
        "CV2=4, load up to 0.85: p95",
    ]
    assert all(shown.kept for shown in found.lines if shown.target)
    assert len(found.cases) == 3 * len({*SINGLE, *FLEETS})


def test_no_cell_makes_no_line() -> None:
    assert part_of([], quick=True) == JudgedPart((), (), ())


CELL = Cell("diffusion K=4", "constant", 0.85, 1.0)


def test_a_closed_loop_at_that_rate_shows_the_time_of_its_concurrency() -> None:
    station = STATIONS[CELL.station]
    mean_s, p95_s, p99_s = closed_loop_s(CELL)
    assert station.slowdowns_s[0] < mean_s < station.slowdowns_s[-1]
    assert mean_s == pytest.approx(p95_s) == pytest.approx(p99_s), "constant work"
    assert closed_loop_s(replace(CELL, load=0.3))[0] == pytest.approx(station.slowdowns_s[0])


def test_one_fast_server_has_an_exponential_time() -> None:
    mean_s, p95_s, p99_s = one_server_s(CELL)
    assert mean_s == pytest.approx(1.0 / (0.15 * STATIONS[CELL.station].saturation_rps))
    assert (p95_s / mean_s, p99_s / mean_s) == pytest.approx((np.log(20), np.log(100)))
