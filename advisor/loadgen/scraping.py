"""The engine's own metrics: read while a run goes on, and compared from one moment to another.

Only the lines of the names below are looked at: a whole page of a server has thousands, and parsing it would delay the
clock of the run. To read another engine, or another figure, enter its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from advisor.domain.timing import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STEPS = ("vllm:diffusion_num_denoising_steps_total",)
POSITIONS = ("vllm:diffusion_num_canvas_positions_total",)
COMMITTED = ("vllm:diffusion_num_committed_tokens_total",)
DRAFTS = ("vllm:spec_decode_num_drafts_total",)
DRAFT_TOKENS = ("vllm:spec_decode_num_draft_tokens_total",)
ACCEPTED = ("vllm:spec_decode_num_accepted_tokens_total",)
PREEMPTIONS = ("vllm:num_preemptions_total",)
FINISHED = ("vllm:request_success_total", "sglang:num_requests_total")
"""Requests that came to an end, by whatever reason and of whatever client; llama.cpp does not count them."""
CACHE_QUERIES = ("vllm:prefix_cache_queries_total",)
CACHE_HITS = ("vllm:prefix_cache_hits_total",)
GENERATED = ("vllm:generation_tokens_total", "llamacpp:tokens_predicted_total", "sglang:generation_tokens_total")
PROMPTED = ("vllm:prompt_tokens_total", "llamacpp:prompt_tokens_total", "sglang:prompt_tokens_total")
RUNNING = ("vllm:num_requests_running", "llamacpp:requests_processing", "sglang:num_running_reqs")
WAITING = ("vllm:num_requests_waiting", "llamacpp:requests_deferred", "sglang:num_queue_reqs")
CACHE_USAGE = (
    "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "llamacpp:kv_cache_usage_ratio", "sglang:token_usage",
)  # fmt: skip

WANTED = (
    *STEPS, *POSITIONS, *COMMITTED, *DRAFTS, *DRAFT_TOKENS, *ACCEPTED, *PREEMPTIONS, *CACHE_QUERIES, *CACHE_HITS, *GENERATED,
    *PROMPTED, *RUNNING, *WAITING, *CACHE_USAGE, *FINISHED,
)  # fmt: skip
_LINE = re.compile(rf"^((?:{'|'.join(WANTED)})(?:\{{.*\}})?) +(\S+)", re.MULTILINE)


def read_metrics(page: bytes, *, at_s: float) -> tuple[Sample, ...]:
    """Return the wanted readings of a page in the text format of Prometheus; values that are no numbers are left out."""
    found = _LINE.findall(page.decode(errors="replace"))
    return tuple(Sample(at_s, name, number) for name, text in found if (number := _number(text)) is not None)


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a run, in time order. A figure is the sum over the engines (or their maximum) that a server shows."""

    samples: Sequence[Sample]

    def between(self, low_s: float, high_s: float) -> Readings:
        """Return the readings of a span."""
        return Readings([sample for sample in self.samples if low_s <= sample.at_s <= high_s])

    def growth(self, names: Sequence[str]) -> float | None:
        """Return by how much a counter grew from the first page to the last; None where that is not known.

        One page alone tells no growth. A counter that falls is that of a server that began anew, or of several behind one
        address, and tells none either.
        """
        totals = self._pages(names)
        falls = any(later < earlier for earlier, later in pairwise(totals))
        return totals[-1] - totals[0] if len(totals) > 1 and not falls else None

    def mean(self, names: Sequence[str]) -> float | None:
        """Return the mean of a gauge over the pages."""
        totals = self._pages(names)
        return sum(totals) / len(totals) if totals else None

    def highest(self, names: Sequence[str]) -> float | None:
        """Return the highest reading of a gauge on any engine."""
        return max(self._values(names), default=None)

    def _values(self, names: Sequence[str]) -> Iterable[float]:
        return (sample.value for sample in self.samples if _bare(sample.name) in names)

    def _pages(self, names: Sequence[str]) -> list[float]:
        pages: dict[float, float] = {}
        for sample in self.samples:
            if _bare(sample.name) in names:
                pages[sample.at_s] = pages.get(sample.at_s, 0.0) + sample.value
        return list(pages.values())


def _bare(name: str) -> str:
    return name.partition("{")[0]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None
