"""What a provider sells: whole shapes at a dated price."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PositiveInt

from advisor.domain.value import Name, Url, Value


class PriceBasis(StrEnum):
    """How a shape is paid for."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    RESERVED_1Y = "reserved-1y"
    RESERVED_3Y = "reserved-3y"
    OWNED = "owned"


class Confidence(StrEnum):
    """How a price was learned: the seller's list, someone's copy, a market median, a model, or the user's word."""

    LIST = "list"
    MARKET = "market"
    SECONDARY = "secondary"
    MODELED = "modeled"
    OWN = "own"


class Seller(StrEnum):
    """What kind of seller it is. Peer-hosted offers are left out unless asked for."""

    HYPERSCALER = "hyperscaler"
    SPECIALIST = "specialist"
    MARKETPLACE = "marketplace"
    OWN = "own"


class Offer(Value):
    """One shape for rent. `price_usd_per_hour` pays for all `gpu_count` GPUs of it."""

    provider: str
    region: str
    instance_type: str
    gpu: Name
    gpu_count: PositiveInt
    price_usd_per_hour: Annotated[Decimal, Field(gt=0)]
    price_basis: PriceBasis
    as_of: date
    source_url: Url | None
    seller: Seller
    confidence: Confidence
    notes: str = ""

    @property
    def price_usd_per_gpu_hour(self) -> Decimal:
        """Price of one GPU of the shape, for comparison only: shapes are paid whole."""
        return self.price_usd_per_hour / self.gpu_count
