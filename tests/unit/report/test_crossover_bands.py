"""Bands of cost as areas of a plot."""

from __future__ import annotations

from decimal import Decimal

from advisor.domain.crossover import CostBand, Scope, ScopeLine
from advisor.report.crossover_bands import areas


def line(*ends: tuple[str, str | None] | None) -> ScopeLine:
    bands = [
        CostBand(
            value=float(value),
            contender="a",
            usd_per_hour_p05=Decimal(found[0]) if found else None,
            usd_per_hour_p95=Decimal(found[1]) if found and found[1] else None,
        )
        for value, found in enumerate(ends, start=1)
    ]
    return ScopeLine(scope=Scope.OVERALL, name="", stretches=(), flips=(), bands=tuple(bands))


def test_where_it_cannot_be_had_in_many_draws_the_area_is_open_upwards() -> None:
    first, last = areas(line(("1", "9"), ("2", None)))
    assert (first["high"], last["low"], last["high"]) == (9.0, 2.0, 9.0)


def test_an_area_does_not_bridge_values_at_which_it_cannot_be_had_at_all() -> None:
    before, after = areas(line(("1", "2"), None, ("3", "4")))
    assert (before["value"], after["value"]) == (1.0, 3.0)
    assert before["part"] != after["part"]
