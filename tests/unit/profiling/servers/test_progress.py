"""How far a start has come, by its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import Stage
from advisor.profiling.servers.progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = {
    "Fetching 11 files:  36%|███▋      | 4/11 [00:52<01:31, 13.1s/it]": ("downloading weights", 0.36),
    "Loading safetensors checkpoint shards:  45% Completed | 5/11 [00:03<00:04,  1.30it/s]": ("loading weights", 0.45),
    "Loading safetensors checkpoint shards (eager):   0% Completed | 0/11": ("loading weights", 0.0),
    "Multi-thread loading shards: 100% Completed | 11/11 [00:03<00:00]": ("loading weights", 1.0),
    "Loading safetensors using Runai Model Streamer:  50% Completed | 1/2": ("loading weights", 0.5),
    "(Worker pid=7) INFO 11-24 09:24:18 [monitor.py:40] Starting torch.compile": ("compiling", None),
    "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  40%|████      | 14/35": ("capturing CUDA graphs", 0.4),
    "Capturing CUDA graphs (decode, FULL): 100%|██████████| 19/19": ("capturing CUDA graphs", 1.0),
    "GPU KV cache size: 508,112 tokens, Maximum concurrency for 8,192 tokens per request: 62x": ("sizing the KV cache", None),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_log_tells_what_is_being_done(line: str) -> None:
    progress = progress_of([line])
    assert progress is not None
    assert progress.stage is Stage.LOADING
    assert (progress.text, progress.done_share) == LINES[line]


def test_the_last_telling_line_counts() -> None:
    progress = progress_of([*LINES, "INFO nothing of interest"])
    assert progress is not None
    assert progress.text == "sizing the KV cache"


def test_lines_that_tell_nothing_are_no_progress() -> None:
    assert progress_of(["INFO 11-24 hello", "Enforce eager set, disabling torch.compile, CUDAGraphs"]) is None


def test_the_start_of_a_real_engine_is_followed_to_its_end(sample: Callable[[str], str]) -> None:
    lines = sample("gemma_start.log").splitlines()
    told = [progress.text for line in lines if (progress := progress_of([line])) is not None]
    assert list(dict.fromkeys(told)) == [
        "starting the engine", "loading weights", "sizing the KV cache", "engine is up", "opening the port",
    ]  # fmt: skip
