"""What k replicas cost with an offer: shapes are paid whole, replicas are packed into them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.domain.offer import Offer, Seller

if TYPE_CHECKING:
    from collections.abc import Sequence

HOURS_PER_MONTH = 730
SECONDS_PER_HOUR = 3600
MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Fleet:
    """Rented shapes that hold all replicas."""

    offer: Offer
    shapes: int
    replicas: int

    @property
    def usd_per_hour(self) -> Decimal:
        """Price of all shapes, used or not."""
        return self.offer.price_usd_per_hour * self.shapes

    @property
    def usd_per_month(self) -> Decimal:
        """Price of a month of 730 hours."""
        return self.usd_per_hour * HOURS_PER_MONTH

    @property
    def gpus_paid(self) -> int:
        """GPUs of all shapes."""
        return self.offer.gpu_count * self.shapes


def rent(offer: Offer, *, replicas: int, gpus_per_replica: int) -> Fleet | None:
    """Return the fewest shapes of an offer that hold the replicas, or None where a replica does not fit a shape.

    A replica never spans shapes. With an own price GPUs are counted singly: the user's hosts are not known.
    """
    if offer.seller is Seller.OWN:
        return Fleet(offer, replicas * gpus_per_replica, replicas)
    per_shape = offer.gpu_count // gpus_per_replica
    return Fleet(offer, -(-replicas // per_shape), replicas) if per_shape else None


def cheapest_fleet(offers: Sequence[Offer], *, replicas: int, gpus_per_replica: int) -> Fleet | None:
    """Return the cheapest way to rent the replicas, or None if no shape holds one. Ties go to fewer GPUs paid."""
    fleets = (rent(offer, replicas=replicas, gpus_per_replica=gpus_per_replica) for offer in offers)
    return min(
        (fleet for fleet in fleets if fleet is not None), key=lambda f: (f.usd_per_hour, f.gpus_paid), default=None
    )


def per_million(usd_per_hour: Decimal, *, units_per_s: float) -> Decimal:
    """Return USD per million units (tokens, requests) at a rate of units per second."""
    return usd_per_hour * MILLION / (Decimal(repr(units_per_s)) * SECONDS_PER_HOUR)
