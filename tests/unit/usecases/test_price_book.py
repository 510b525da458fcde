"""The price book as a question uses it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from advisor.domain.offer import PriceBasis, Seller
from advisor.domain.review import PriceStanding
from advisor.usecases.price_book import OWN_INSTEAD, price_book
from advisor.usecases.recommend import recommend
from tests.shipped import H100, NO_DATABASE, question

ASKED = question(5, "e2e:p95<12s", prices={}, simulate=False)
OWN = {"h100-sxm": Decimal("2.10")}


def test_every_price_is_used_or_says_why_not() -> None:
    lines = price_book(ASKED, profiles=None).lines
    used = [line for line in lines if not line.unused_because]
    assert used
    assert len(used) < len(lines)
    assert {line.offer.price_basis for line in used} == {PriceBasis.ON_DEMAND}
    assert not any(line.offer.seller is Seller.MARKETPLACE for line in used)


def test_the_price_of_the_chosen_plan_is_among_those_used() -> None:
    paid = recommend(ASKED, profiles=None, database=NO_DATABASE).decision.candidate.offer
    used = {
        (line.offer.provider, line.offer.instance_type, line.offer.as_of): line
        for line in price_book(ASKED, profiles=None).lines
    }
    assert used[paid.provider, paid.instance_type, paid.as_of].unused_because == ""


def test_an_own_price_leads_and_replaces_the_others_of_its_gpu() -> None:
    first, *rest = price_book(ASKED.model_copy(update={"own_usd_per_gpu_hour": OWN}), profiles=None).lines
    assert (first.offer.gpu, first.usd_per_gpu_hour, first.unused_because) == (H100, Decimal("2.10"), "")
    assert {line.unused_because for line in rest if line.offer.gpu == H100} == {OWN_INSTEAD}


def test_ages_are_days_before_the_question_and_old_prices_are_unfit() -> None:
    book = price_book(ASKED, profiles=None)
    assert all(line.age_days == (book.today - line.offer.as_of).days for line in book.lines)
    assert all(line.standing is PriceStanding.UNFIT for line in book.lines if line.age_days > book.most_age_days)
    assert all(line.standing_reason for line in book.lines if line.standing is not PriceStanding.FRESH)


def test_an_aged_book_counts_from_its_newest_price() -> None:
    later = ASKED.model_copy(update={"today": date(2029, 1, 1)})
    book = price_book(later, profiles=None)
    assert book.priced_on == max(line.offer.as_of for line in book.lines)
    assert any(not line.unused_because for line in book.lines)
