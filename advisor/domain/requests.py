"""Representative requests of a workload: a small deterministic sample that stands for its length distributions."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from advisor.domain.workload import LengthLaw, Workload

FloatArray = NDArray[np.float64]

POINTS = 256
# Powers of 1/g, g the real root of x^4 = x + 1: a Kronecker lattice that fills the cube evenly without a seed.
_STRIDES = tuple(1.2207440846057596**-power for power in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Requests:
    """Equally likely requests. Arrays of one length; `luck` is a standard normal draw for what varies per reply."""

    input_tokens: FloatArray
    output_tokens: FloatArray
    luck: FloatArray

    @property
    def lengths(self) -> FloatArray:
        """Tokens of each request when it is done: prompt and reply."""
        return self.input_tokens + self.output_tokens


def representative_requests(workload: Workload, *, points: int = POINTS) -> Requests:
    """Return requests that carry the workload's means and spreads.

    Length laws are sampled on a lattice and scaled so that the sample mean is exact (unless a maximum cuts the law);
    a trace is taken as it is, every request once. No random numbers: the same workload gives the same sample.
    """
    if workload.pairs:
        pairs = np.asarray(workload.pairs, dtype=np.float64)
        return Requests(pairs[:, 0], pairs[:, 1], _normal(_lattice(len(pairs), axis=2)))
    if workload.input is None or workload.output is None:
        raise ValueError("a workload has either pairs or two length laws")
    return Requests(
        _lengths(workload.input, _normal(_lattice(points, axis=0))),
        _lengths(workload.output, _normal(_lattice(points, axis=1))),
        _normal(_lattice(points, axis=2)),
    )


def _lattice(points: int, *, axis: int) -> FloatArray:
    """Return one coordinate of the lattice, spread so evenly that each of `points` equal shares holds one point."""
    order = np.argsort(np.argsort((0.5 + _STRIDES[axis] * np.arange(1, points + 1)) % 1.0))
    return np.asarray((order + 0.5) / points, dtype=np.float64)


def _normal(uniform: FloatArray) -> FloatArray:
    inverse = NormalDist().inv_cdf
    return np.array([inverse(u) for u in uniform.tolist()], dtype=np.float64)


def _lengths(law: LengthLaw, normal: FloatArray) -> FloatArray:
    sigma = float(np.sqrt(np.log1p(law.cv**2)))
    raw = np.exp(sigma * normal)
    lengths = np.maximum(raw * (law.mean_tokens / raw.mean()), 1.0)
    most = float(law.max_tokens) if law.max_tokens is not None else np.inf
    return np.asarray(np.minimum(lengths, most), dtype=np.float64)
