"""A fleet under load over time: the question to `simulate`, and its answer."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.answer import Answer, Caution, CitedSource, DeploymentLine
from advisor.domain.basis import Basis
from advisor.domain.daily import DailyProfile
from advisor.domain.prediction import Percentiles
from advisor.domain.question import EstimateQuestion
from advisor.domain.routing import Routing
from advisor.domain.slo import Objective
from advisor.domain.value import Value

LEAST_REQUESTS = 100
"""Fewer requests say nothing about a 95th percentile."""
MOST_REPLICAS = 4096


class SimulationQuestion(Value):
    """One question to `simulate`: replicas of a deployment, and the load that they get.

    `qps` is the mean over all hours of `daily`; None means the own rate of the trace that the workload was read from.
    Times of arrival are those of `daily`, else those of the trace unless `burstiness` is given, else drawn. `requests` and
    `duration_s` bound drawn arrivals, one of them at most; None means as many as suit the load.
    """

    served: EstimateQuestion
    replicas: Annotated[PositiveInt, Field(le=MOST_REPLICAS)] = 1
    qps: Annotated[float, Field(ge=1e-6, le=1e9)] | None = None
    slo: tuple[Objective, ...] = Field(min_length=1)
    attainment: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    burstiness: Annotated[NonNegativeFloat, Field(le=1000.0)] | None = None
    daily: DailyProfile | None = None
    routing: Routing = Routing.LEAST_OUTSTANDING
    requests: Annotated[int, Field(ge=LEAST_REQUESTS)] | None = None
    duration_s: PositiveFloat | None = None
    seed: NonNegativeInt = 0

    @property
    def limits(self) -> tuple[Objective, ...]:
        """The objectives, each for the share of requests that is asked for."""
        if self.attainment is None:
            return self.slo
        return tuple(limit.model_copy(update={"percentile": self.attainment}) for limit in self.slo)


class Met(StrEnum):
    """Whether an objective is kept. `undecided`: what is asked lies within the interval."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class Kept(Value):
    """Share of requests within the limits of an objective, with the 99 % interval of its long-run value.

    `target` is the share that is asked for; None where a mean is limited, which then decides, and `share` is for information.
    The arrivals of a trace have no chance in them: the share itself decides.
    """

    objective: str
    target: float | None
    share: float
    low: float
    high: float
    met: Met


class Latencies(Value):
    """Latencies over all requests of a run. TPOT is None where it has no meaning: a canvas shows 256 tokens at once."""

    ttft_ms: Percentiles
    tpot_ms: Percentiles | None
    ntpot_ms: Percentiles
    e2e_ms: Percentiles


class ByFormula(Value):
    """End-to-end time as the queueing formulas have it, and how far they are off the simulation (0.1: 10 % longer).

    `weak_because` says why they must not be trusted at this load; empty where they may be.
    """

    e2e_mean_ms: float
    e2e_p95_ms: float
    e2e_p99_ms: float
    mean_off_share: float
    p95_off_share: float
    p99_off_share: float
    weak_because: tuple[str, ...] = ()


class Held(Value):
    """How many requests the fleet holds: on average over time, and at most."""

    mean: float
    peak: NonNegativeInt


class Hours(Value):
    """The hours of a daily profile in a run: `hour_s` is the simulated length of one, 3600 at most.

    `peak_qps` is the rate of the busiest hour, `utilization` that rate over saturation.
    """

    profile: str
    hours: PositiveInt
    hour_s: float
    peak_qps: float
    utilization: float


class Moment(Value):
    """A stretch of the run, from `start_s` on to the next one.

    `start_hours` is the same on the clock of a daily profile. `in_service` is a mean, `waiting_most` the most at any time,
    `e2e_p95_s` that of the requests that arrived here, None where there are none; the median and the 99th percentile likewise.
    """

    start_s: float
    start_hours: float | None
    arrival_rps: float
    in_service: float
    slots_used_share: float
    waiting_most: NonNegativeInt
    e2e_p95_s: float | None
    e2e_p50_s: float | None = None
    e2e_p99_s: float | None = None


class Simulation(DeploymentLine, Answer):
    """The answer to `simulate`.

    Latencies are simulated from a speed that is known as `speed_basis` says: they are no measurement, and never count as
    evidence. `utilization` is the offered rate over that of saturation. `waiting` are those without a slot, and those that
    have come since the iteration under way began.
    """

    latencies_are: Literal["simulated"] = "simulated"
    speed_basis: Basis
    spread: float
    replicas: int
    routing: Routing
    workload: str
    input_tokens: float
    output_tokens: float
    slo: tuple[Objective, ...]
    qps: float
    burstiness: float | None
    trace: str | None
    hours: Hours | None
    requests: int
    simulated_s: float
    seed: int
    saturation_qps: float
    utilization: float
    attainment: tuple[Kept, ...]
    latency: Latencies
    formulas: ByFormula | None
    slots: int
    slots_used: Held
    waiting: Held
    timeline: tuple[Moment, ...]
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]
