"""What the user asks: load, workload, objectives, and what may be used to meet them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PositiveInt

from advisor.domain.model import Precision
from advisor.domain.offer import PriceBasis
from advisor.domain.slo import Objective
from advisor.domain.value import Value
from advisor.domain.workload import Workload

ALL_RENTED = (PriceBasis.ON_DEMAND, PriceBasis.SPOT, PriceBasis.RESERVED_1Y, PriceBasis.RESERVED_3Y)


class Question(Value):
    """One question to `recommend`. Empty `models` means those compared by default, empty `gpus` means all.

    `max_price_age_days` counts from `today`; None means the default age, counted from the newest price of a book that
    has aged as a whole.
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
    max_gpus: PositiveInt | None = None
    headroom: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    include_marketplace: bool = False
    include_secondary: bool = False
    max_price_age_days: PositiveInt | None = None
    top_n: PositiveInt = 5
    today: date


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
