"""What a question says about prices: its own ones, and the terms under which offers of the book may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import USUAL_AGE_DAYS, Terms, pricing_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from advisor.domain.offer import Offer
    from advisor.domain.question import Question


def own_prices(question: Question, gpus: Iterable[str]) -> dict[str, Decimal]:
    """Return the question's own prices [USD per GPU-hour] by GPU type; a start of a name stands for all of that start.

    Raises
    ------
    UnknownNameError
        If it names a GPU that is not among `gpus`.
    """
    known = list(gpus)
    return {
        gpu: price
        for name, price in question.own_usd_per_gpu_hour.items()
        for gpu in catalog.resolve_all("GPU", name, known)
    }


def terms_of(question: Question, offers: Sequence[Offer]) -> Terms:
    """Return the terms of a question: ages count from its day, or from the newest offer once the whole book has aged."""
    return Terms(
        price_bases=frozenset(question.price_bases),
        include_marketplace=question.include_marketplace,
        include_secondary=question.include_secondary,
        max_age_days=question.max_price_age_days or USUAL_AGE_DAYS,
        priced_on=question.today if question.max_price_age_days else pricing_day(offers, today=question.today),
        today=question.today,
    )
