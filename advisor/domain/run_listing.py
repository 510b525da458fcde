"""The answers of `advisor runs` and `advisor history`."""

from datetime import datetime
from typing import Literal

from advisor.domain.basis import Basis
from advisor.domain.given import GivenRecommendation
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import Percentiles
from advisor.domain.value import Value


class RunLine(Value):
    """One run: what was measured, under what, and whether it counts.

    `concurrency` is that of a closed loop, `offered_rate_rps` that of an open one, `request_rate_rps` what was completed.
    `load` names it to a reader. `valid` is false for a run that was discarded, and `reasons` say so.
    """

    id: str
    campaign: str
    campaign_id: str
    model: str
    gpu: str
    tensor_parallel: int
    checkpoint: str
    precision: Precision | None
    engine: str
    engine_version: str
    speculative: str | None
    max_num_seqs: int | None
    max_num_batched_tokens: int | None
    workload: str
    content: Content | None
    load: str
    concurrency: int | None
    offered_rate_rps: float | None
    repeat: int
    request_rate_rps: float
    output_tok_s: float
    ttft_ms: Percentiles | None
    tpot_ms: Percentiles | None
    ntpot_ms: Percentiles | None
    e2e_s: Percentiles | None
    requests: int
    completed: int
    failures: dict[str, int]
    input_tokens_mean: float
    output_tokens_mean: float
    steps_per_canvas: float | None
    tokens_per_canvas: float | None
    duration_s: float
    valid: bool
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    discarded: str
    basis: Basis
    measured_at: datetime
    tool: str
    source: str


class RunListing(Value):
    """The runs of a database, in the order they came in."""

    schema_version: Literal[1] = 1
    runs: tuple[RunLine, ...]


class History(Value):
    """The recommendations given, the newest last."""

    schema_version: Literal[1] = 1
    recommendations: tuple[GivenRecommendation, ...]
