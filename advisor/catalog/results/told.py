"""What another tool's result says: statements about server and load, a summary, and perhaps its single requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from advisor.domain.campaign import Lengths
    from advisor.domain.load import Load
    from advisor.domain.model import Content, Precision
    from advisor.domain.run_figures import RunFigures, Verdict

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a server and of what was asked of it, by a file or by the user; None for what is not said.

    `model` and `gpu` are in the words of whoever says it.
    """

    model: str | None = None
    checkpoint: str | None = None
    gpu: str | None = None
    precision: Precision | None = None
    tensor_parallel: int | None = None
    slots: int | None = None
    token_budget: int | None = None
    engine: str | None = None
    engine_version: str | None = None
    speculative: str | None = None
    content: Content | None = None
    workload: str | None = None
    lengths: Lengths | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """The requests that succeeded, one place each in all columns; None for a column that the file lacks.

    `starts_s` is when each was due in an open loop, when it was sent in a closed one, from any origin; `ttft_s` and `e2e_s`
    count from there. `late_s` is how long after it was due the client sent it.
    """

    e2e_s: FloatArray
    starts_s: FloatArray | None = None
    ttft_s: FloatArray | None = None
    input_tokens: FloatArray | None = None
    output_tokens: FloatArray | None = None
    late_s: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class ToldCanvas:
    """What is said of block diffusion. The commit pass does not count as a step.

    Either the engine's counters over the run are told, `tokens` (length of a canvas) and `committed_tokens`, or how many
    tokens a canvas came to, `tokens_per_canvas`.
    """

    steps_per_canvas: float
    tokens: float | None = None
    committed_tokens: float | None = None
    tokens_per_canvas: float | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run that we exported ourselves keeps: its identifier, its tool, its verdict."""

    id: str
    tool: str
    source: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, eq=False)
class ToldRun:
    """A run as a file tells it.

    `where` is the file and the place in it, for messages; `source` the file's name. `content` is a digest of what the file
    says about the run. `summary` holds the tool's own figures, `requests` what they were made of, where the file has it.
    `tells_spread` is whether the summary knows how much lengths differ. `flags` say what the tool's figures do not mean or show.
    """

    where: str
    source: str
    tool: str
    content: str
    told: Told
    load: Load
    summary: RunFigures
    requests: Requests | None = None
    canvas: ToldCanvas | None = None
    tells_spread: bool = True
    repeat: int = 0
    flags: tuple[str, ...] = ()
    basis: Basis = Basis.MEASURED
    kept: Kept | None = None
