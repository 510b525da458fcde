"""The simulated engine of a real deployment: its speed is the estimate's, its limits are the engine's."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from advisor.demo.scheduler import Scheduler, Wish
from advisor.domain.demo import DemoQuestion
from advisor.domain.model import Content, Precision
from advisor.domain.question import EstimateQuestion
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.usecases.demo_engine import demo_setup
from tests.shipped import DIFFUSION, GEMMA, H100, SHIPPED, estimated, workload
from tests.unit.demo.engines import run

if TYPE_CHECKING:
    from advisor.demo.setup import EngineSetup, Listening

MS = 1e-3


def built(model: str = GEMMA, gpu: str = H100, **more: Any) -> tuple[EngineSetup, Listening]:
    """Return engine and server; `more` are fields of the deployment, or of the demo."""
    own = {name: more.pop(name) for name in list(more) if name in DemoQuestion.model_fields}
    fields: dict[str, Any] = {"workload": workload(), "precision": Precision.FP8, **more}
    return demo_setup(DemoQuestion(replica=EstimateQuestion(model=model, gpu=gpu, **fields), **own), SHIPPED)


def alone(setup: EngineSetup, *, prompt: int, reply: int, requests: int = 1) -> tuple[float, float]:
    """Return mean time to first text and end-to-end time of requests that are served one after another [s]."""
    scheduler, first_s, whole_s = Scheduler(setup), [], []
    for _ in range(requests):
        course, (job,) = run(scheduler, [(0, Wish(prompt, reply, ignores_end=True))])
        first_s.append(course.parts[job.number][0][0])
        whole_s.append(course.e2e_s(job.number))
    return fmean(first_s), fmean(whole_s)


@pytest.mark.parametrize("gpu", [H100, "h200-sxm-141gb", "l40s-48gb"])
@pytest.mark.parametrize(("prompt", "reply"), [(800, 300), (1500, 1), (100, 2000)])
def test_one_request_in_flight_takes_what_is_estimated(gpu: str, prompt: int, reply: int) -> None:
    work = workload(prompt, reply)
    (point,) = estimated(GEMMA, gpu, workload=work, concurrency=(1,)).points
    ttft_s, e2e_s = alone(built(GEMMA, gpu, workload=work)[0], prompt=prompt, reply=reply)
    assert e2e_s == pytest.approx(point.e2e_mean_s, rel=0.01)
    assert ttft_s == pytest.approx(point.ttft_mean_ms * MS, rel=0.01)


@pytest.mark.parametrize("content", list(Content))
def test_one_canvas_in_flight_takes_what_is_estimated(content: Content) -> None:
    work = workload(800, 300, content=content)
    (point,) = estimated(DIFFUSION, workload=work, concurrency=(1,)).points
    _, e2e_s = alone(built(DIFFUSION, workload=work)[0], prompt=800, reply=300, requests=3000)
    assert e2e_s == pytest.approx(point.e2e_mean_s, rel=0.01)


def test_a_reply_of_one_canvas_comes_all_at_once() -> None:
    work = workload(800, 256)
    (point,) = estimated(DIFFUSION, workload=work, concurrency=(1,)).points
    ttft_s, e2e_s = alone(built(DIFFUSION, workload=work)[0], prompt=800, reply=256, requests=3000)
    assert ttft_s == e2e_s == pytest.approx(point.ttft_mean_ms * MS, rel=0.01)


def test_one_drafted_request_in_flight_takes_what_is_estimated() -> None:
    work = workload(800, 1000)
    (point,) = estimated(GEMMA, speculative="mtp", workload=work, concurrency=(1,)).points
    _, e2e_s = alone(built(speculative="mtp", workload=work)[0], prompt=800, reply=1000, requests=50)
    assert e2e_s == pytest.approx(point.e2e_mean_s, rel=0.01)


@pytest.mark.parametrize("model", [GEMMA, DIFFUSION])
def test_requests_in_flight_together_take_about_what_is_estimated(model: str) -> None:
    work = workload(200, 512)
    (point,) = estimated(model, workload=work, concurrency=(4,), slots=4).points
    wishes = [(0, Wish(200, 512, ignores_end=True))] * 400
    course, _ = run(Scheduler(built(model, workload=work, slots=4)[0]), wishes)
    assert len(wishes) / sum(course.durations_s) == pytest.approx(point.request_rate_rps, rel=0.03)


def test_own_steps_take_the_place_of_those_of_the_content() -> None:
    work = workload(100, 256).model_copy(update={"steps_per_canvas": 16.0})
    setup, listening = built(DIFFUSION, workload=work)
    assert setup.canvas is not None
    assert setup.canvas.steps_mean == listening.settings["steps_per_canvas"] == 16.0


@pytest.mark.parametrize(("asked", "served"), [(None, 8), (4, 4), (16, 16), (128, 8), (256, 8)])
def test_slots_of_a_canvas_model_are_those_that_the_engine_serves(asked: int | None, served: int) -> None:
    setup, listening = built(DIFFUSION, slots=asked)
    assert setup.slots == listening.settings["max_num_seqs"] == served
    assert listening.settings["asked_max_num_seqs"] == asked


def test_slots_end_where_memory_does() -> None:
    setup, _ = built(DIFFUSION, slots=127)
    assert setup.slots == estimated(DIFFUSION).memory.slots_limit < 127


def test_a_token_budget_of_ones_own_is_kept() -> None:
    setup, listening = built(DIFFUSION, slots=8, max_num_batched_tokens=1024)
    assert setup.token_budget == listening.settings["max_num_batched_tokens"] == 1024


def test_a_budget_that_holds_no_canvas_is_refused() -> None:
    with pytest.raises(InputError, match=r"--max-num-batched-tokens.* 256 tokens"):
        built(DIFFUSION, max_num_batched_tokens=200)


def test_what_does_not_fit_is_not_served() -> None:
    with pytest.raises(InfeasibleError, match="needs"):
        built(GEMMA, "l4-24gb")


def test_names_are_looked_up() -> None:
    with pytest.raises(UnknownNameError, match="unknown model"):
        built("no-such-model")


def test_replies_without_forced_length_are_as_long_as_those_of_the_workload() -> None:
    setup, _ = built(workload=workload(100, 300, cv=0.8))
    assert fmean(setup.reply_tokens) == pytest.approx(300, rel=0.01)
    assert len(set(setup.reply_tokens)) > 100


def test_the_cache_holds_what_memory_leaves() -> None:
    small, large = built(GEMMA, H100)[0], built(GEMMA, "h200-sxm-141gb")[0]
    assert small.kv_tokens > small.slots * 1100 * 0.9
    assert large.kv_tokens > 1.5 * small.kv_tokens


def test_the_server_goes_by_the_name_of_the_model_or_by_ones_own() -> None:
    assert built()[1].served_name == GEMMA
    assert built(served_name="mine")[1].served_name == "mine"


def test_a_canvas_pass_that_commits_is_shorter_than_one_that_denoises() -> None:
    setup, _ = built(DIFFUSION)
    assert min(setup.pace.denoising_s) > 0
    assert list(setup.pace.step_s) == sorted(setup.pace.step_s)
    assert replace(setup, seed=1).slots == setup.slots
