"""How runs near and far correct the model."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.basis import Basis
from advisor.evidence import Anchor, Belief, Cell, believe
from advisor.evidence.anchors import AGE_LOG_SD, CELL_LOG_SD, CONTENDER_LOG_SD, GPU_LOG_SD, RUN_LOG_SD, VERSION_LOG_SD

HERE = Cell("gemma", "gemma-fp8", "h100", 1)
SAME_GPU = Cell("diffusion", "diffusion-fp8", "h100", 1)
SAME_CONTENDER = Cell("gemma", "gemma-fp8", "l40s", 1)
SAME_BOTH = Cell("gemma", "gemma-bf16", "h100", 2)
ELSEWHERE = Cell("diffusion", "diffusion-fp8", "l40s", 1)
PRIOR_SD = math.sqrt(GPU_LOG_SD**2 + CONTENDER_LOG_SD**2 + CELL_LOG_SD**2)

ratios = st.floats(-1.0, 1.0)


def run(cell: Cell = HERE, ratio: float = 0.2, *, basis: Basis = Basis.PUBLISHED, current: bool = True) -> Anchor:
    return Anchor(cell, basis, (ratio,), current, "https://example.org")


def belief(*anchors: Anchor, cell: Cell = HERE) -> Belief:
    (only,) = believe([cell], anchors)
    return only


def test_without_runs_the_model_is_believed_with_its_own_spread() -> None:
    assert belief().factor == 1.0
    assert belief().log_sd == pytest.approx(PRIOR_SD)


def test_nothing_is_believed_of_no_cell() -> None:
    assert believe([], [run()]) == []


def test_a_run_in_the_cell_moves_it_and_narrows_it_as_one_gaussian_does() -> None:
    prior, noise = PRIOR_SD**2, RUN_LOG_SD**2
    shown = belief(run(ratio=0.2))
    assert math.log(shown.factor) == pytest.approx(0.2 * prior / (prior + noise))
    assert shown.log_sd == pytest.approx(max(math.sqrt(prior * noise / (prior + noise)), RUN_LOG_SD))


def test_a_run_of_an_older_engine_leaves_the_spread_between_versions() -> None:
    prior, noise = PRIOR_SD**2, RUN_LOG_SD**2 + VERSION_LOG_SD**2
    shown = belief(run(ratio=0.2, current=False))
    assert math.log(shown.factor) == pytest.approx(0.2 * prior / (prior + noise))
    assert shown.log_sd == pytest.approx(math.sqrt(prior * noise / (prior + noise) + VERSION_LOG_SD**2))


def test_however_many_older_runs_agree_the_spread_between_versions_stays() -> None:
    many = belief(*[run(current=False)] * 200)
    assert VERSION_LOG_SD < many.log_sd < math.sqrt(VERSION_LOG_SD**2 + 0.003)


def test_no_number_of_current_runs_beats_the_scatter_of_one() -> None:
    assert belief(*[run()] * 200).log_sd == pytest.approx(RUN_LOG_SD)


def test_an_agreeing_run_narrows() -> None:
    assert belief(run(), run(), cell=SAME_GPU).log_sd < belief(run(), cell=SAME_GPU).log_sd
    assert belief(run(current=False), run(current=False)).log_sd < belief(run(current=False)).log_sd


def test_a_contradicting_run_shifts() -> None:
    shown = belief(run(ratio=0.3), run(ratio=-0.3))
    assert math.log(shown.factor) == pytest.approx(0.0, abs=1e-9)
    assert belief(run(ratio=0.3)).factor > belief(run(ratio=0.3), run(ratio=0.1)).factor > 1.1


@pytest.mark.parametrize("nearer", [SAME_BOTH, SAME_GPU, SAME_CONTENDER])
def test_a_run_moves_its_own_cell_most(nearer: Cell) -> None:
    assert belief(run()).factor > belief(run(), cell=nearer).factor > 1
    assert belief(run(), cell=nearer).log_sd < math.sqrt(PRIOR_SD**2 + VERSION_LOG_SD**2)


def test_the_same_gpu_says_more_than_the_same_contender() -> None:
    moved = [math.log(belief(run(), cell=cell).factor) for cell in (SAME_BOTH, SAME_GPU, SAME_CONTENDER)]
    assert moved == sorted(moved, reverse=True)
    assert moved[1] / moved[2] == pytest.approx((GPU_LOG_SD / CONTENDER_LOG_SD) ** 2)


def test_a_run_elsewhere_says_nothing() -> None:
    assert belief(run(), cell=ELSEWHERE).factor == pytest.approx(1.0)


def test_a_cell_never_run_on_the_current_engine_is_no_surer_than_its_versions() -> None:
    assert belief(run(), cell=SAME_GPU).log_sd > VERSION_LOG_SD


def test_an_own_run_replaces_the_published_ones_of_its_cell() -> None:
    own = run(ratio=-0.2, basis=Basis.MEASURED)
    assert belief(run(ratio=0.5), own) == belief(own)


def test_an_own_run_leaves_the_published_ones_of_other_cells() -> None:
    own = run(ratio=-0.2, basis=Basis.MEASURED)
    assert belief(run(SAME_GPU, 0.5), own) != belief(own)


def test_levels_that_disagree_make_a_run_less_sure() -> None:
    steady = replace(run(), log_ratios=(0.2, 0.2, 0.2))
    torn = replace(run(), log_ratios=(-0.4, 0.2, 0.8))
    assert torn.log_ratio == pytest.approx(steady.log_ratio)
    assert torn.variance > steady.variance == pytest.approx(RUN_LOG_SD**2)
    assert belief(torn).factor < belief(steady).factor


@given(found=st.lists(ratios, min_size=1, max_size=6), current=st.booleans())
def test_a_belief_stays_within_what_was_seen_and_what_was_modeled(found: list[float], current: bool) -> None:
    shown = math.log(belief(*(run(ratio=ratio, current=current) for ratio in found)).factor)
    assert min(*found, 0.0) - 1e-9 <= shown <= max(*found, 0.0) + 1e-9


@given(found=st.lists(st.tuples(st.sampled_from([HERE, SAME_GPU, SAME_CONTENDER, SAME_BOTH]), ratios), max_size=8))
def test_another_run_never_makes_less_sure(found: list[tuple[Cell, float]]) -> None:
    runs = [run(cell, ratio) for cell, ratio in found]
    assert belief(*runs, run()).log_sd <= belief(*runs).log_sd + 1e-9


@given(found=st.lists(ratios, min_size=1, max_size=6))
def test_the_order_of_runs_does_not_matter(found: list[float]) -> None:
    runs = [run(ratio=ratio) for ratio in found]
    turned = runs[::-1]
    assert belief(*runs).factor == pytest.approx(belief(*turned).factor)


def test_cells_are_believed_together_as_alone() -> None:
    runs = [run(), run(SAME_GPU, -0.1), run(SAME_CONTENDER, 0.4)]
    cells = [HERE, SAME_BOTH, ELSEWHERE]
    for cell, shown in zip(cells, believe(cells, runs), strict=True):
        alone = belief(*runs, cell=cell)
        assert (shown.factor, shown.log_sd) == pytest.approx((alone.factor, alone.log_sd))


def test_a_stale_run_leaves_the_spread_of_its_age() -> None:
    prior, noise = PRIOR_SD**2, RUN_LOG_SD**2 + AGE_LOG_SD**2
    shown = belief(replace(run(ratio=0.2), stale=True))
    assert math.log(shown.factor) == pytest.approx(0.2 * prior / (prior + noise))
    assert shown.log_sd == pytest.approx(math.sqrt(prior * noise / (prior + noise) + AGE_LOG_SD**2))


def test_a_fresh_run_outweighs_a_stale_one_and_takes_its_spread_away() -> None:
    stale = replace(run(ratio=0.4), stale=True)
    both = belief(stale, run(ratio=0.0))
    assert math.log(both.factor) < 0.2 * PRIOR_SD**2 / (PRIOR_SD**2 + RUN_LOG_SD**2 / 2)
    assert both.log_sd < belief(stale).log_sd


def test_three_repeats_make_surer_than_one() -> None:
    repeated = replace(run(), log_sd=0.03)
    assert belief(repeated).log_sd < belief(run()).log_sd == RUN_LOG_SD
    assert belief(*[repeated] * 200).log_sd == pytest.approx(0.03)
