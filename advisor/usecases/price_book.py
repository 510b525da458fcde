"""The price book as a question sees it: every offer with its age, its standing, and why it is used or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import own_offer
from advisor.cost.fitness import fitness
from advisor.domain.offer import Seller
from advisor.domain.price_book import BookLine, PriceBookView
from advisor.usecases.pricing import own_prices, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from advisor.cost import Terms
    from advisor.domain.offer import Offer
    from advisor.domain.question import Question

OWN_INSTEAD = "your own price of this GPU is used instead"


def price_book(question: Question, *, profiles: Path | None) -> PriceBookView:
    """Return all offers of the book as a question uses them, its own prices first.

    Raises
    ------
    UnknownNameError
        If it has a price of a GPU that is not known.
    """
    root = profiles or catalog.profiles_root()
    offers = catalog.read_offers(root)
    terms, own = terms_of(question, offers), own_prices(question, catalog.spec_names(root, "gpus"))
    added = [own_offer(gpu, usd, today=question.today) for gpu, usd in own.items()]
    lines = [_line(offer, terms, own) for offer in (*added, *offers)]
    return PriceBookView(
        today=terms.today,
        priced_on=terms.priced_on,
        most_age_days=terms.max_age_days,
        lines=tuple(sorted(lines, key=_order)),
    )


def _line(offer: Offer, terms: Terms, own: Mapping[str, Decimal]) -> BookLine:
    stands = fitness(offer, today=terms.today)
    is_own = offer.seller is Seller.OWN
    replaced = OWN_INSTEAD if offer.gpu in own else terms.refusal(offer)
    return BookLine(
        offer=offer,
        usd_per_gpu_hour=offer.price_usd_per_gpu_hour,
        age_days=stands.age_days,
        standing=stands.standing,
        standing_reason=stands.reason,
        unused_because="" if is_own else replaced,
    )


def _order(line: BookLine) -> tuple[bool, str, str, Decimal]:
    offer = line.offer
    return offer.seller is not Seller.OWN, offer.gpu, offer.price_basis, line.usd_per_gpu_hour
