"""Throughput and latency against load: what was observed of a deployment, and what the model says of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from advisor.domain.basis import Basis


class Figure(StrEnum):
    """What is looked at against the load."""

    OUTPUT_TOK_S = "output_tok_s"
    E2E_MEAN_S = "e2e_mean_s"
    E2E_P50_S = "e2e_p50_s"
    E2E_P95_S = "e2e_p95_s"
    TTFT_MEAN_MS = "ttft_mean_ms"
    TTFT_P50_MS = "ttft_p50_ms"
    TTFT_P95_MS = "ttft_p95_ms"
    TPOT_MEAN_MS = "tpot_mean_ms"


TITLES: Mapping[Figure, tuple[str, str]] = {
    Figure.OUTPUT_TOK_S: ("Output of one replica", "tokens/s"),
    Figure.E2E_MEAN_S: ("End-to-end time, mean", "s"),
    Figure.E2E_P50_S: ("End-to-end time, median", "s"),
    Figure.E2E_P95_S: ("End-to-end time, p95", "s"),
    Figure.TTFT_MEAN_MS: ("Time to first token, mean", "ms"),
    Figure.TTFT_P50_MS: ("Time to first token, median", "ms"),
    Figure.TTFT_P95_MS: ("Time to first token, p95", "ms"),
    Figure.TPOT_MEAN_MS: ("Time per further token (TPOT), mean", "ms"),
}
"""Each figure in words, and its unit."""


@dataclass(frozen=True, slots=True, order=True)
class Layout:
    """A deployment as points are compared within it; `precision` and `speculative` are empty where nothing is known or none is."""

    model: str
    speculative: str
    precision: str
    gpu: str
    tensor_parallel: int

    @property
    def label(self) -> str:
        """Name it to a reader."""
        contender = f"{self.model}+{self.speculative}" if self.speculative else self.model
        gpus = self.gpu if self.tensor_parallel == 1 else f"{self.tensor_parallel}x {self.gpu}"
        return f"{contender} {self.precision or 'unknown precision'} on {gpus}"


@dataclass(frozen=True, slots=True)
class ObservedPoint:
    """One figure at one load. `low` and `high` bound its 95 % interval, None where nobody told one.

    `in_flight_mean` is the concurrency of a closed loop, the mean requests in flight of an open one (`open_loop`). `alike` says
    whether lengths are within a factor of two of those of the question. `run_id` is empty for a published point.
    """

    layout: Layout
    in_flight_mean: float
    open_loop: bool
    value: float
    low: float | None
    high: float | None
    basis: Basis
    engine: str
    date: date
    input_tokens: float
    output_tokens: float
    alike: bool
    source: str
    source_url: str = ""
    run_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModeledPoint:
    """What `advisor estimate` says at one concurrency, evidence included; `low` and `high` bound 95 % of its spread."""

    in_flight: int
    value: float
    low: float | None
    high: float | None
    basis: Basis
