"""Which offers may be used, and why the others may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.cost import PriceBook, Terms
from advisor.cost.book import pricing_day
from advisor.domain.offer import Confidence, PriceBasis, Seller
from tests.offers import NOVEMBER, offer

if TYPE_CHECKING:
    from advisor.domain.offer import Offer

TERMS = Terms(
    price_bases=frozenset({PriceBasis.ON_DEMAND}),
    include_marketplace=False,
    include_secondary=False,
    max_age_days=90,
    priced_on=NOVEMBER,
    today=NOVEMBER,
)


def refusal(*, terms: Terms = TERMS, **fields: Any) -> str:
    return terms.refusal(offer(**fields))


def test_a_plain_list_price_is_usable() -> None:
    assert not refusal()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price_basis": PriceBasis.SPOT}, "of a price basis that was not asked for"),
        ({"price_basis": PriceBasis.RESERVED_1Y}, "of a price basis that was not asked for"),
        ({"seller": Seller.MARKETPLACE}, "on a marketplace (--include-marketplace)"),
        ({"confidence": Confidence.SECONDARY}, "second-hand or modeled (--include-secondary)"),
        ({"confidence": Confidence.MODELED}, "second-hand or modeled (--include-secondary)"),
        ({"as_of": NOVEMBER - timedelta(days=91)}, "older than 90 days (--max-price-age)"),
    ],
)
def test_an_offer_is_refused_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    assert refusal(**fields) == reason


@pytest.mark.parametrize("age", [0, 31, 90])
def test_a_price_of_the_allowed_age_is_usable(age: int) -> None:
    assert not refusal(as_of=NOVEMBER - timedelta(days=age))


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        (replace(TERMS, price_bases=frozenset({PriceBasis.SPOT})), {"price_basis": PriceBasis.SPOT}),
        (replace(TERMS, include_marketplace=True), {"seller": Seller.MARKETPLACE}),
        (replace(TERMS, include_secondary=True), {"confidence": Confidence.SECONDARY}),
        (replace(TERMS, include_secondary=True), {"confidence": Confidence.MODELED}),
        (replace(TERMS, max_age_days=365), {"as_of": NOVEMBER - timedelta(days=365)}),
        (TERMS, {"confidence": Confidence.MARKET}),
    ],
)
def test_who_asks_for_more_gets_it(terms: Terms, fields: dict[str, Any]) -> None:
    assert not refusal(terms=terms, **fields)


def test_a_book_keeps_usable_offers_by_gpu_and_counts_the_others() -> None:
    kept = offer()
    book = PriceBook(
        [
            kept,
            offer(gpu="l4"),
            offer(price_basis=PriceBasis.SPOT),
            offer(gpu="l40s", seller=Seller.MARKETPLACE),
            offer(gpu="l40s", seller=Seller.MARKETPLACE),
            offer(gpu="l40s", as_of=NOVEMBER - timedelta(days=91)),
        ],
        terms=TERMS,
    )
    assert book.offers("h100") == [kept]
    assert book.offers("l40s") == []
    assert book.why_none("l40s") == (
        "prices are on a marketplace (--include-marketplace) or older than 90 days (--max-price-age)"
    )


@pytest.mark.parametrize("offers", [[], [offer(price_basis=PriceBasis.SPOT)]])
def test_a_gpu_that_nobody_sells_so_has_no_known_price(offers: list[Offer]) -> None:
    reason = "no price of the asked basis is known (--gpu-cost gives your own)"
    assert PriceBook(offers, terms=TERMS).why_none("h100") == reason


def test_a_price_of_a_day_to_come_is_not_used() -> None:
    assert refusal(as_of=TERMS.today + timedelta(days=1)) == "dated after the day of the question"
    assert not refusal(as_of=TERMS.today)


def test_an_own_price_replaces_every_list_price_of_its_gpu() -> None:
    elsewhere = offer(gpu="l4")
    book = PriceBook([offer("0.01"), elsewhere], terms=TERMS, own_usd_per_gpu_hour={"h100": Decimal("2.10")})
    (own,) = book.offers("h100")
    assert (own.price_usd_per_hour, own.gpu_count, own.price_basis) == (Decimal("2.10"), 1, PriceBasis.OWNED)
    assert (own.seller, own.confidence, own.as_of, own.source_url) == (Seller.OWN, Confidence.OWN, NOVEMBER, None)
    assert book.offers("l4") == [elsewhere]


def test_an_own_price_holds_whatever_the_terms() -> None:
    strict = replace(TERMS, price_bases=frozenset(), max_age_days=1)
    book = PriceBook([], terms=strict, own_usd_per_gpu_hour={"h100": Decimal(1)})
    assert len(book.offers("h100")) == 1


@pytest.mark.parametrize(("ages", "day"), [([], 0), ([0, 5], 0), ([-3, 5], 0), ([40, 200], 40)])
def test_ages_count_from_today_or_from_the_newest_price_of_an_aged_book(ages: list[int], day: int) -> None:
    offers = [offer(as_of=NOVEMBER - timedelta(days=age)) for age in ages]
    assert pricing_day(offers, today=NOVEMBER) == NOVEMBER - timedelta(days=day)


def test_a_price_is_judged_by_the_pricing_day_and_an_own_one_is_of_today() -> None:
    later = replace(TERMS, today=NOVEMBER + timedelta(days=500))
    assert not refusal(terms=later)
    (own,) = PriceBook([], terms=later, own_usd_per_gpu_hour={"h100": Decimal(1)}).offers("h100")
    assert own.as_of == later.today


@given(
    basis=st.sampled_from(PriceBasis),
    seller=st.sampled_from(Seller),
    confidence=st.sampled_from(Confidence),
    age=st.integers(0, 400),
)
def test_accepting_more_never_loses_an_offer(
    basis: PriceBasis, seller: Seller, confidence: Confidence, age: int
) -> None:
    candidate = offer(price_basis=basis, seller=seller, confidence=confidence, as_of=NOVEMBER - timedelta(days=age))
    wider = Terms(
        frozenset(PriceBasis),
        include_marketplace=True,
        include_secondary=True,
        max_age_days=400,
        priced_on=NOVEMBER,
        today=NOVEMBER,
    )
    assert not wider.refusal(candidate)
    assert bool(TERMS.refusal(candidate)) == (not PriceBook([candidate], terms=TERMS).offers("h100"))
