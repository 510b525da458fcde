"""How measured runs correct the model, near and far.

The model's error is a product of log-normal factors: one of the GPU type, one of the contender, one of the cell (that
contender on that GPU in that precision and layout). A run shows the product of its three, blurred by its own scatter
and by engine versions. Conditioning on all runs at once tells each cell how much faster or slower than the model it
should be, and how sure that is: a run on an H100 sharpens every cell on an H100, and every cell of its contender.
One stream and many at once are related cells, not the same: a model can be right about one and wrong about the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.basis import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

GPU_LOG_SD = 0.16
"""Spread between GPU types of a leave-one-GPU-out estimate."""

CONTENDER_LOG_SD = 0.12
"""Spread between contenders (assumed)."""

CELL_LOG_SD = 0.10
"""What is left of a pooled spread of 0.18 once GPU types are taken out (0.08), rounded up."""

REGIME_CORRELATION = 0.5
"""How much the error with one stream says about the error with many: other parts of a pass bind (assumed)."""

RUN_LOG_SD = 0.05
"""Scatter of repeated runs: the 90th percentile of their coefficient of variation is 5.6 %."""

VERSION_LOG_SD = 0.10
"""The same cell on another engine version differs by a factor 1.13 in the median."""

AGE_LOG_SD = 0.05
"""What drivers, firmware and cooling may have changed since a stale run (assumed, as large as the scatter of a run)."""

STALE_DAYS = 90
"""Age above which an own run is stale (assumed, a policy): it counts less, and the answer says so."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a speed belongs: contender, checkpoint, GPU type, tensor parallelism, and one stream or many at once."""

    contender: str
    checkpoint: str
    gpu: str
    tensor_parallel: int
    batched: bool = False

    def in_regime(self, *, batched: bool) -> Cell:
        """Return the same cell with one stream, or with many at once."""
        return Cell(self.contender, self.checkpoint, self.gpu, self.tensor_parallel, batched)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A run in a cell: how much faster than the model it was, as log(measured / modeled), over its levels.

    `log_sd` is the scatter of its rows if they were repeated.
    """

    cell: Cell
    basis: Basis
    log_ratios: tuple[float, ...]
    same_version: bool
    url: str
    stale: bool = False
    log_sd: float = RUN_LOG_SD

    @property
    def log_ratio(self) -> float:
        """Mean over the levels of the run."""
        return float(np.mean(self.log_ratios))

    @property
    def variance(self) -> float:
        """Variance of that mean as a statement about the cell."""
        scatter = float(np.var(self.log_ratios)) / len(self.log_ratios)
        return self.log_sd**2 + scatter + self.doubt

    @property
    def doubt(self) -> float:
        """Variance of what may have changed since: the version of the engine, and what changes with time."""
        return (0.0 if self.same_version else VERSION_LOG_SD**2) + (AGE_LOG_SD**2 if self.stale else 0.0)


@dataclass(frozen=True, slots=True)
class Belief:
    """What the evidence says about a cell: the factor on the model's speed, and the log sd that is left."""

    factor: float
    log_sd: float


def believe(cells: Sequence[Cell], anchors: Sequence[Anchor]) -> list[Belief]:
    """Return the factor on the modeled speed of each cell, given all runs.

    Gaussian conditioning in logarithms: mean = C_ta (C_aa + N)^-1 r, variance = C_tt - C_ta (C_aa + N)^-1 C_at. Where
    the user has measured a cell, published runs of the same cell are left out. However many older runs agree, a cell
    that was never run on the engine version in question keeps the spread between versions, one that was not run of late
    the spread of age, and one that was the scatter of its own runs.

    References
    ----------
    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equations 2.25 and 2.26.
    """
    if not cells:
        return []
    kept = strongest(anchors)
    if not kept:
        return [Belief(1.0, PRIOR_VARIANCE**0.5)] * len(cells)
    gain = gain_of(cells, kept)
    mean = gain @ np.array([anchor.log_ratio for anchor in kept])
    left = PRIOR_VARIANCE - np.einsum("ta,at->t", gain, covariance([anchor.cell for anchor in kept], cells))
    scatter, doubt = _least(kept, lambda anchor: anchor.log_sd), _least(kept, lambda anchor: anchor.doubt)
    floor = np.array([scatter.get(cell, RUN_LOG_SD) ** 2 for cell in cells])
    variance = np.maximum(left, floor) + np.array([doubt.get(cell, VERSION_LOG_SD**2) for cell in cells])
    return [Belief(float(f), float(s)) for f, s in zip(np.exp(mean), np.sqrt(variance), strict=True)]


PRIOR_VARIANCE = GPU_LOG_SD**2 + CONTENDER_LOG_SD**2 + CELL_LOG_SD**2
"""Variance of the log speed of a cell about which no run says anything."""


def left_covariance(cells: Sequence[Cell], anchors: Sequence[Anchor]) -> FloatArray:
    """Return the covariance of the log factors of some cells that is left once all runs are known; shape (cells, cells).

    What `believe` adds for each cell by itself, its scatter and the doubt about versions and age, is not in it.
    """
    kept = strongest(anchors)
    prior = covariance(cells, cells)
    if not kept:
        return prior
    return np.asarray(
        prior - gain_of(cells, kept) @ covariance([anchor.cell for anchor in kept], cells), dtype=np.float64
    )


def gain_of(cells: Sequence[Cell], kept: Sequence[Anchor]) -> FloatArray:
    """Return how much of each run's surprise each cell takes over, C_ta (C_aa + N)^-1; shape (cells, runs)."""
    known = [anchor.cell for anchor in kept]
    noise = np.diag([anchor.variance for anchor in kept])
    return np.asarray(np.linalg.solve(covariance(known, known) + noise, covariance(known, cells)).T, dtype=np.float64)


def strongest(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Return the runs that count: where the user has measured a cell, published runs of it do not."""
    measured = {anchor.cell for anchor in anchors if anchor.basis is Basis.MEASURED}
    return [anchor for anchor in anchors if anchor.basis is Basis.MEASURED or anchor.cell not in measured]


def _least(anchors: Iterable[Anchor], figure: Callable[[Anchor], float]) -> dict[Cell, float]:
    """Return the least of a figure over the runs of each cell."""
    least: dict[Cell, float] = {}
    for anchor in anchors:
        least[anchor.cell] = min(least.get(anchor.cell, float("inf")), figure(anchor))
    return least


def covariance(first: Sequence[Cell], second: Sequence[Cell]) -> FloatArray:
    """Return the covariance of the log factors of cells before any run."""
    gpu = _same([c.gpu for c in first], [c.gpu for c in second])
    regime = _same([c.batched for c in first], [c.batched for c in second])
    alike = REGIME_CORRELATION + (1.0 - REGIME_CORRELATION) * regime
    contender = _same([c.contender for c in first], [c.contender for c in second])
    rest = _same(
        [(c.checkpoint, c.tensor_parallel) for c in first], [(c.checkpoint, c.tensor_parallel) for c in second]
    )
    total = GPU_LOG_SD**2 * gpu + CONTENDER_LOG_SD**2 * contender + CELL_LOG_SD**2 * (gpu * contender * rest)
    return np.asarray(total * alike, dtype=np.float64)


def _same(first: Sequence[object], second: Sequence[object]) -> FloatArray:
    codes: dict[object, int] = {}
    left = np.array([codes.setdefault(value, len(codes)) for value in first])
    right = np.array([codes.setdefault(value, len(codes)) for value in second])
    return np.asarray(left[:, None] == right[None, :], dtype=np.float64)
