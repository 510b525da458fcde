"""Bounds that spare sizing: what no fleet of a deployment can do better, whatever its load.

An idle replica is the fastest, and a large fleet without fluctuations the fullest.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.slo import Metric, Objective
from advisor.usecases.curves import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.usecases.curves import Curve

    FloatArray = NDArray[np.float64]

EASING = 1.5
"""Share by which a tail is widened in a bound: binned requests have a lighter tail than the requests themselves."""


def most_in_service(curve: Curve, slo: Sequence[Objective]) -> float:
    """Return how many requests a replica may have in service before an objective breaks without any fluctuation.

    In a large fleet every replica always has about as many, and requests take their work's time. Fluctuations only
    make latencies longer, so no fleet keeps more in service on average. TTFT sets no such limit here.
    """
    limits = [_most_for(curve, objective) for objective in slo if objective.metric is not Metric.TTFT]
    return max(min(limits, default=float(GRID[-1])), 1.0)


def _most_for(curve: Curve, objective: Objective) -> float:
    decoding = objective.metric is Metric.TPOT and not curve.deployment.diffuses
    figure_s = curve.grid_turns_s if decoding else curve.grid_work_s
    if objective.metric is not Metric.E2E:
        figure_s = figure_s / curve.work.output_tokens
    eased = None if objective.percentile is None else 1.0 - EASING * (1.0 - objective.percentile)
    if eased is not None and eased <= 0.0:
        return float(GRID[-1])
    shown_s = np.maximum.accumulate(_statistic(figure_s, objective.model_copy(update={"percentile": eased})))
    return float(np.interp(objective.limit_s, shown_s, GRID))


def _statistic(values: FloatArray, objective: Objective) -> FloatArray:
    """Return mean or percentile along the last axis. np.quantile would load numpy.ma: 15 ms for nothing."""
    if objective.percentile is None:
        return np.asarray(values.mean(axis=1), dtype=np.float64)
    rank = ceil(objective.percentile * values.shape[1]) - 1
    return np.asarray(np.partition(values, rank, axis=1)[:, rank], dtype=np.float64)


def idle_latency_s(curves: Sequence[Curve], objective: Objective) -> FloatArray:
    """Return the statistic of an objective on idle replicas [s], one per curve: no load makes it better.

    One vectorized call for all deployments of a contender; what fails here needs no sizing.
    """
    work = curves[0].work
    turn_s = np.array([c.turn_s[0] for c in curves])[:, None]
    prompt_s = np.array([c.prefill_s_per_token[0] for c in curves])[:, None] * work.prompt_tokens
    step_s = np.array([c.step_s[0] for c in curves])[:, None]
    total_s = work.turns * turn_s + prompt_s
    diffuses = curves[0].deployment.diffuses
    first_s = work.first_turn_share * work.turns * turn_s if diffuses else step_s
    per_token_s = total_s / work.output_tokens
    figures = {
        Metric.E2E: total_s,
        Metric.NTPOT: per_token_s,
        Metric.TPOT: per_token_s if diffuses else turn_s + np.zeros_like(total_s),
        Metric.TTFT: (prompt_s + first_s) * np.array([c.ttft_factor for c in curves])[:, None],
    }
    return _statistic(figures[objective.metric], objective)
