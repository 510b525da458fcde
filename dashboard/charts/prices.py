"""What the price of a GPU-hour does: the cost of each contender's best plan, with the flips marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from dashboard.charts import marks

if TYPE_CHECKING:
    from advisor.domain.crossover import FlipLine
    from advisor.domain.price_book import PriceEffect

HEIGHT_PX = 420
CENT = 0.01

_TOOLTIP = [
    alt.Tooltip("contender:N"),
    alt.Tooltip("price:Q", title="USD per GPU-hour", format="$,.3f"),
    alt.Tooltip("usd_per_hour:Q", title="best plan, USD per hour", format="$,.2f"),
    alt.Tooltip("plan:N"),
    alt.Tooltip("replicas:Q"),
    alt.Tooltip("paid:N", title="price"),
]


def usd(price: float) -> str:
    """Return a price of a GPU-hour as it is shown here."""
    return f"${price:,.2f}"


def rows(effect: PriceEffect) -> list[dict[str, object]]:
    """Return what the chart shows: one row per contender and price."""
    return [
        {
            "contender": cost.contender,
            "price": cost.value,
            "usd_per_hour": float(cost.usd_per_hour),
            "plan": cost.plan,
            "replicas": cost.replicas,
            "paid": f"{cost.provider} {cost.price_basis} {cost.as_of}",
        }
        for scope in effect.crossover.scopes
        for cost in scope.costs
    ]


def chart(effect: PriceEffect, *, at_usd: float) -> marks.Layered:
    """Return the chart of a price. `at_usd` is the price that the visitor looks at."""
    axis, shown, told = effect.crossover.axis, rows(effect), _told(effect, at_usd)
    names = sorted({str(row["contender"]) for row in shown})
    lines = (
        alt.Chart(marks.table(shown))
        .mark_line(strokeWidth=2.5, point={"size": 28, "filled": True})
        .encode(
            x=alt.X(
                "price:Q",
                title=f"{axis.title} [USD]",
                scale=_scale(effect),
                axis=alt.Axis(format="$,.4~f", grid=False),
            ),
            y=alt.Y("usd_per_hour:Q", title="best plan [USD per hour]", axis=alt.Axis(format="$,.4~f")),
            color=marks.color("contender:N", names, words=len(told)),
            strokeDash=marks.dash("contender:N", names, words=len(told)),
            tooltip=_TOOLTIP,
        )
    )
    middle = (axis.low + axis.high) / 2
    uprights = [
        layer
        for row, (value, words, dashed) in enumerate(told)
        for layer in marks.upright(value, words, of="price", middle=middle, dashed=dashed, row=row)
    ]
    return alt.layer(*_ranges(effect), lines, *uprights).properties(height=HEIGHT_PX)


def _scale(effect: PriceEffect) -> alt.Scale:
    return alt.Scale(domain=[effect.crossover.axis.low, effect.crossover.axis.high], nice=False, zero=False)


def _flips(effect: PriceEffect) -> list[FlipLine]:
    return [flip for scope in effect.crossover.scopes for flip in scope.flips]


def _ranges(effect: PriceEffect) -> list[alt.Chart]:
    """Return the ranges in which two contenders tie or take turns."""
    ranges = [flip.model_dump(include={"low", "high", "below", "above", "value"}) for flip in _flips(effect)]
    if not ranges:
        return []
    tips = [alt.Tooltip("below:N"), alt.Tooltip("above:N"), alt.Tooltip("value:Q", format="$,.3f")]
    band = alt.Chart(marks.table(ranges)).mark_rect(opacity=0.15, color=marks.ink())
    return [band.encode(x=alt.X("low:Q", scale=_scale(effect)), x2="high:Q", tooltip=tips)]


def _told(effect: PriceEffect, at_usd: float) -> list[tuple[float, str, bool]]:
    """Return prices with what is said of each, and whether the line is dashed."""
    axis, stay = effect.crossover.axis, effect.stay
    today = axis.asked_value or axis.low
    return [
        (today, f"today {usd(today)}", False),
        *([(at_usd, f"looked at {usd(at_usd)}", True)] if abs(at_usd - today) >= CENT else []),
        *((flip.value, f"{flip.above} from {usd(flip.value)}", True) for flip in _flips(effect)),
        *(
            [(stay.until_usd, f"{stay.then.gpu} from {usd(stay.until_usd)}", True)]
            if stay.until_usd and stay.then
            else []
        ),
    ]
