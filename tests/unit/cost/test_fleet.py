"""What replicas cost: shapes are paid whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.cost import HOURS_PER_MONTH, Fleet, cheapest_fleet, own_offer, per_million, rent
from tests.offers import NOVEMBER, offer

OWN = own_offer("h100", Decimal("2.10"), today=NOVEMBER)

replica_counts = st.integers(1, 200)
widths = st.sampled_from([1, 2, 4, 8])
prices = st.decimals("0.01", "500", places=2)


def rented(*, gpus: int, replicas: int, width: int, price: str = "24.00") -> Fleet:
    fleet = rent(offer(price, gpus=gpus), replicas=replicas, gpus_per_replica=width)
    assert fleet is not None
    return fleet


@pytest.mark.parametrize(
    ("gpus", "replicas", "width", "shapes"),
    [
        (8, 1, 1, 1),
        (8, 8, 1, 1),
        (8, 9, 1, 2),
        (8, 3, 2, 1),
        (8, 4, 2, 1),
        (8, 5, 2, 2),
        (8, 3, 4, 2),
        (8, 2, 8, 2),
        (1, 5, 1, 5),
        (3, 2, 2, 2),
        (6, 2, 4, 2),
    ],
)
def test_replicas_are_packed_into_whole_shapes(gpus: int, replicas: int, width: int, shapes: int) -> None:
    fleet = rented(gpus=gpus, replicas=replicas, width=width)
    assert fleet.shapes == shapes
    assert fleet.gpus_paid == shapes * gpus
    assert fleet.usd_per_hour == Decimal("24.00") * shapes


def test_a_replica_never_spans_shapes() -> None:
    assert rent(offer(gpus=1), replicas=1, gpus_per_replica=2) is None
    assert rent(offer(gpus=4), replicas=1, gpus_per_replica=8) is None


def test_an_own_price_counts_gpus() -> None:
    fleet = rent(OWN, replicas=3, gpus_per_replica=2)
    assert fleet is not None
    assert (fleet.gpus_paid, fleet.usd_per_hour) == (6, Decimal("12.60"))


def test_a_month_has_730_hours() -> None:
    assert HOURS_PER_MONTH == 730
    assert rented(gpus=8, replicas=9, width=1).usd_per_month == Decimal(2 * 24 * 730)


@pytest.mark.parametrize(
    ("replicas", "width", "provider"),
    [(1, 1, "single"), (6, 1, "single"), (7, 1, "eight"), (8, 1, "eight"), (1, 2, "eight")],
)
def test_the_cheapest_way_to_rent_depends_on_how_much_is_needed(replicas: int, width: int, provider: str) -> None:
    shelf = [offer("3.50", gpus=1, provider="single"), offer("23.00", gpus=8, provider="eight")]
    fleet = cheapest_fleet(shelf, replicas=replicas, gpus_per_replica=width)
    assert fleet is not None
    assert fleet.offer.provider == provider


def test_equal_prices_go_to_fewer_gpus_paid() -> None:
    shelf = [offer("8.00", gpus=8), offer("8.00", gpus=4)]
    fleet = cheapest_fleet(shelf, replicas=1, gpus_per_replica=4)
    assert fleet is not None
    assert fleet.gpus_paid == 4


def test_nothing_is_rented_where_no_shape_holds_a_replica() -> None:
    assert cheapest_fleet([], replicas=1, gpus_per_replica=1) is None
    assert cheapest_fleet([offer(gpus=1), offer(gpus=2)], replicas=1, gpus_per_replica=4) is None


@pytest.mark.parametrize(
    ("usd", "rate", "price"), [("3.60", 1000.0, "1"), ("3.60", 0.1, "10000"), ("0.36", 0.3, "333.3333")]
)
def test_a_price_per_million_is_exact(usd: str, rate: float, price: str) -> None:
    assert per_million(Decimal(usd), units_per_s=rate).quantize(Decimal("0.0001")) == Decimal(price)


def test_money_stays_decimal() -> None:
    assert isinstance(per_million(Decimal("0.10"), units_per_s=0.1), Decimal)
    assert per_million(Decimal("0.10"), units_per_s=0.1) * 36 == Decimal(10_000)


@given(gpus=st.integers(1, 16), replicas=replica_counts, width=widths, price=prices)
def test_a_fleet_holds_its_replicas_and_not_a_shape_more(gpus: int, replicas: int, width: int, price: Decimal) -> None:
    fleet = rent(offer(str(price), gpus=gpus), replicas=replicas, gpus_per_replica=width)
    held = gpus // width
    assert (fleet is None) == (held == 0)
    if fleet is not None:
        assert (fleet.shapes - 1) * held < replicas <= fleet.shapes * held
        assert fleet.usd_per_hour == price * fleet.shapes


@given(
    sizes=st.lists(st.tuples(st.integers(1, 8), prices), min_size=1, max_size=6), replicas=replica_counts, width=widths
)
def test_no_offer_is_cheaper_than_the_cheapest(sizes: list[tuple[int, Decimal]], replicas: int, width: int) -> None:
    shelf = [offer(str(price), gpus=gpus) for gpus, price in sizes]
    fleets = [rent(one, replicas=replicas, gpus_per_replica=width) for one in shelf]
    best = cheapest_fleet(shelf, replicas=replicas, gpus_per_replica=width)
    costs = [fleet.usd_per_hour for fleet in fleets if fleet]
    assert (best.usd_per_hour if best else None) == min(costs, default=None)


@given(replicas=replica_counts, more=st.integers(0, 50), width=widths, factor=st.integers(1, 9))
def test_more_replicas_never_cost_less_and_prices_scale(replicas: int, more: int, width: int, factor: int) -> None:
    few, many = rented(gpus=8, replicas=replicas, width=width), rented(gpus=8, replicas=replicas + more, width=width)
    dearer = rented(gpus=8, replicas=replicas, width=width, price=str(Decimal("24.00") * factor))
    assert few.usd_per_hour <= many.usd_per_hour
    assert dearer.usd_per_hour == factor * few.usd_per_hour
