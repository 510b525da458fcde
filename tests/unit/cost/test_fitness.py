"""Which prices may stand in a document that is signed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from advisor.cost.fitness import fitness
from advisor.domain.offer import Confidence, Seller
from advisor.domain.review import PriceStanding
from tests.samples.recommendations import TODAY, offer

if TYPE_CHECKING:
    from advisor.domain.answer import OfferLine


def aged(days: int, *, seller: Seller = Seller.SPECIALIST, confidence: Confidence = Confidence.LIST) -> OfferLine:
    told = {"as_of": TODAY - timedelta(days=days), "seller": seller, "confidence": confidence}
    return offer().model_copy(update=told)


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        (0, PriceStanding.FRESH),
        (30, PriceStanding.FRESH),
        (31, PriceStanding.AGING),
        (90, PriceStanding.AGING),
        (91, PriceStanding.UNFIT),
    ],
)
def test_a_list_price_ages_after_a_month_and_is_unfit_after_three(days: int, standing: PriceStanding) -> None:
    assert fitness(aged(days), today=TODAY).standing is standing


@pytest.mark.parametrize(("days", "standing"), [(7, PriceStanding.FRESH), (8, PriceStanding.UNFIT)])
def test_a_price_of_a_marketplace_holds_for_a_week(days: int, standing: PriceStanding) -> None:
    assert fitness(aged(days, seller=Seller.MARKETPLACE), today=TODAY).standing is standing


@pytest.mark.parametrize("confidence", [Confidence.SECONDARY, Confidence.MODELED])
def test_a_price_that_was_not_read_at_the_seller_is_unfit_however_new(confidence: Confidence) -> None:
    found = fitness(aged(0, confidence=confidence), today=TODAY)
    assert found.standing is PriceStanding.UNFIT
    assert found.reason


def test_a_price_says_until_when_it_stands_so() -> None:
    found = fitness(aged(10), today=TODAY)
    assert found.age_days == 10
    assert fitness(aged(10), today=found.fresh_until).standing is PriceStanding.FRESH
    assert fitness(aged(10), today=found.fresh_until + timedelta(days=1)).standing is PriceStanding.AGING
    assert f"accepted until {fitness(aged(45), today=TODAY).usable_until}" in fitness(aged(45), today=TODAY).reason
    assert fitness(aged(10), today=found.usable_until + timedelta(days=1)).standing is PriceStanding.UNFIT
