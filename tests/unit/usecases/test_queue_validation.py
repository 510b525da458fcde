"""The formulas beside the simulation, on the grid that `advisor validate queueing` judges them on."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import lognorm

from advisor.domain.routing import Routing
from advisor.usecases.validating.queueing import TARGETS, VALID, judge_all, summary, validate_queueing
from advisor.usecases.validating.queueing_grid import (
    FIGURES,
    FLEETS,
    SEEDS,
    SINGLE,
    STATIONS,
    WORKS,
    Cell,
    Judged,
    judge,
)

if TYPE_CHECKING:
    from advisor.domain.queue_validation import CellErrors, QueueValidation

NOISE = 0.004
"""Median of the errors that short runs add to those of the formulas."""
TINY = Cell("diffusion K=4", "constant", 0.3, 1.0)

SOME = [cell for cell in SINGLE if cell.load in {0.5, 0.7} and cell.work != "constant"]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return judge_all(SOME, quick=True)


@pytest.fixture(scope="module")
def validation(judged: list[Judged]) -> QueueValidation:
    return summary(judged, quick=True, seed=0)


def overall(validation: QueueValidation, arrivals: str, loads: str = VALID) -> CellErrors:
    (found,) = [
        line for line in validation.lines if (line.arrivals, line.loads, line.station) == (arrivals, loads, None)
    ]
    return found


def assert_targets_kept(validation: QueueValidation, *, noise: float) -> None:
    for (arrivals, loads), targets in TARGETS.items():
        line = overall(validation, arrivals, loads)
        for figure, target in targets.items():
            shown = getattr(line, figure)
            assert shown.target == target
            assert shown.median <= target + noise, (arrivals, figure)


@pytest.mark.grid
def test_medians_over_part_of_the_grid_are_what_is_asked(validation: QueueValidation) -> None:
    assert_targets_kept(validation, noise=NOISE)


@pytest.mark.grid
def test_medians_over_the_whole_grid_are_what_is_asked() -> None:
    heard: list[tuple[int, int]] = []
    whole = validate_queueing(quick=True, watch=lambda done, total: heard.append((done, total)))
    assert_targets_kept(whole, noise=0.0)
    assert heard == [(done, len(SINGLE) + len(FLEETS)) for done in range(1, len(heard) + 1)]
    assert {line.routing for line in whole.fleets} == set(Routing)
    assert max(line.p95.median for line in whole.fleets if line.station is None) < 0.06


def test_the_targets_are_those_that_were_set() -> None:
    assert TARGETS == {
        ("Poisson", VALID): {"mean": 0.005, "p95": 0.02, "p99": 0.03},
        ("CV2=4", VALID): {"p95": 0.05},
    }


def test_the_grid_is_that_of_the_reference() -> None:
    valid = [cell for cell in SINGLE if cell.load <= 0.85]
    assert Counter(cell.arrival_scv for cell in valid) == {1.0: 56, 4.0: 56}
    assert {cell.load for cell in SINGLE} == {0.3, 0.5, 0.7, 0.85, 0.95}
    assert {(cell.routing, cell.replicas) for cell in FLEETS} == {(r, k) for r in Routing for k in (2, 4, 8)}
    assert len({*SINGLE, *FLEETS}) == len(SINGLE) + len(FLEETS)


def test_stations_have_the_measured_speeds() -> None:
    assert STATIONS["AR K=256"].rates_rps[[0, 63, 255]].tolist() == pytest.approx([0.69, 16.14, 21.54])
    assert STATIONS["diffusion K=4"].rates_rps.tolist() == pytest.approx([2.75, 3.76, 4.34, 4.59])
    assert STATIONS["diffusion K=8"].rates_rps[[0, 3, 7]].tolist() == pytest.approx([2.75, 4.66, 5.13])


@pytest.mark.parametrize(("work", "scv"), [("constant", 0.0), ("exponential", 1.0), ("lognormal", 2.25)])
def test_work_varies_as_it_is_called(work: str, scv: float) -> None:
    drawn = WORKS[work](np.random.default_rng(0), 1_000_000)
    assert drawn.var() / drawn.mean() ** 2 == pytest.approx(scv, rel=0.05, abs=1e-12)


def test_canvases_are_counted_whole() -> None:
    drawn = WORKS["canvases"](np.random.default_rng(0), 100_000)
    assert (drawn == np.round(drawn)).all()
    assert drawn.min() == 1.0
    tokens = lognorm(np.sqrt(np.log1p(0.8**2)), scale=300.0 / np.sqrt(1.0 + 0.8**2))
    assert drawn.mean() == pytest.approx(tokens.sf(256.0 * np.arange(100)).sum(), rel=0.01)


def test_a_fleet_gets_more_requests_the_larger_it_is() -> None:
    requests = [
        Cell("AR K=64", "constant", 0.5, 1.0, replicas, Routing.RANDOM).requests(quick=False) for replicas in (2, 4, 8)
    ]
    assert requests == [50_000, 100_000, 200_000]
    assert TINY.requests(quick=True) * 10 == TINY.requests(quick=False)


def test_the_same_seed_judges_alike_and_another_a_little_differently() -> None:
    one, same, other = (judge(TINY, quick=True, seed=seed) for seed in (0, 0, 1))
    assert one == same
    assert other.errors != one.errors
    assert other.errors == pytest.approx(one.errors, abs=0.02)
    assert one.requests == SEEDS * 30_000


@pytest.mark.grid
def test_errors_lie_around_nought_and_noise_above(judged: list[Judged]) -> None:
    for one in judged:
        assert len(one.errors) == len(one.noises) == len(FIGURES)
        assert all(abs(error) < 0.4 for error in one.errors)
        assert all(0.0 < noise < 0.1 for noise in one.noises)


@pytest.mark.grid
def test_fresh_processes_judge_as_this_one_does() -> None:
    cells = [TINY, Cell("diffusion K=4", "constant", 0.5, 4.0, 2, Routing.RANDOM)]
    heard: list[int] = []
    apart = judge_all(cells, quick=True, workers=2, watch=lambda done, _total: heard.append(done))
    assert apart == judge_all(cells, quick=True)
    assert heard == [1, 2]


@pytest.mark.grid
def test_groups_count_every_cell(validation: QueueValidation) -> None:
    for arrivals in ("Poisson", "CV2=4"):
        stations = [line for line in validation.lines if line.arrivals == arrivals and line.station]
        assert sum(line.cells for line in stations) == overall(validation, arrivals).cells == len(SOME) / 2
    assert validation.requests == sum(SEEDS * cell.requests(quick=True) for cell in SOME)


@pytest.mark.grid
def test_groups_without_a_cell_are_left_out(validation: QueueValidation) -> None:
    assert {line.loads for line in validation.lines} == {VALID}
    assert validation.fleets == ()


def test_a_line_shows_median_and_p90_of_sizes_and_keeps_the_sign_in_the_bias() -> None:
    errors = (-0.04, 0.01, -0.02)
    cells = [Cell("AR K=32", "constant", 0.5, 1.0), *(Cell("AR K=32", "constant", x, 1.0) for x in (0.3, 0.7))]
    made = [
        Judged(cell, (error,) * 3, (0.001 * (i + 1),) * 3, 10)
        for i, (cell, error) in enumerate(zip(cells, errors, strict=True))
    ]
    shown = overall(summary(made, quick=False, seed=3), "Poisson").p95
    assert (shown.median, shown.bias, shown.noise) == pytest.approx((0.02, -0.02, 0.002))
    assert shown.p90 == pytest.approx(0.036)
    assert (shown.reference_median, shown.reference_p90, shown.target) == (0.015, 0.047, 0.02)


def test_fleets_are_shown_over_all_and_by_station_and_size() -> None:
    made = [Judged(cell, (0.01,) * 3, (0.001,) * 3, 10) for cell in FLEETS]
    fleets = summary(made, quick=False, seed=0).fleets
    assert len(fleets) == 2 * len(Routing) * (1 + 2 * 3)
    assert Counter(line.cells for line in fleets) == {36: 8, 6: 48}
    (least,) = [
        line
        for line in fleets
        if line.routing is Routing.LEAST_OUTSTANDING and line.station is None and line.arrivals == "Poisson"
    ]
    assert least.p95.reference_median == 0.01


def test_no_more_than_two_processes_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def judge_none(cells: object, **how: int) -> list[Judged]:
        del cells
        asked.append(how["workers"])
        return []

    monkeypatch.setattr("advisor.usecases.validating.queueing.judge_all", judge_none)
    for cores in (None, 1, 2, 64):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        validate_queueing(quick=True)
    assert asked == [1, 1, 2, 2]
