"""What all charts share: colors, dashes and shapes by name, an ink that can be read on either theme, and lines with words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
"""Okabe and Ito: colors that color-blind readers can tell apart."""
DASHES = ([1, 0], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
"""Never color alone: the same place in all three belongs to the same name."""

WORDS_PX = 16
"""Height of a line of words."""

Layered = alt.LayerChart | alt.FacetChart
"""What layers make, as Altair says it."""

DARK_INK, LIGHT_INK = "#2b2d33", "#dcdfe6"


def ink() -> str:
    """Return the color of words and lines that can be read on the theme of the visitor."""
    return LIGHT_INK if _is_dark() else DARK_INK


def _colors(count: int) -> list[str]:
    """Return colors for so many names; on a dark ground the dark blue changes places with the light one."""
    ordered = (COLORS[-1], *COLORS[1:-1], COLORS[0]) if _is_dark() else COLORS
    return list(ordered[:count])


def _is_dark() -> bool:
    return bool(st.context.theme.type == "dark")


def color(
    field: str, names: Sequence[str], *, words: int = 0, across: bool = False, symbol: str = "stroke"
) -> alt.Color:
    """Return the channel that colors by name; its legend leaves room for so many lines of words above the chart.

    Names stand below each other, which fits a phone, or `across` where they are short. One name needs no legend.
    """
    scale = alt.Scale(domain=list(names), range=_colors(len(names)))
    return alt.Color(field, title=None, scale=scale, legend=_legend(words, names, across=across, symbol=symbol))


def dash(field: str, names: Sequence[str], *, words: int = 0, across: bool = False) -> alt.StrokeDash:
    """Return the channel that dashes by name, in the same legend."""
    scale = alt.Scale(domain=list(names), range=[list(d) for d in DASHES[: len(names)]])
    return alt.StrokeDash(field, title=None, scale=scale, legend=_legend(words, names, across=across))


def _legend(words: int, names: Sequence[str], *, across: bool, symbol: str = "stroke") -> alt.Legend | None:
    if len(names) < 2:
        return None
    return alt.Legend(
        orient="top",
        direction="horizontal" if across else "vertical",
        symbolType=symbol,
        labelLimit=320,
        symbolSize=400,
        symbolOpacity=1.0,  # else it is that of the palest layer
        offset=6 + WORDS_PX * words,
    )


def table(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as the data of a chart."""
    return {"values": [dict(row) for row in rows]}


def upright(value: float, words: str, *, of: str, middle: float, dashed: bool = True, row: int = 0) -> list[alt.Chart]:
    """Return an upright line at a value of the axis with its words above the chart, on the side where there is room.

    `row` counts lines of words upwards, so that neighbours do not lie on each other.
    """
    right = value > middle
    base = alt.Chart(table([{of: value, "words": words}])).encode(x=f"{of}:Q")
    line = base.mark_rule(color=ink(), strokeDash=[5, 3] if dashed else [1, 0], strokeWidth=1.5)
    text = base.mark_text(
        align="right" if right else "left", baseline="bottom", dx=3 if right else -3, color=ink(), fontSize=12
    ).encode(y=alt.value(-4 - WORDS_PX * row), text="words:N")
    return [line, text]


def level(value: float, words: str, *, of: str) -> list[alt.Chart]:
    """Return a level line with its words above it, at the right."""
    base = alt.Chart(table([{of: value, "words": words}])).encode(y=f"{of}:Q")
    line = base.mark_rule(color=ink(), strokeDash=[5, 3], strokeWidth=1.5)
    text = base.mark_text(align="right", baseline="bottom", dy=-3, dx=-4, color=ink(), fontSize=12).encode(
        x=alt.value("width"), text="words:N"
    )
    return [line, text]
