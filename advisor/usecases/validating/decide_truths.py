"""Laws of true speeds that are not the law by which the evidence is weighed: what a validation of decisions draws from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.evidence import Cell

    FloatArray = NDArray[np.float64]

Shape = Callable[[np.random.Generator, tuple[int, ...]], "FloatArray"]
"""Draws of mean 0 and standard deviation 1."""


def normal(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Return draws of the standard normal law."""
    return rng.standard_normal(size)


def student(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Return draws of Student's t with 3 degrees of freedom, scaled to standard deviation 1."""
    return np.asarray(rng.standard_t(3, size) / np.sqrt(3.0), dtype=np.float64)


def laplace(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Return draws of the law of Laplace, scaled to standard deviation 1."""
    return np.asarray(rng.laplace(0.0, 1.0, size) / np.sqrt(2.0), dtype=np.float64)


def uniform(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Return draws of a uniform law, scaled to standard deviation 1."""
    return np.asarray(rng.uniform(-1.0, 1.0, size) * np.sqrt(3.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a speed: its law, and the standard deviation of its logarithm."""

    shape: Shape
    log_sd: float


@dataclass(frozen=True, slots=True)
class TruthLaw:
    """Log speeds as sums of factors of GPU type, contender, cell and engine version.

    `regime_correlation` is that of each factor between one stream and many, `batched_offset_log_sd` the spread of what
    all cells with many streams are off by together, `words` says in which way it differs from what is believed.
    """

    words: str
    gpu: Part
    contender: Part
    cell: Part
    version: Part
    regime_correlation: float = 0.5
    batched_offset_log_sd: float = 0.0

    def draw(self, rng: np.random.Generator, cells: Sequence[Cell]) -> FloatArray:
        """Return log speeds of cells, with one stream and with many, ``(cells, 2)``, on whatever version."""
        groups = (
            (self.gpu, [cell.gpu for cell in cells]),
            (self.contender, [cell.contender for cell in cells]),
            (self.cell, [(c.contender, c.gpu, c.checkpoint, c.tensor_parallel) for c in cells]),
        )
        total = np.zeros((len(cells), 2))
        for part, names in groups:
            codes = {name: position for position, name in enumerate(dict.fromkeys(names))}
            total += self._regimes(rng, part, len(codes))[[codes[name] for name in names]]
        total[:, 1] += self.batched_offset_log_sd * rng.standard_normal()
        return total

    def _regimes(self, rng: np.random.Generator, part: Part, count: int) -> FloatArray:
        """Return a factor of some groups in both regimes, ``(count, 2)``: a shared part, and one of each regime."""
        shared, apart = part.shape(rng, (count, 1)), part.shape(rng, (count, 2))
        correlation = self.regime_correlation
        return np.asarray(part.log_sd * (correlation**0.5 * shared + (1.0 - correlation) ** 0.5 * apart))

    def versions(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Return what an engine version changes in each of some cells, ``(count, 1)``, alike for one stream and many."""
        return self.version.log_sd * self.version.shape(rng, (count, 1))


LAWS: Mapping[str, TruthLaw] = {
    "heavy tails": TruthLaw(
        words="GPU types by Student's t with 3 degrees of freedom, cells and versions by Laplace, contenders uniform; "
        "spreads as believed",
        gpu=Part(student, 0.16),
        contender=Part(uniform, 0.12),
        cell=Part(laplace, 0.10),
        version=Part(laplace, 0.10),
    ),
    "other spreads": TruthLaw(
        words="normal, GPU types 0.20 instead of 0.16, contenders 0.08 instead of 0.12, cells 0.13 and versions 0.06 "
        "instead of 0.10 each",
        gpu=Part(normal, 0.20),
        contender=Part(normal, 0.08),
        cell=Part(normal, 0.13),
        version=Part(normal, 0.06),
    ),
    "other regimes": TruthLaw(
        words="normal with spreads as believed, one stream and many correlated by 0.2 instead of 0.5, and all with many "
        "streams off together by 0.08",
        gpu=Part(normal, 0.16),
        contender=Part(normal, 0.12),
        cell=Part(normal, 0.10),
        version=Part(normal, 0.10),
        regime_correlation=0.2,
        batched_offset_log_sd=0.08,
    ),
}
"""Ways in which the world may differ from what is believed (invented, each in another direction)."""
