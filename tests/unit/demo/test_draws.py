"""What is left to chance keeps the laws it is given."""

from __future__ import annotations

from random import Random
from statistics import fmean, quantiles

import pytest

from advisor.demo.job import acceptance, drawn_accepted, drawn_steps
from advisor.demo.setup import CanvasLaw
from advisor.usecases.curves import log_sd_of_steps
from tests.shipped import DIFFUSION, SHIPPED

CANVAS = SHIPPED.models[DIFFUSION].canvas


def _drawn(law: CanvasLaw, *, most: int | None = None, count: int = 20_000) -> list[int]:
    random = Random(1)
    return [drawn_steps(law, random, most=most) for _ in range(count)]


@pytest.mark.parametrize("content", ["structured", "code", "chat", "prose"])
def test_steps_have_the_mean_and_the_90th_percentile_of_their_content(content: str) -> None:
    assert CANVAS is not None
    told = next(law for kind, law in CANVAS.steps.items() if kind == content)
    drawn = _drawn(CanvasLaw(256, told.mean, log_sd_of_steps(told), CANVAS.max_steps))
    assert fmean(drawn) == pytest.approx(told.mean, rel=0.02)
    assert quantiles(drawn, n=10)[-1] == pytest.approx(told.p90, abs=1.0)


def test_steps_stay_between_one_and_what_the_model_or_the_request_allows() -> None:
    wild = CanvasLaw(256, 3.7, 1.5, 48)
    assert (min(_drawn(wild)), max(_drawn(wild))) == (1, 48)
    assert max(_drawn(wild, most=6)) == 6


def test_a_law_without_spread_always_takes_its_mean() -> None:
    assert set(_drawn(CanvasLaw(256, 16.0, 0.0, 48), count=100)) == {16}
    assert fmean(_drawn(CanvasLaw(256, 15.1, 0.0, 48))) == pytest.approx(15.1, rel=0.01)


@pytest.mark.parametrize("tokens", [1.0, 1.7, 2.67, 3.24, 4.0])
def test_drafts_are_accepted_so_often_that_a_step_yields_its_mean(tokens: float) -> None:
    chance, random = acceptance(tokens, 3), Random(2)
    assert 1 + fmean(drawn_accepted(chance, 3, random) for _ in range(20_000)) == pytest.approx(tokens, rel=0.02)
