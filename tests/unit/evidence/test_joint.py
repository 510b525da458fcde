"""How the errors of several estimates hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.domain.basis import Basis
from advisor.evidence import Anchor, Cell, Place, believe, draw_log_speeds
from advisor.evidence.anchors import CELL_LOG_SD, CONTENDER_LOG_SD, GPU_LOG_SD, left_covariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

GEMMA_H100 = Cell("gemma", "gemma-fp8", "h100", 1)
DIFFUSION_H100 = Cell("diffusion", "diffusion-fp8", "h100", 1)
GEMMA_L40S = Cell("gemma", "gemma-fp8", "l40s", 1)
DIFFUSION_B200 = Cell("diffusion", "diffusion-fp8", "b200", 1)
PRIOR_SD = float(np.sqrt(GPU_LOG_SD**2 + CONTENDER_LOG_SD**2 + CELL_LOG_SD**2))
MANY = 20_000


def run(cell: Cell, ratio: float = 0.0) -> Anchor:
    return Anchor(cell.in_regime(batched=True), Basis.PUBLISHED, (ratio,), same_version=True, url="")


def place(cell: Cell, log_sd: float = PRIOR_SD, *, alone: bool = False, batched: float = 1.0) -> Place:
    return Place(cell, batched_share=batched, log_sd=log_sd, alone=alone)


def drawn(*places: Place, anchors: tuple[Anchor, ...] = (run(GEMMA_H100), run(GEMMA_L40S))) -> FloatArray:
    return draw_log_speeds(places, anchors, draws=MANY, seed=1)


def correlation(*places: Place, anchors: tuple[Anchor, ...] = (run(GEMMA_H100), run(GEMMA_L40S))) -> float:
    first, second = drawn(*places, anchors=anchors)
    return float(np.mean((first - first.mean()) * (second - second.mean())) / (first.std() * second.std()))


def test_each_place_has_the_spread_that_it_states_however_much_it_shares() -> None:
    found = drawn(place(GEMMA_H100, 0.2), place(DIFFUSION_H100, 0.25), place(GEMMA_L40S, 0.3))
    assert found.std(axis=1) == pytest.approx([0.2, 0.25, 0.3], rel=0.02)
    assert found.mean(axis=1) == pytest.approx([0.0, 0.0, 0.0], abs=0.01)


def test_places_of_one_cell_err_alike_but_for_how_far_they_are_batched() -> None:
    assert correlation(place(DIFFUSION_H100), place(DIFFUSION_H100)) == pytest.approx(1.0)
    assert 0.3 < correlation(place(DIFFUSION_H100), place(DIFFUSION_H100, batched=0.0)) < 0.99


def test_of_no_places_there_are_no_draws() -> None:
    assert drawn().shape == (0, MANY)


def test_one_gpu_type_that_was_measured_for_another_contender_only_ties_less_than_one_that_never_was() -> None:
    seen = correlation(place(DIFFUSION_H100), place(GEMMA_H100))
    never = correlation(place(DIFFUSION_H100), place(GEMMA_H100), anchors=())
    assert 0.0 < abs(seen) < never


def test_places_with_nothing_in_common_do_not_err_together() -> None:
    assert correlation(place(DIFFUSION_B200), place(GEMMA_L40S), anchors=()) == pytest.approx(0.0, abs=0.03)


def test_a_place_that_stands_apart_errs_alone() -> None:
    assert correlation(place(DIFFUSION_H100, alone=True), place(GEMMA_H100), anchors=()) == pytest.approx(0, abs=0.03)


def test_a_gpu_type_that_was_never_measured_has_heavy_tails() -> None:
    def beyond_four_sds(anchors: tuple[Anchor, ...]) -> float:
        return float(np.mean(np.abs(drawn(place(DIFFUSION_B200), anchors=anchors)) > 4 * PRIOR_SD))

    elsewhere, here = run(GEMMA_H100), run(Cell("other", "other-fp8", "b200", 1))
    assert beyond_four_sds((elsewhere,)) > 3 * max(beyond_four_sds((elsewhere, here)), 1e-4)


def test_ninety_of_a_hundred_draws_on_an_unseen_gpu_lie_where_students_law_puts_them() -> None:
    # t with 5 degrees of freedom: the 95th percentile is 2.015 times its scale, here of the GPU's part alone.
    found = drawn(place(DIFFUSION_B200), anchors=())
    rest = np.hypot(CONTENDER_LOG_SD, CELL_LOG_SD)
    at_least, at_most = np.hypot(1.645 * GPU_LOG_SD, 1.645 * rest), np.hypot(2.1 * GPU_LOG_SD, 1.7 * rest)
    assert at_least < float(np.quantile(found, 0.95)) < at_most


def test_a_place_draws_the_same_whatever_is_drawn_beside_it() -> None:
    alone, *_ = drawn(place(DIFFUSION_H100))
    *_, last = drawn(place(GEMMA_L40S), place(DIFFUSION_B200), place(DIFFUSION_H100))
    assert np.allclose(alone, last, rtol=0.0, atol=1e-12)


def test_more_draws_begin_with_the_fewer() -> None:
    places, anchors = [place(GEMMA_H100), place(DIFFUSION_B200)], (run(GEMMA_H100),)
    few, many = (draw_log_speeds(places, anchors, draws=draws, seed=1) for draws in (50, 400))
    assert np.allclose(few, many[:, :50], rtol=0.0, atol=1e-12)


def test_another_seed_draws_something_else() -> None:
    one, other = (draw_log_speeds([place(GEMMA_H100)], (), draws=50, seed=seed) for seed in (1, 2))
    assert np.corrcoef(one[0], other[0])[0, 1] < 0.5


def test_draws_have_the_covariance_that_runs_leave() -> None:
    anchors = (run(GEMMA_H100), run(GEMMA_H100, 0.3), run(DIFFUSION_B200), run(GEMMA_L40S))
    cells = [cell.in_regime(batched=True) for cell in (DIFFUSION_H100, GEMMA_H100, DIFFUSION_B200, GEMMA_L40S)]
    left = left_covariance(cells, anchors)
    places = [place(cell, float(sd)) for cell, sd in zip(cells, np.sqrt(np.diag(left)), strict=True)]
    assert np.cov(drawn(*places, anchors=anchors)) == pytest.approx(left, abs=1e-3)


def test_what_is_left_of_the_covariance_agrees_with_what_is_believed_of_each_cell() -> None:
    anchors = (run(GEMMA_H100, 0.1), run(GEMMA_L40S, -0.2))
    cells = [cell.in_regime(batched=True) for cell in (DIFFUSION_H100, DIFFUSION_B200)]
    doubt = np.array([belief.log_sd**2 for belief in believe(cells, anchors)]) - np.diag(
        left_covariance(cells, anchors)
    )
    assert doubt == pytest.approx([0.10**2, 0.10**2])  # the spread between engine versions, which each has for itself


def test_one_more_run_never_leaves_more_doubt_about_anything() -> None:
    cells = [GEMMA_H100, DIFFUSION_H100, GEMMA_L40S]
    before = left_covariance(cells, [run(GEMMA_L40S)])
    after = left_covariance(cells, [run(GEMMA_L40S), run(DIFFUSION_H100)])
    assert np.linalg.eigvalsh(before - after).min() > -1e-12
