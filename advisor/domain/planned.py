"""What a later command takes from the JSON of a recommendation: the chosen deployment, and the load that it is for."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from advisor.domain.daily import DailyProfile
from advisor.domain.model import Precision
from advisor.domain.routing import Routing
from advisor.domain.slo import Objective
from advisor.domain.value import Value
from advisor.domain.workload import Workload


class PlannedFleet(Value, extra="ignore"):
    """The deployment that a recommendation chose; `replicas` include its spares."""

    model: str
    gpu: str
    precision: Precision
    tensor_parallel: PositiveInt
    max_num_seqs: PositiveInt
    speculative: str | None = None
    replicas: PositiveInt
    routing: Routing = Routing.LEAST_OUTSTANDING


class PlannedDecision(Value, extra="ignore"):
    """Where a recommendation names it."""

    candidate: PlannedFleet


class PlannedLoad(Value, extra="ignore"):
    """The load and the objectives that a recommendation was made for. The times of a trace are not among them."""

    qps: PositiveFloat
    workload: Workload
    slo: tuple[Objective, ...] = Field(min_length=1)
    burstiness: NonNegativeFloat | None = None
    attainment: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    daily: DailyProfile | None = None

    @property
    def peak_qps(self) -> float:
        """Rate that the plan was sized for: that of the busiest hour."""
        return self.qps * self.daily.peak_share if self.daily else self.qps


class Planned(Value, extra="ignore"):
    """A recommendation as far as it is taken up again; whatever else its JSON says is left aside."""

    schema_version: Literal[1]
    decision: PlannedDecision
    question: PlannedLoad
