"""Offers and what a fleet costs with them. Money is `Decimal`.

Knows shapes, price bases, dates and staleness. Refuses to know performance.
"""

from advisor.cost.book import USUAL_AGE_DAYS, PriceBook, Terms, own_offer, pricing_day
from advisor.cost.fleet import HOURS_PER_MONTH, SECONDS_PER_HOUR, Fleet, cheapest_fleet, per_million, rent

__all__ = [
    "HOURS_PER_MONTH",
    "SECONDS_PER_HOUR",
    "USUAL_AGE_DAYS",
    "Fleet",
    "PriceBook",
    "Terms",
    "cheapest_fleet",
    "own_offer",
    "per_million",
    "pricing_day",
    "rent",
]
