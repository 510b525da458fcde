"""What a cell will take, as far as the model can tell: seconds, and how little is known of its speed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.campaign import ServerKind
from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad
from advisor.domain.question import EstimateQuestion
from advisor.errors import AdvisorError
from advisor.usecases.replica import replica_of

if TYPE_CHECKING:
    from advisor.domain.campaign import RunRules, ServedDeployment
    from advisor.domain.load import Load
    from advisor.domain.workload import Workload
    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.shipped import Shipped

REQUESTS_PER_STREAM = 12
"""Requests per stream after which a run has usually become precise (assumed; the rules of a run decide).

Before four slices of three end-to-end times each, no half width of a throughput is told.
"""

LIVES_TO_FILL = 3
"""End-to-end times for which an open load warms a server up."""


@dataclass(frozen=True)
class Expectation:
    """The speed that is expected of a deployment on a workload; None where the model knows nothing of it."""

    curve: Curve | None

    def spread(self, loads: tuple[Load, ...]) -> float | None:
        """Return the log sd of the speed at the load where least is known."""
        if self.curve is None:
            return None
        slots = self.curve.deployment.max_num_seqs
        levels = [min(load.concurrency, slots) for load in loads if isinstance(load, ClosedLoad)] or [1]
        return max(self.curve.grounds.log_sd_at(level) for level in levels)

    def cell_s(self, load: Load, rules: RunRules) -> float:
        """Return the seconds that one run under a load takes; the limit of its rules where nothing is known."""
        if isinstance(load, RampLoad):
            return rules.warmup_s + load.duration_s
        if self.curve is None:
            return rules.warmup_s + rules.max_s
        in_flight = load.concurrency if isinstance(load, ClosedLoad) else 1
        served = min(in_flight, self.curve.deployment.max_num_seqs)
        closed_rps = float(self.curve.rates_rps[served - 1])
        rate_rps = closed_rps if isinstance(load, ClosedLoad) else (load.rate_rps or closed_rps)
        e2e_s = in_flight / closed_rps
        requests = rules.requests or min(max(rules.min_requests, REQUESTS_PER_STREAM * in_flight), rules.max_requests)
        fills_s = min(LIVES_TO_FILL * e2e_s, rules.max_s) if isinstance(load, OpenLoad) and rules.warmup_s else 0.0
        warm_s = max(rules.warmup_s, rules.warmup_requests_per_stream * e2e_s, fills_s)
        return warm_s + min(requests / rate_rps, rules.max_s) + e2e_s


def expect(deployment: ServedDeployment, workload: Workload, shipped: Shipped) -> Expectation:
    """Return what evidence and physics say of a deployment on a workload."""
    if deployment.server is ServerKind.ENDPOINT:
        return Expectation(None)
    question = EstimateQuestion(
        model=deployment.model,
        gpu=deployment.gpu,
        precision=deployment.precision,
        tensor_parallel=deployment.tensor_parallel,
        slots=deployment.max_num_seqs,
        speculative=deployment.speculative,
        workload=workload,
    )
    try:
        return Expectation(replica_of(question, shipped).curve)
    except AdvisorError:  # what the model refuses may run after all: that is why it is measured
        return Expectation(None)
