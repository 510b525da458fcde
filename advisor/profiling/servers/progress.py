"""How far a start has come, by what the engine's log says. The texts are those of vLLM 0.32."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.attempt import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class StartProgress:
    """What a start is doing; `done_share` says how far that has come, where the log tells."""

    stage: Stage
    text: str
    done_share: float | None = None


_STEPS: tuple[tuple[str, Stage, str], ...] = (
    (r"Initializing a V1 LLM engine", Stage.STARTING, "starting the engine"),
    (r"(?:Fetching \d+ files|Download\w*)[^|]*?:\s*(?P<percent>\d+)%", Stage.LOADING, "downloading weights"),
    (r"Starting to load model|Loading model from scratch", Stage.LOADING, "loading weights"),
    (r"[Ll]oading [\w ().-]*?(?:shards|Streamer|loader)[^:]*:\s*(?P<percent>\d+)%", Stage.LOADING, "loading weights"),
    (r"(?:Loading weights|Model loading) took", Stage.LOADING, "loaded weights"),
    (r"torch\.compile|Dynamo bytecode transform|Compiling a graph", Stage.LOADING, "compiling"),
    (r"Memory profiling takes|Available KV cache memory|KV cache size", Stage.LOADING, "sizing the KV cache"),
    (r"Capturing CUDA graphs[^:]*:\s*(?P<percent>\d+)%", Stage.LOADING, "capturing CUDA graphs"),
    (r"Graph capturing finished", Stage.LOADING, "captured CUDA graphs"),
    (r"init engine .* took", Stage.LOADING, "engine is up"),
    (r"Starting vLLM server on", Stage.LOADING, "opening the port"),
)
STEPS = tuple((re.compile(pattern), stage, text) for pattern, stage, text in _STEPS)
_SETTLED = re.compile(r"disabling torch\.compile")


def progress_of(lines: Iterable[str]) -> StartProgress | None:
    """Return how far a start has come by the last telling line; None if no line tells."""
    told = [progress for line in lines if (progress := _told_by(line)) is not None]
    return told[-1] if told else None


def _told_by(line: str) -> StartProgress | None:
    for pattern, stage, text in STEPS:
        found = pattern.search(line)
        if found is not None and not _SETTLED.search(line):
            percent = found.groupdict().get("percent")
            return StartProgress(stage, text, None if percent is None else int(percent) / 100.0)
    return None
