"""Which offers may be used for a question, and why the others may not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.offer import Confidence, Offer, PriceBasis, Seller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

USUAL_AGE_DAYS = 90
"""Age above which a price is not used unless the user says otherwise."""

AGING_DAYS = 30
"""Age from which a price is flagged: list prices of several sellers moved within weeks in 2026."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user accepts: price bases, kinds of seller, confidence, age on the day `priced_on`.

    Own prices are of `today`.
    """

    price_bases: frozenset[PriceBasis]
    include_marketplace: bool
    include_secondary: bool
    max_age_days: int
    priced_on: date
    today: date

    def refusal(self, offer: Offer) -> str:
        """Return why an offer may not be used, or nothing."""
        age = (self.priced_on - offer.as_of).days
        checks = (
            (offer.as_of <= self.today, "dated after the day of the question"),
            (offer.price_basis in self.price_bases, NOT_ASKED),
            (
                self.include_marketplace or offer.seller is not Seller.MARKETPLACE,
                "on a marketplace (--include-marketplace)",
            ),
            (
                self.include_secondary or offer.confidence not in WEAK,
                "second-hand or modeled (--include-secondary)",
            ),
            (age <= self.max_age_days, f"older than {self.max_age_days} days (--max-price-age)"),
        )
        return next((reason for passed, reason in checks if not passed), "")


NOT_ASKED = "of a price basis that was not asked for"
WEAK = frozenset({Confidence.SECONDARY, Confidence.MODELED})


def pricing_day(offers: Iterable[Offer], *, today: date) -> date:
    """Return the day from which ages are counted: today, or that of the newest price once the whole book has aged.

    A book that nobody refreshed still answers, with its age in the warnings; what it held back as outdated when it
    was made stays held back.
    """
    return min(max((offer.as_of for offer in offers), default=today), today)


class PriceBook:
    """The usable offers of a question, by GPU, and the count of refusals by GPU and reason."""

    def __init__(
        self, offers: Iterable[Offer], *, terms: Terms, own_usd_per_gpu_hour: Mapping[str, Decimal] | None = None
    ) -> None:
        own = own_usd_per_gpu_hour or {}
        self.refused: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._usable: dict[str, list[Offer]] = defaultdict(list)
        for offer in offers:
            if offer.gpu in own:
                continue  # the user's own price of a GPU replaces every list price of it
            refusal = terms.refusal(offer)
            if refusal:
                self.refused[offer.gpu][refusal] += 1
            else:
                self._usable[offer.gpu].append(offer)
        for gpu, price in own.items():
            self._usable[gpu] = [own_offer(gpu, price, today=terms.today)]

    def offers(self, gpu: str) -> list[Offer]:
        """Return the usable offers of a GPU type; empty when there is none."""
        return self._usable.get(gpu, [])

    def why_none(self, gpu: str) -> str:
        """Return why a GPU type has no usable offer."""
        reasons = {reason: count for reason, count in self.refused.get(gpu, {}).items() if reason != NOT_ASKED}
        if not reasons:
            return "no price of the asked basis is known (--gpu-cost gives your own)"
        worded = sorted(reasons.items(), key=lambda pair: -pair[1])
        return "prices are " + " or ".join(reason for reason, _ in worded)


def own_offer(gpu: str, usd_per_gpu_hour: Decimal, *, today: date) -> Offer:
    """Return the user's own price as an offer: GPUs are bought singly and may share a host."""
    return Offer(
        provider="own price",
        region="own",
        instance_type="per GPU",
        gpu=gpu,
        gpu_count=1,
        price_usd_per_hour=usd_per_gpu_hour,
        price_basis=PriceBasis.OWNED,
        as_of=today,
        source_url=None,
        seller=Seller.OWN,
        confidence=Confidence.OWN,
    )
