"""What the user asks: load, workload, objectives, and what may be used to meet them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from advisor.domain.daily import DailyProfile
from advisor.domain.model import Precision
from advisor.domain.offer import PriceBasis
from advisor.domain.quality_question import QualityTerms
from advisor.domain.routing import Routing
from advisor.domain.slo import Objective
from advisor.domain.value import Value
from advisor.domain.workload import Workload

ALL_RENTED = (PriceBasis.ON_DEMAND, PriceBasis.SPOT, PriceBasis.RESERVED_1Y, PriceBasis.RESERVED_3Y)


USUAL_DRAWS = 600
"""Draws of all speeds at once: shares of them are known to about 2 points (methods section 3.3)."""

FEWEST_DRAWS, MOST_DRAWS = 20, 20_000
"""Fewer have no 5 % at either end."""

MOST_STARTUP_S = 7 * 24 * 3600.0


class Question(Value):
    """One question to `recommend`. Empty `models` means those compared by default, empty `gpus` means all.

    `max_price_age_days` counts from `today`; None means the default age, counted from the newest price of a book that
    has aged as a whole.
    `qps` is the mean over all hours of `daily`; a plan is sized for its busiest. `burstiness` is the squared coefficient of
    variation of the times between arrivals (0 constant, 1 Poisson, more for bursts); None means that of the trace that
    the workload was read from, else 1. `attainment` asks for a share of requests within all limits at once, in the
    place of the percentile of each. `draws` are those behind the intervals, 0 for none.
    `min_quality` are least published scores by benchmark; `quality` holds own grades and what failures cost, None without.
    """

    qps: Annotated[float, Field(ge=1e-6, le=1e9)]
    workload: Workload
    slo: tuple[Objective, ...] = Field(min_length=1)
    models: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    precisions: tuple[Precision, ...] = tuple(Precision)
    price_bases: tuple[PriceBasis, ...] = (PriceBasis.ON_DEMAND,)
    own_usd_per_gpu_hour: dict[str, Annotated[Decimal, Field(ge=Decimal("0.0001"), le=Decimal(10**6))]] = Field(
        default_factory=dict
    )
    min_quality: dict[str, float] = Field(default_factory=dict)
    quality: QualityTerms | None = None
    max_gpus: PositiveInt | None = None
    headroom: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    include_marketplace: bool = False
    include_secondary: bool = False
    max_price_age_days: PositiveInt | None = None
    top_n: PositiveInt = 5
    burstiness: Annotated[NonNegativeFloat, Field(le=1000.0)] | None = None
    daily: DailyProfile | None = None
    routing: Routing = Routing.LEAST_OUTSTANDING
    attainment: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    spares: Annotated[NonNegativeInt, Field(le=1024)] | None = None
    availability: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    startup_s: Annotated[PositiveFloat, Field(le=MOST_STARTUP_S)] | None = None
    simulate: bool = True
    draws: Annotated[NonNegativeInt, Field(le=MOST_DRAWS)] = USUAL_DRAWS
    seed: NonNegativeInt = 0
    today: date

    @field_validator("draws")
    @classmethod
    def _draws_have_ends(cls, draws: int) -> int:
        if 0 < draws < FEWEST_DRAWS:
            raise ValueError(f"input should be 0, or at least {FEWEST_DRAWS} for a range of 90 %")
        return draws

    @property
    def peak_qps(self) -> float:
        """Rate that a plan is sized for: that of the busiest hour."""
        return self.qps * self.daily.peak_share if self.daily else self.qps

    @property
    def limits(self) -> tuple[Objective, ...]:
        """The objectives, each for the share of requests that is asked for."""
        if self.attainment is None:
            return self.slo
        return tuple(o.model_copy(update={"percentile": self.attainment}) for o in self.slo)


class EstimateQuestion(Value):
    """One question to `estimate`: a deployment and the concurrencies to look at. None means: pick the default."""

    model: str
    gpu: str
    precision: Precision | None = None
    tensor_parallel: PositiveInt = 1
    slots: PositiveInt | None = None
    speculative: str | None = None
    workload: Workload
    concurrency: tuple[PositiveInt, ...] = (1, 2, 4, 8, 16, 32, 64)
