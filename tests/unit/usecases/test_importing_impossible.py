"""Results whose figures cannot be true are brought in, and count for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from advisor.catalog.results import Told
from advisor.errors import AdvisorError
from tests.runs import DIFFUSION
from tests.unit.catalog.results.told import sample, written
from tests.unit.usecases.imports import DAY, ENOUGH, codes, only, table

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.profiled import ProfiledRun

GOOD = {
    "concurrency": 8,
    "request_rate_rps": 2.0,
    "output_tokens": 300,
    "output_tok_s": 600,
    "requests": 400,
    "completed": 400,
    "e2e_p50_s": 3.9,
    "e2e_p95_s": 6.0,
    "e2e_mean_s": 4.0,
    "ttft_mean_ms": 60.0,
}


def row(folder: Path, given: Told = ENOUGH, **changes: Any) -> ProfiledRun:
    cells = {**GOOD, **changes}
    return only(table(folder, ",".join(cells), ",".join(map(str, cells.values()))), given)


def test_a_row_that_can_be_true_counts(tmp_path: Path) -> None:
    assert row(tmp_path).verdict.valid


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"output_tok_s": 6000}, "token_rate", "6000 output tokens/s are 10 times the 2 requests/s of 300 tokens each"),
        ({"completed": 500}, "impossible", "500 requests completed of 400 sent"),
        ({"e2e_p50_s": 9.0}, "impossible", "p50 of the end-to-end time is 9 and above its p95 of 6"),
        (
            {"ttft_mean_ms": 4100.0},
            "impossible",
            "the first token came after 4.1 s on average, and the last one after 4 s",
        ),
        (
            {"concurrency": "", "offered_rate_rps": 1.0},
            "impossible",
            "2 requests/s were completed of 1 offered",
        ),
    ],
)
def test_a_row_that_contradicts_itself_is_void_and_says_how(
    tmp_path: Path, changes: dict[str, Any], code: str, said: str
) -> None:
    (reason,) = row(tmp_path, **changes).verdict.reasons
    assert reason.startswith(f"{code}: {said}")


@pytest.mark.parametrize("name", ["output_tok_s", "e2e_p95_s", "completed", "output_tokens"])
def test_a_figure_below_zero_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(AdvisorError, match=r"mine\.csv:2: column "):
        row(tmp_path, ENOUGH, **{name: -1})


@pytest.mark.parametrize("column", ["latencies", "ttfts", "output_lens"])
def test_a_request_below_zero_voids_a_run_or_is_refused(tmp_path: Path, column: str) -> None:
    told = sample("vllm-bench/detailed.json")
    told[column][3] = -5
    try:
        run = only(written(tmp_path, "r.json", told))
    except AdvisorError as failure:
        assert "r.json" in str(failure)  # noqa: PT017 - either outcome will do
    else:
        assert "impossible" in codes(run.verdict.reasons)


def test_canvases_of_another_length_than_the_models_are_another_contender(tmp_path: Path) -> None:
    told = sample("vllm-bench/diffusion.json")
    assert only(written(tmp_path, "r.json", told)).verdict.valid
    told["diffusion_denoising_steps"] *= 2  # twice the canvases in the same tokens
    assert codes(only(written(tmp_path, "s.json", told)).verdict.reasons) == ["canvas_length"]


def test_a_table_cannot_tell_how_long_canvases_were(tmp_path: Path) -> None:
    told = {"steps_per_canvas": 12, "tokens_per_canvas": 150}
    run = row(tmp_path, Told(model=DIFFUSION, gpu="h100", measured_at=DAY), **told)
    assert run.verdict.valid
    assert "canvas_length" in codes(run.verdict.flags)
