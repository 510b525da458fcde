"""What the user's own runs say of the time to first token: measured over predicted, at the load of each run.

Load generators and networks differ in it by a constant; one run without queueing of note tells that constant (methods
section 1.5: 23 to 30 % off without, 2 to 6 % with it). An open-loop run is compared at its rate, a closed loop with one
in flight, which never queues, with an idle server.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.slo import Metric, Objective
from advisor.evidence.seen import slots_of
from advisor.queueing import VALID_LOAD, Unstable
from advisor.usecases.arriving import Arriving
from advisor.usecases.bounds import idle_latency_s
from advisor.usecases.curves import GRID
from advisor.usecases.grounding.evidence import cell_of
from advisor.usecases.grounding.text_grounds import TextGrounds
from advisor.usecases.predicting.anchoring import MS_PER_S, PLAUSIBLE
from advisor.usecases.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.evidence import Evidence

SAME_LENGTHS = 0.2
"""Share by which mean lengths of a run may differ from those asked about: time to first token follows the prompt."""

MOST_BURSTINESS = 1.0
"""Squared variation of the gaps up to which formulas for the first token hold: Poisson arrivals."""

MEAN_FIRST_TEXT = Objective(metric=Metric.TTFT, percentile=None, limit_s=1.0)
"""Asks for the mean alone; its limit is not looked at."""


def anchored(curves: Sequence[Curve], evidence: Evidence) -> list[Curve]:
    """Return curves whose time to first token is corrected where the user has runs of the deployment that show it."""
    return [_anchored(curve, evidence) for curve in curves]


def _anchored(curve: Curve, evidence: Evidence) -> Curve:
    found = _grounds(curve, evidence)
    return replace(curve, ttft_factor=found.factor, first_text=found) if found else curve


def _grounds(curve: Curve, evidence: Evidence) -> TextGrounds | None:
    """Return the best kind of runs that compare, and their mean factor, weighted by requests.

    Fresh runs of the engine version in question come before others: the speed behind the prediction is that version's.
    Among equally fitting ones those of an open loop come before one in flight: they saw a load.
    """
    kinds: dict[tuple[bool, bool], list[tuple[ProfiledRun, float]]] = {}
    for run in evidence.first_texts(cell_of(curve.deployment)):
        factor = factor_of(run, curve)
        if factor is not None:
            kind = (not evidence.is_fitting(run), isinstance(run.load, ClosedLoad))
            kinds.setdefault(kind, []).append((run, factor))
    if not kinds:
        return None
    unfitting, alone = best = min(kinds)
    weights = [max(run.figures.completed, 1) for run, _ in kinds[best]]
    factor = float(np.exp(np.average(np.log([factor for _, factor in kinds[best]]), weights=weights)))
    return TextGrounds(tuple(run for run, _ in kinds[best]), factor, alone=alone, fitting=not unfitting)


def factor_of(run: ProfiledRun, curve: Curve) -> float | None:
    """Return the mean time to first token of a run over the predicted one; None where they do not compare.

    That is where lengths differ, arrivals come in bursts or are held back, the load is beyond what formulas were
    validated for, or the ratio is below a half or above two: then something else is different.
    """
    seen = run.figures.ttft_ms
    if seen is None or not _alike(run, curve):
        return None
    predicted_s = _predicted_s(run, replace(curve, ttft_factor=1.0))
    factor = seen.mean / MS_PER_S / predicted_s if predicted_s else None
    low, high = PLAUSIBLE
    return factor if factor is not None and low <= factor <= high else None


def _predicted_s(run: ProfiledRun, curve: Curve) -> float | None:
    """Return the mean time to first token by formula at the load of a run [s]; None where formulas do not hold.

    One in flight meets a server that rests, which the law for a rate overstates by half a step.
    """
    load = run.load
    if isinstance(load, ClosedLoad):
        return float(idle_latency_s([curve], MEAN_FIRST_TEXT)[0]) if load.concurrency == 1 else None
    if not (isinstance(load, OpenLoad) and _plain(load)):
        return None
    slots = slots_of(run.conditions, diffuses=curve.deployment.diffuses) or curve.deployment.max_num_seqs
    serving = Serving(curve, min(slots, int(GRID[-1])), Arriving(scv=load.burstiness))
    try:
        fleet = serving.predict(load.rate_rps, replicas=1)
    except Unstable:
        return None
    return fleet.ttft.mean() if fleet.state.utilization <= VALID_LOAD else None


def _alike(run: ProfiledRun, curve: Curve) -> bool:
    """Return whether prompts, as far as no cache holds them, and replies of a run are as long as those asked about."""
    figures, work = run.figures, curve.work
    read = figures.input_tokens_mean * (1.0 - min(figures.cached_prompt_share, 1.0))
    ratios = (
        read / float(work.prompt_tokens.mean()),
        figures.output_tokens_mean / float(work.output_tokens.mean()),
    )
    return all(abs(ratio - 1.0) <= SAME_LENGTHS for ratio in ratios)


def _plain(load: OpenLoad) -> bool:
    return load.burstiness <= MOST_BURSTINESS and load.max_in_flight is None
