"""A trace of real conversations on the shipped models: the formulas against its replay, request by request."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from advisor import catalog
from advisor.usecases.arriving import Arriving
from advisor.usecases.market import Market
from advisor.usecases.replaying import Replay
from advisor.usecases.serving import Serving
from tests.shipped import DIFFUSION, GEMMA, MTP, ROOT, SHIPPED, question

TRACE = catalog.read_trace(ROOT / "traces" / "azure-conversation-2023.csv")
TOKEN_BUDGET = 8192


@cache
def served(contender: str, slots: int) -> Serving:
    """Return an H100 that serves the trace in FP8."""
    market = Market.of(question(0.5, "e2e:p95<60s", work=TRACE), SHIPPED)
    pairs = zip(market.fitting[contender], market.curves[contender], strict=True)
    curve = next(
        c for item, c in pairs if (item.deployment.tensor_parallel, item.deployment.checkpoint.precision) == (1, "fp8")
    )
    return Serving(curve, slots, Arriving(times_s=TRACE.arrival_s))


def errors(serving: Serving, load: float) -> tuple[float, float]:
    """Return mean and p95 of the formula over those of the replay, minus 1."""
    rate_rps = load * serving.station.saturation_rps
    predicted = serving.predict(rate_rps, replicas=1)
    assert predicted.weaknesses(()) == ()
    e2e_s = Replay(serving, TOKEN_BUDGET).run(rate_rps, replicas=1, requests=0, seed=0).outcome.e2e_s
    return predicted.e2e.mean() / e2e_s.mean() - 1, predicted.e2e.quantile(0.95) / float(np.quantile(e2e_s, 0.95)) - 1


@pytest.mark.parametrize("load", [0.4, 0.6, 0.8])
@pytest.mark.parametrize(("contender", "slots"), [(GEMMA, 64), (MTP, 64), (DIFFUSION, 4)])
def test_the_mean_is_within_6_percent_and_the_p95_within_7(contender: str, slots: int, load: float) -> None:
    mean, p95 = errors(served(contender, slots), load)
    assert mean == pytest.approx(0, abs=0.06)
    assert p95 == pytest.approx(0, abs=0.07)


@pytest.mark.parametrize(("load", "bound"), [(0.4, 0.07), (0.6, 0.07), (0.8, 0.13)])
def test_eight_canvases_at_a_high_load_are_up_to_13_percent_too_short(load: float, bound: float) -> None:
    mean, p95 = errors(served(DIFFUSION, 8), load)
    assert mean == pytest.approx(0, abs=0.062)
    assert p95 == pytest.approx(0, abs=bound)
