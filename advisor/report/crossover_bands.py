"""Bands of cost along an axis as areas of a plot: rows that a chart draws, wherever it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.domain.crossover import ScopeLine


def areas(line: ScopeLine) -> list[dict[str, object]]:
    """Return what each contender costs in 90 % of draws, at the values where it can be had at all.

    Where it cannot be had in over 5 % of the draws the area is open: it reaches the highest price of the plot. `part` counts
    the stretches of a contender without a gap, so that a chart joins no more than there is.
    """
    values = sorted({band.value for band in line.bands})
    had = {(band.contender, band.value): band for band in line.bands if band.usd_per_hour_p05 is not None}
    prices = [float(point.usd_per_hour) for point in line.costs]
    top = max([*prices, *(float(band.usd_per_hour_p95 or 0) for band in line.bands)], default=0.0)
    rows: list[dict[str, object]] = []
    for name in sorted({name for name, _ in had}):
        part = 0
        for value in values:
            band = had.get((name, value))
            if band is None:
                part += 1
                continue
            low, high = float(band.usd_per_hour_p05 or 0), float(band.usd_per_hour_p95 or top)
            rows.append({"value": value, "contender": name, "part": part, "low": low, "high": high})
    return rows
