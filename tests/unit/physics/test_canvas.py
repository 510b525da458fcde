"""Canvases: paid whole, however little of them is used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.model import Content
from advisor.domain.requests import representative_requests
from advisor.physics.diffusion import canvases_of
from advisor.physics.performance import Performance, demand_of, performance
from advisor.physics.shape import shape_of
from tests.shipped import DIFFUSION, SHIPPED, deployment, workload

MODEL = SHIPPED.models[DIFFUSION]
SHAPE = shape_of(MODEL)
COUNTS = np.array([[1.0, 4.0, 16.0]])


def shown(output_tokens: float, *, steps: float = 15.1, input_tokens: float = 800) -> Performance:
    requests = representative_requests(workload(input_tokens, output_tokens))
    return performance(
        [deployment(DIFFUSION)],
        shape=SHAPE,
        constants=SHIPPED.constants,
        demand=demand_of(requests, model=MODEL, steps=steps),
        in_service=COUNTS,
    )


@pytest.mark.parametrize(("tokens", "canvases"), [(0, 1), (1, 1), (84, 1), (256, 1), (257, 2), (512, 2), (1500, 6)])
def test_a_reply_is_paid_in_whole_canvases(tokens: int, canvases: int) -> None:
    assert canvases_of(tokens, canvas_tokens=256) == canvases


def test_a_short_reply_costs_as_much_as_a_full_canvas() -> None:
    assert shown(84).cycle_s == pytest.approx(shown(256).cycle_s, rel=0.01)


def test_one_token_more_than_a_canvas_costs_two() -> None:
    assert shown(257).cycle_s / shown(256).cycle_s == pytest.approx(np.full((1, 3), 2.0), rel=0.1)


def test_the_first_text_of_a_reply_comes_with_its_first_canvas() -> None:
    one, three = shown(256), shown(768)
    assert one.ttft_s == pytest.approx(one.cycle_s)
    assert (three.ttft_s < three.cycle_s / 2).all()


def test_structured_replies_are_about_five_times_cheaper_than_prose() -> None:
    steps = MODEL.canvas.steps if MODEL.canvas else {}
    structured, prose = (
        shown(256, steps=steps[content].mean).turn_s for content in (Content.STRUCTURED, Content.PROSE)
    )
    assert ((prose / structured > 4) & (prose / structured < 6.5)).all()


def test_a_canvas_costs_its_steps_and_a_cheaper_commit() -> None:
    turns = [shown(256, steps=steps).turn_s for steps in (1.0, 2.0, 3.0)]
    step_s, commit_s = turns[1] - turns[0], 2 * turns[0] - turns[1]
    assert turns[2] - turns[1] == pytest.approx(step_s)
    assert ((commit_s > 0) & (commit_s < step_s)).all()


def test_a_denoising_step_reads_the_whole_checkpoint() -> None:
    step_s = (shown(256, steps=2.0).turn_s - shown(256, steps=1.0).turn_s)[0, 0]
    assert step_s > 27.2e9 / 3.35e12


@given(output=st.floats(1, 4000), more=st.floats(0, 2000), steps=st.floats(1, 48))
def test_a_longer_reply_never_takes_less(output: float, more: float, steps: float) -> None:
    assert (shown(output + more, steps=steps).cycle_s >= shown(output, steps=steps).cycle_s * (1 - 1e-9)).all()


@given(steps=st.floats(1, 47), more=st.floats(0, 1))
def test_more_steps_never_take_less(steps: float, more: float) -> None:
    # a prompt shares its passes with fewer others as steps grow, never with more
    assert (shown(300, steps=steps + more).cycle_s >= shown(300, steps=steps).cycle_s * (1 - 1e-9)).all()
