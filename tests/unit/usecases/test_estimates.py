"""One deployment: memory, slots and closed-loop speed."""

from __future__ import annotations

import pytest

from advisor.domain.basis import Basis
from advisor.domain.model import Content, Precision
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from tests.shipped import DENSE, DIFFUSION, GEMMA, H100, estimated, workload


@pytest.mark.parametrize(("asked", "served"), [(None, 8), (4, 4), (32, 32), (127, 44), (128, 8), (256, 8), (1000, 8)])
def test_slots_of_a_canvas_are_those_that_the_engine_would_serve(asked: int | None, served: int) -> None:
    shown = estimated(DIFFUSION, slots=asked)
    if asked == 127:
        served = min(127, shown.memory.slots_limit)
    assert shown.max_num_seqs == served
    assert ("slots" in {caution.code for caution in shown.warnings}) is (asked is not None and asked != served)


def test_slots_of_a_stream_are_limited_by_memory_alone() -> None:
    shown = estimated(slots=512)
    assert shown.max_num_seqs == shown.memory.slots_limit < 512
    assert estimated(slots=128).max_num_seqs == 128


@pytest.mark.parametrize(("model", "gpu"), [(GEMMA, "l40s"), (DIFFUSION, "l40s"), (DENSE, "l40s")])
def test_what_does_not_fit_is_answered_without_points(model: str, gpu: str) -> None:
    shown = estimated(model, gpu, precision=Precision.BF16)
    assert (shown.memory.fits, shown.memory.slots_limit, shown.points) == (False, 0, ())
    (message,) = [caution.message for caution in shown.warnings if caution.code == "does_not_fit"]
    assert "GB are usable" in message


def test_memory_adds_up() -> None:
    memory = estimated().memory
    assert memory.weights_bytes == 28_637_000_000
    assert memory.fits
    left = memory.usable_bytes - memory.weights_bytes - memory.reserved_bytes
    assert memory.slots_limit == left // memory.kv_bytes_per_request


def test_points_keep_little_s_law() -> None:
    for point in estimated(concurrency=(1, 8, 64, 300)).points:
        assert point.request_rate_rps * point.e2e_mean_s == pytest.approx(point.concurrency)
        assert point.output_tok_s == pytest.approx(point.request_rate_rps * 300)
        assert point.ntpot_mean_ms == pytest.approx(point.e2e_mean_s / 300 * 1e3)


def test_a_stream_has_a_tpot_and_its_parts_add_up() -> None:
    for point in estimated(concurrency=(1, 8, 64)).points:
        assert point.tpot_mean_ms is not None
        assert point.ttft_mean_ms + 299 * point.tpot_mean_ms == pytest.approx(point.e2e_mean_s * 1e3, rel=1e-6)


def test_a_canvas_has_no_tpot_and_shows_its_first_text_late() -> None:
    shown = estimated(DIFFUSION, workload=workload(800, 256))
    assert shown.canvases == 1
    for point in shown.points:
        assert point.tpot_mean_ms is None
        assert point.ttft_mean_ms == pytest.approx(point.e2e_mean_s * 1e3, rel=0.05)


def test_requests_beyond_the_slots_wait() -> None:
    inside, beyond = estimated(DIFFUSION, slots=4, concurrency=(4, 8)).points
    assert (inside.in_service, beyond.in_service) == (4, 4)
    assert beyond.request_rate_rps == inside.request_rate_rps
    assert beyond.ttft_mean_ms > inside.ttft_mean_ms + 900 * inside.e2e_mean_s


def test_steps_follow_content_and_have_a_most() -> None:
    assert estimated(DIFFUSION, workload=workload(content=Content.STRUCTURED)).steps_per_canvas == 3.7
    assert estimated().steps_per_canvas is None
    most, beyond = (workload().model_copy(update={"steps_per_canvas": steps}) for steps in (48.0, 49.0))
    assert estimated(DIFFUSION, workload=most).steps_per_canvas == 48
    with pytest.raises(InputError, match="takes at most 48 steps per canvas"):
        estimated(DIFFUSION, workload=beyond)


def test_without_a_precision_the_first_that_runs_is_taken() -> None:
    assert estimated(precision=None).precision is Precision.FP8
    assert estimated(gpu="a100-sxm-80", precision=None).precision is Precision.FP8
    assert estimated(gpu="a100-sxm-80", precision=None).kernel == "weight_only"


def test_where_one_gpu_is_needed_the_sxm_part_is_meant() -> None:
    assert estimated(gpu="h100").gpu == H100


def test_a_drafter_makes_a_lone_stream_faster() -> None:
    plain, drafted = estimated(concurrency=(1,)), estimated(speculative="mtp", concurrency=(1,))
    assert drafted.contender == "gemma-4-26b-a4b+mtp"
    assert drafted.points[0].output_tok_s > 1.5 * plain.points[0].output_tok_s
    assert estimated(speculative="none").contender == GEMMA


def test_a_drafter_that_is_not_there_is_wrong_use() -> None:
    with pytest.raises(InputError, match="has no drafter"):
        estimated(DIFFUSION, speculative="mtp")
    with pytest.raises(UnknownNameError, match="unknown drafter 'eagle'"):
        estimated(speculative="eagle")


def test_what_the_engine_does_not_run_is_infeasible_with_its_reason() -> None:
    with pytest.raises(InfeasibleError, match="block diffusion on nvidia only"):
        estimated(DIFFUSION, "mi300x", precision=Precision.BF16)
    with pytest.raises(InfeasibleError, match="NVFP4 needs NVIDIA kernels"):
        estimated(GEMMA, "mi300x", precision=Precision.NVFP4)
    with pytest.raises(InfeasibleError, match="no int4 checkpoint"):
        estimated(DIFFUSION, precision=Precision.INT4)


def test_more_gpus_than_a_host_holds_are_infeasible() -> None:
    with pytest.raises(InfeasibleError, match="a host of h100-sxm-80gb holds 8, not 16"):
        estimated(tensor_parallel=16)
    with pytest.raises(InfeasibleError, match="a host of gb10-128gb holds 1, not 2"):
        estimated(gpu="gb10", tensor_parallel=2)


def test_heads_that_do_not_split_are_infeasible() -> None:
    with pytest.raises(InfeasibleError, match="tensor parallelism of 3 is not on offer"):
        estimated(tensor_parallel=3)


def test_published_rows_of_the_cell_are_shown_as_such() -> None:
    shown = estimated(DIFFUSION, "h100", concurrency=(1, 4), workload=workload(300, 256))
    assert {point.basis for point in shown.points} <= {Basis.PUBLISHED, Basis.MODELED}
    assert {"checkpoint", "gpu", "measurement"} == {source.kind for source in shown.sources}
