"""Best-first search: few options are sized, none too few."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from advisor.planning.search import Option, cheapest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Plan:
    usd: float
    name: int = 0


floors_and_prices = st.lists(
    st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 50))).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=25,
)


def options(pairs: Sequence[tuple[float, float | None]], settled: list[int]) -> list[Option[Plan]]:
    def settle(index: int, price: float | None) -> Callable[[], Plan | None]:
        def once() -> Plan | None:
            settled.append(index)
            return None if price is None else Plan(price, index)

        return once

    return [Option(floor, settle(index, price)) for index, (floor, price) in enumerate(pairs)]


def test_no_option_makes_no_plan() -> None:
    assert list(cheapest_first(options([], []))) == []


def test_an_option_that_cannot_be_sized_makes_no_plan() -> None:
    assert list(cheapest_first(options([(1, None), (2, 3)], []))) == [Plan(3, 1)]


def test_an_option_whose_floor_is_above_the_winner_is_never_sized() -> None:
    settled: list[int] = []
    found = cheapest_first(options([(5, 6), (1, 4), (2, 3), (3.5, 9), (30, 30)], settled))
    assert next(found) == Plan(3, 2)
    assert settled == [1, 2]


def test_a_thousand_options_cost_one_sizing_where_the_bounds_are_exact() -> None:
    settled: list[int] = []
    assert next(cheapest_first(options([(usd, usd) for usd in range(1000)], settled))) == Plan(0, 0)
    assert len(settled) == 1


@given(pairs=floors_and_prices)
def test_plans_come_by_rising_price_and_none_is_missed(pairs: list[tuple[float, float | None]]) -> None:
    found = list(cheapest_first(options(pairs, [])))
    everything = [Plan(price, index) for index, (_, price) in enumerate(pairs) if price is not None]
    assert [plan.usd for plan in found] == sorted(plan.usd for plan in everything)
    assert sorted(plan.name for plan in found) == sorted(plan.name for plan in everything)


@given(pairs=floors_and_prices, wanted=st.integers(1, 5))
def test_only_options_that_could_matter_are_sized_and_each_once(
    pairs: list[tuple[float, float | None]], wanted: int
) -> None:
    settled: list[int] = []
    found = list(islice(cheapest_first(options(pairs, settled)), wanted))
    assert len(settled) == len(set(settled))
    if len(found) == wanted:
        assert all(pairs[index][0] <= found[-1].usd for index in settled)
