"""One throughput or latency figure that somebody measured, with everything needed to judge it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from advisor.domain.basis import Basis
    from advisor.domain.model import Content, Precision


UNTOLD = "unknown"
"""Engine or version of a run that does not tell it."""


class MeasuredMetric(StrEnum):
    """What a row's value is."""

    OUTPUT_TOK_S = "output_tok_s"
    DECODE_TOK_S_PER_USER = "decode_tok_s_per_user"
    WALL_TOK_S = "wall_tok_s"
    BATCH_WALL_S = "batch_wall_s"
    TTFT_MEAN_MS = "ttft_mean_ms"
    TTFT_MEDIAN_MS = "ttft_median_ms"
    TTFT_P95_MS = "ttft_p95_ms"
    TPOT_MEAN_MS = "tpot_mean_ms"
    TPOT_MEDIAN_MS = "tpot_median_ms"
    E2E_MEAN_S = "e2e_mean_s"
    REQUEST_THROUGHPUT_RPS = "request_throughput_rps"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A dated figure of one deployment at one load level (closed loop: `concurrency` requests always in flight).

    `excluded` is empty for a row that the estimator may be judged on, else the reason why not.
    """

    id: str
    model: str
    checkpoint: str
    precision: Precision
    gpu: str
    tensor_parallel: int
    engine: str
    engine_version: str
    speculative: str | None
    input_tokens: int
    output_tokens: int
    concurrency: int
    slots: int
    content: Content
    steps: float | None
    kv_bytes_per_value: float
    metric: MeasuredMetric
    value: float
    basis: Basis
    date: date
    source_url: str
    set_name: str
    excluded: str = ""
    notes: str = ""

    @property
    def engine_in_words(self) -> str:
        """Engine and version, as far as they are known."""
        known = [part for part in (self.engine, self.engine_version) if part != UNTOLD]
        return " ".join(known) if known else "an unknown engine"

    @property
    def flaw(self) -> str:
        """What makes this row unusable whatever it measures, or nothing."""
        counts = {
            "tensor_parallel": self.tensor_parallel,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "concurrency": self.concurrency,
            "slots": self.slots,
        }
        low = next((name for name, count in counts.items() if count < 1), "")
        if low:
            return f"{low} is {counts[low]}, must be at least 1"
        if not (math.isfinite(self.value) and self.value > 0):
            return f"{self.metric} is {self.value:g}, must be positive"
        return "" if self.kv_bytes_per_value > 0 else "kv_bytes_per_value must be positive"


@dataclass(frozen=True, slots=True)
class OwnMeasurement(Measurement):
    """The mean of the repeats of a cell that the user's own profiler, or another tool, measured.

    `set_name` is the campaign. `run_ids` are the runs behind the mean, `tool` what sent the requests, `log_sd` the spread
    of the mean (standard deviation of its logarithm), and `flags` what is said of the runs: each a code, a colon, a
    sentence. `canvases` are those of a request on average. `source_url` is empty: the runs are in the user's database.
    """

    run_ids: tuple[str, ...] = ()
    tool: str = ""
    log_sd: float = 0.05
    flags: tuple[str, ...] = ()
    input_tokens_cv: float = 0.0
    cached_prompt_share: float = 0.0
    canvases: float | None = None
