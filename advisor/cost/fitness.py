"""Whether a price is fit for a document that is signed: read at the seller, and not too long ago.

List prices of several sellers moved by a sixth within weeks in 2026, and those of marketplaces move faster: hence the limits,
which are a choice of this project. Stale, and refused for a review, is what is older than the price book uses by default (90
days; a week on a marketplace). Between the first limit and that a price is accepted, and is to be quoted again before signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from advisor.cost.book import AGING_DAYS, USUAL_AGE_DAYS, WEAK
from advisor.domain.offer import Confidence, Seller
from advisor.domain.review import PriceStanding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from advisor.domain.answer import OfferLine
    from advisor.domain.offer import Offer


class Limits(NamedTuple):
    """Ages in days: from the first on a price is to be quoted again, beyond the second it is unfit."""

    fresh_days: int
    usable_days: int


USUAL_LIMITS = Limits(AGING_DAYS, USUAL_AGE_DAYS)
LIMITS: Mapping[Seller, Limits] = {Seller.MARKETPLACE: Limits(7, 7)}
"""Limits of sellers whose prices move faster than those of the rest."""

_HOW_LEARNED = {Confidence.SECONDARY: "second-hand", Confidence.MODELED: "modeled, not quoted"}


@dataclass(frozen=True, slots=True)
class Fitness:
    """How a price stands on a day, why, and until when it stands so."""

    standing: PriceStanding
    reason: str
    age_days: int
    fresh_until: date
    usable_until: date


def fitness(offer: Offer | OfferLine, *, today: date) -> Fitness:
    """Return how a price stands on a day."""
    limits = LIMITS.get(offer.seller, USUAL_LIMITS)
    age_days = (today - offer.as_of).days
    fresh_until, usable_until = (offer.as_of + timedelta(days=days) for days in limits)
    standing, reason = PriceStanding.FRESH, ""
    if offer.confidence in WEAK:
        standing, reason = PriceStanding.UNFIT, _HOW_LEARNED[offer.confidence]
    elif age_days > limits.usable_days:
        standing, reason = PriceStanding.UNFIT, f"{age_days} days old, {limits.usable_days} are allowed"
    elif age_days > limits.fresh_days:
        standing = PriceStanding.AGING
        reason = f"{age_days} days old: accepted until {usable_until}, quote again before signing"
    return Fitness(standing, reason, age_days, fresh_until, usable_until)
