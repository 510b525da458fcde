"""Least squares in logarithms with log-normal priors: how the constants of the physics come about.

SciPy is imported here and nowhere on the way of a recommendation: it would cost more start-up time than the answer.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.engine import Kernel
from advisor.domain.model import Precision
from advisor.physics.constants import Constants
from advisor.physics.performance import bandwidth, peak_flops
from advisor.physics.shape import distinct_experts
from advisor.physics.step import soft_maximum
from advisor.usecases.grounding.rows import log_ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.catalog import KernelTiming, Prior
    from advisor.domain.gpu import GpuSpec
    from advisor.physics.shape import Shape
    from advisor.usecases.grounding.rows import RowGroup

    FloatArray = NDArray[np.float64]

ROW_LOG_SD = 0.15
"""Scatter of a public row around a right model: versions, tools and prompts differ (methods of other fits: 0.1-0.2)."""

OUTLIER_AFTER_SD = 1.5
"""Residuals beyond this count linearly, not quadratically, so that one odd row cannot bend a constant."""


def fit_constants(groups: Sequence[RowGroup], *, priors: Mapping[str, Prior]) -> Constants:
    """Return the constants that fit the rows best without straying far from their priors.

    A run of many rows weighs as much as the square root of their number, so that the one GPU on which everybody
    measures does not decide alone.
    """
    weights = _weights(groups)

    def misfit(constants: Constants) -> FloatArray:
        parts = [log_ratios(group, constants=constants) for group in groups]
        return np.concatenate(parts) * weights / ROW_LOG_SD

    names = Constants.names()
    start = np.log([priors[name].value for name in names])
    sd = np.array([priors[name].log_sd for name in names])
    solution = _solve(lambda x: np.concatenate([misfit(_constants(x)), (x - start) / sd]), start)
    return _constants(solution)


def _weights(groups: Sequence[RowGroup]) -> FloatArray:
    keys = [(r.gpu, r.model, r.speculative, r.set_name) for group in groups for r in group.rows]
    counts = Counter(keys)
    return np.array([counts[key] ** -0.5 for key in keys], dtype=np.float64)


def _constants(x: FloatArray) -> Constants:
    return Constants(**dict(zip(Constants.names(), np.exp(x).tolist(), strict=True)))


def _solve(residuals: Callable[[FloatArray], FloatArray], start: FloatArray) -> FloatArray:
    from scipy.optimize import least_squares  # noqa: PLC0415 - see the module docstring

    solution = least_squares(residuals, start, loss="soft_l1", f_scale=OUTLIER_AFTER_SD, xtol=1e-6, ftol=1e-6)
    return np.asarray(solution.x, dtype=np.float64)


KERNEL_FIT = ("bandwidth_share", "expert_flops_share", "roofline_exponent", "routing_skew")
KERNEL_FLOOR_S = 3e-5


def kernel_priors(
    timings: Sequence[KernelTiming], *, shape: Shape, gpus: Mapping[str, GpuSpec], priors: Mapping[str, Prior]
) -> dict[str, Prior]:
    """Return the priors with those marked `from_kernels` fitted to timings of single expert layers.

    A layer costs a floor plus the soft maximum of reading the experts touched and of multiplying by the active ones.
    """
    known = [t for t in timings if t.gpu in gpus]
    predict = _kernel_model(known, shape=shape, gpus=gpus)
    measured = np.log([t.layer_s for t in known])
    start = np.log([*(priors[name].value for name in KERNEL_FIT), KERNEL_FLOOR_S])
    solution = np.exp(_solve(lambda x: (np.log(predict(np.exp(x))) - measured) / ROW_LOG_SD, start))
    fitted = dict(zip(KERNEL_FIT, solution.tolist(), strict=False))
    return {
        name: type(prior)(fitted[name], prior.log_sd, prior.from_kernels) if prior.from_kernels else prior
        for name, prior in priors.items()
    }


def _kernel_model(
    timings: Sequence[KernelTiming], *, shape: Shape, gpus: Mapping[str, GpuSpec]
) -> Callable[[FloatArray], FloatArray]:
    bytes_per_weight = {Precision.BF16: 2.0, Precision.FP8: 1.0, Precision.NVFP4: 0.5625}
    layer_weights = shape.experts / shape.layers
    tokens = np.array([t.tokens for t in timings], dtype=np.float64)
    width = np.array([bytes_per_weight[Precision(t.precision)] for t in timings])
    speed = np.array([bandwidth(gpus[t.gpu]) for t in timings])
    peaks = [peak_flops(gpus[t.gpu], precision=Precision(t.precision), kernel=Kernel.NATIVE) for t in timings]
    peak = np.array([p or np.nan for p in peaks])
    flops = 2.0 * tokens * layer_weights * shape.expert_active / shape.expert_count

    def predict(x: FloatArray) -> FloatArray:
        bandwidth_share, flops_share, exponent, skew, floor_s = x
        touched = distinct_experts(tokens, count=shape.expert_count, active=shape.expert_active, skew=float(skew))
        read_s = touched / shape.expert_count * layer_weights * width / (speed * bandwidth_share)
        work_s = soft_maximum(read_s, flops / (peak * flops_share), exponent=float(exponent))
        return np.asarray(floor_s + work_s, dtype=np.float64)

    return predict
