"""The question to `predict` and its answer: the open-loop latency of a server that the user profiled."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from advisor.domain.answer import Answer, Caution
from advisor.domain.assurance import DecidedBy
from advisor.domain.model import Decode
from advisor.domain.routing import Routing
from advisor.domain.value import Value


class PredictQuestion(Value):
    """One question to `predict`. `rate_qps` arrives at all replicas together.

    `burstiness` is the squared coefficient of variation of the times between arrivals. None: `slots` and `decode` are read
    off the profile.
    """

    rate_qps: Annotated[float, Field(ge=1e-6, le=1e9)]
    burstiness: Annotated[NonNegativeFloat, Field(le=1000.0)] = 1.0
    replicas: Annotated[PositiveInt, Field(le=4096)] = 1
    routing: Routing = Routing.LEAST_OUTSTANDING
    slots: PositiveInt | None = None
    decode: Decode | None = None
    simulate: bool = True
    seed: NonNegativeInt = 0


class Percentiles(Value):
    """Mean and percentiles of one latency; its name carries the unit."""

    mean: float
    p50: float
    p95: float
    p99: float


class Prediction(Answer):
    """The answer to `predict`: what requests that arrive at `rate_qps` wait and take.

    `saturation_qps` is that of all replicas; `utilization` the share of it that arrives. `slots` are the requests that one
    replica serves at once. `ntpot_ms` is the mean end-to-end time over the mean output tokens. `ttft_ms` and `ntpot_ms` are
    None where the profile lacks the columns they need. `decided_by` says what `e2e_s` rests on.

    `in_range`: the requests in service, their mean and their 95th percentile, lie within the measured concurrencies, the
    load is at most 85 % of saturation, and no regime is touched in which the formulas are known to be weak. `notes` say
    what was assumed.
    """

    profile: str
    rate_qps: float
    burstiness: float
    replicas: int
    routing: Routing
    slots: int
    saturation_qps: float
    utilization: float
    in_flight_per_replica: float
    ttft_ms: Percentiles | None
    e2e_s: Percentiles
    ntpot_ms: float | None
    in_range: bool
    decided_by: DecidedBy
    notes: tuple[str, ...]
    warnings: tuple[Caution, ...]
