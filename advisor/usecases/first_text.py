"""What the user's own open-loop runs say of the time to first token: measured over predicted, at the rate of each run.

Load generators and networks differ in it by a constant; one run without queueing of note tells that constant (methods
section 1.5: 23 to 30 % off without, 2 to 6 % with it).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.load import OpenLoad
from advisor.evidence.seen import slots_of
from advisor.queueing import VALID_LOAD, Unstable
from advisor.usecases.anchoring import MS_PER_S, PLAUSIBLE
from advisor.usecases.arriving import Arriving
from advisor.usecases.curves import GRID
from advisor.usecases.evidence import cell_of
from advisor.usecases.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.curves import Curve
    from advisor.usecases.evidence import Evidence

SAME_LENGTHS = 0.2
"""Share by which mean lengths of a run may differ from those asked about: time to first token follows the prompt."""

MOST_BURSTINESS = 1.0
"""Squared variation of the gaps up to which formulas for the first token hold: Poisson arrivals."""


def anchored(curves: Sequence[Curve], evidence: Evidence) -> list[Curve]:
    """Return curves whose time to first token is corrected where the user has open-loop runs of the deployment."""
    return [_anchored(curve, evidence.at_rates(cell_of(curve.deployment))) for curve in curves]


def _anchored(curve: Curve, runs: Iterable[ProfiledRun]) -> Curve:
    factors = [factor for run in runs if (factor := factor_of(run, curve)) is not None]
    return replace(curve, ttft_factor=float(np.exp(np.mean(np.log(factors))))) if factors else curve


def factor_of(run: ProfiledRun, curve: Curve) -> float | None:
    """Return the mean time to first token of a run over the predicted one; None where they do not compare.

    That is where lengths differ, arrivals come in bursts or are held back, the load is beyond what formulas were
    validated for, or the ratio is below a half or above two: then something else is different.
    """
    seen, load = run.figures.ttft_ms, run.load
    if seen is None or not isinstance(load, OpenLoad) or not (_alike(run, curve) and _plain(load)):
        return None
    slots = slots_of(run.conditions, diffuses=curve.deployment.diffuses) or curve.deployment.max_num_seqs
    serving = Serving(replace(curve, ttft_factor=1.0), min(slots, int(GRID[-1])), Arriving(scv=load.burstiness))
    try:
        fleet = serving.predict(load.rate_rps, replicas=1)
    except Unstable:
        return None
    factor = seen.mean / MS_PER_S / fleet.ttft.mean()
    low, high = PLAUSIBLE
    return factor if fleet.state.utilization <= VALID_LOAD and low <= factor <= high else None


def _alike(run: ProfiledRun, curve: Curve) -> bool:
    figures, work = run.figures, curve.work
    ratios = (
        figures.input_tokens_mean / float(work.input_tokens.mean()),
        figures.output_tokens_mean / float(work.output_tokens.mean()),
    )
    return all(abs(ratio - 1.0) <= SAME_LENGTHS for ratio in ratios)


def _plain(load: OpenLoad) -> bool:
    return load.burstiness <= MOST_BURSTINESS and load.max_in_flight is None
