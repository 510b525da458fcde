"""What is said of a server, by its file and by the user."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from advisor.catalog.results import Told
from advisor.domain.basis import Basis
from advisor.domain.campaign import Lengths
from advisor.domain.model import Content, Precision
from advisor.errors import DataError, InputError, UnknownNameError
from tests.runs import DIFFUSION, GEMMA, H100
from tests.unit.catalog.results.told import SAMPLES, sample, written
from tests.unit.usecases.imports import DAY, DETAILED, ENOUGH, ON_H100, codes, only, runs_of, table

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_file_says_is_taken_and_options_fill_the_rest() -> None:
    said = only(
        DETAILED,
        Told(
            gpu="h100",
            tensor_parallel=2,
            slots=64,
            engine_version="0.33.0",
            speculative="mtp",
            workload="chat",
        ),
    )
    assert said.conditions.model_dump(exclude_defaults=True) == {
        "model": GEMMA,
        "gpu": H100,
        "checkpoint": "google/gemma-4-26B-A4B-it",
        "precision": Precision.BF16,
        "tensor_parallel": 2,
        "engine": "vllm",
        "engine_version": "0.33.0",
        "speculative": "mtp",
        "max_num_seqs": 64,
        "workload": "chat",
        "content": Content.CHAT,
    }
    assert (said.tool, said.source, said.basis, said.measured_at.date()) == (
        "vllm-bench",
        "detailed.json",
        Basis.MEASURED,
        DAY.date(),
    )


def test_an_experiment_says_all_that_is_needed_but_the_date() -> None:
    run = runs_of(SAMPLES / "genai-bench" / "normal", given=Told())[0]
    assert (run.conditions.gpu, run.conditions.engine, run.conditions.engine_version) == (H100, "vllm", "0.32.0")
    assert run.conditions.lengths is Lengths.FORCED
    assert "date_of_file" in codes(run.verdict.flags)


def test_full_precision_weights_may_have_been_served_in_another() -> None:
    run = only(DETAILED, Told(gpu="h100", precision=Precision.FP8))
    assert (run.conditions.precision, run.conditions.checkpoint) == (Precision.FP8, "")


def test_a_model_that_only_the_user_knows_is_named_by_the_user(tmp_path: Path) -> None:
    own = written(tmp_path, "r.json", sample("vllm-bench/detailed.json") | {"model_id": "my-tuned-fp8"})
    with pytest.raises(
        InputError, match="does not say which of the known models was measured: it calls it 'my-tuned-fp8'"
    ):
        only(own)
    run = only(own, ENOUGH)
    assert (run.conditions.model, run.conditions.checkpoint, run.conditions.precision) == (GEMMA, "my-tuned-fp8", None)


CONTRADICTIONS: dict[str, tuple[str, dict[str, Any], Told, str]] = {
    "model": ("vllm-bench/detailed.json", {}, Told(model=DIFFUSION, gpu="h100"), "says model google/gemma-4-26B-A4B-it (gemma-4-26b-a4b), and --model says"),
    "gpu": ("vllm-bench/detailed.json", {"gpu": "H100"}, Told(gpu="h200"), "says gpu H100, and --gpu says h200-sxm-141gb"),
    "precision": ("vllm-bench/detailed.json", {"model_id": "nvidia/Gemma-4-26B-A4B-NVFP4"}, Told(gpu="h100", precision=Precision.BF16), "says precision nvfp4 (nvidia/Gemma-4-26B-A4B-NVFP4), and --precision says bf16"),
    "tensor parallel": ("vllm-bench/detailed.json", {"tensor_parallel_size": "2"}, Told(gpu="h100", tensor_parallel=1), "says tensor parallel 2, and --tensor-parallel says 1"),
    "version": ("vllm-bench/detailed.json", {"engine_version": "0.32.0"}, Told(gpu="h100", engine_version="0.33.0"), "says engine version 0.32.0, and --engine-version says 0.33.0"),
    "slots": ("vllm-bench/detailed.json", {"max_num_seqs": 16}, Told(gpu="h100", slots=32), "says slots 16, and --slots says 32"),
    "date": ("vllm-bench/detailed.json", {}, Told(gpu="h100", measured_at=datetime(2026, 1, 2, tzinfo=UTC)), "says measured at 2026-11-24, and --date says 2026-01-02"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_of_file_and_option_is_refused(case: str, tmp_path: Path) -> None:
    name, change, given, problem = CONTRADICTIONS[case]
    path = written(tmp_path, "r.json", {**sample(name), **change})
    with pytest.raises(DataError) as failure:
        only(path, given)
    assert f"{path}: {problem}" in str(failure.value)


def test_a_date_may_differ_by_a_time_zone() -> None:
    assert only(DETAILED, Told(gpu="h100", measured_at=datetime(2026, 11, 25, tzinfo=UTC))).measured_at.day == 24


@pytest.mark.parametrize(
    ("said", "gpu"),
    [("H100", H100), ("A100-80G", "a100-sxm-80gb"), ("RTX-PRO-6000", "rtx-pro-6000-96gb"), ("NVIDIA L4", "l4-24gb")],
)
def test_a_gpu_goes_by_what_the_tool_calls_it(said: str, gpu: str, tmp_path: Path) -> None:
    path = written(tmp_path, "r.json", sample("vllm-bench/detailed.json") | {"gpu": said})
    assert only(path, Told()).conditions.gpu == gpu


def test_what_is_missing_is_asked_for_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not say which GPU was measured") as failure:
        only(DETAILED, Told())
    assert "--gpu" in failure.value.hint
    vague = written(tmp_path, "r.json", sample("vllm-bench/detailed.json") | {"gpu": "A10"})
    assert only(vague, Told()).conditions.gpu == "a10-24gb"
    foreign = written(tmp_path, "f.json", sample("vllm-bench/detailed.json") | {"gpu": "TPU v7"})
    with pytest.raises(InputError, match="it calls it 'TPU v7', which fits none that is known"):
        only(foreign, Told())
    assert only(foreign, ON_H100).conditions.gpu == H100
    with pytest.raises(InputError, match="does not say which of the known models was measured") as failure:
        only(table(tmp_path, "concurrency,request_rate_rps", "1,2"))
    assert "--model" in failure.value.hint


def test_names_that_no_profile_describes_are_refused() -> None:
    for given in (Told(gpu="h1000"), Told(gpu="h100", model="gemma-9"), Told(gpu="h100", speculative="eagle")):
        with pytest.raises(UnknownNameError):
            only(DETAILED, given)
