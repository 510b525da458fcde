"""How one figure looks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from advisor.report import figures


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "$0.00"),
        ("0.01", "$0.01"),
        ("0.00987654", "$0.009877"),
        ("0.000000123456", "$0.0000001235"),
        ("1234567.891", "$1,234,567.89"),
    ],
)
def test_money_has_cents_or_four_digits_below_one_cent(usd: str, text: str) -> None:
    assert figures.money(Decimal(usd)) == text


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (None, "-"),
        (0.4213, "0.421 ms"),
        (9.871, "9.87 ms"),
        (344.9, "345 ms"),
        (999.9, "1000 ms"),
        (5214, "5.21 s"),
        (123456, "123 s"),
    ],
)
def test_a_duration_has_the_unit_of_its_size(duration_ms: float | None, text: str) -> None:
    assert figures.milliseconds(duration_ms) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (50.0, "50"), (70.24, "70.2"), (1234.5, "1,234"), (0.01234, "0.0123"), (0.5, "0.5")]
)
def test_a_number_has_three_digits_or_is_whole(value: float, text: str) -> None:
    assert figures.number(value) == text


@pytest.mark.parametrize(("fraction", "text"), [(0, "0 %"), (0.0213, "2.1 %"), (0.712, "71 %"), (4.0, "400 %")])
def test_a_share_is_a_percentage(fraction: float, text: str) -> None:
    assert figures.share(fraction) == text


@pytest.mark.parametrize(("fraction", "text"), [(0.0, "0 %"), (0.153, "+15 %"), (-0.02, "-2.0 %")])
def test_a_difference_has_a_sign_unless_it_is_none(fraction: float, text: str) -> None:
    assert figures.signed_share(fraction) == text


def test_sizes_are_binary_and_rates_decimal() -> None:
    assert figures.gib(80 * 2**30) == "80.0 GiB"
    assert figures.gib(30 * 2**20) == "30 MiB"
    assert figures.metric(3.35e12, "B/s") == "3.35 TB/s"
    assert figures.metric(350, "W") == "350 W"
