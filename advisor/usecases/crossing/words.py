"""The answer to `crossover` in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.crossover import Axis, FlipLine, Scope, ScopeLine, Standing, StretchLine

if TYPE_CHECKING:
    from collections.abc import Sequence

NEARLY_ALL = 0.995
"""Share of draws from which on it rounds to all of them."""


def summary_of(axis: Axis, lines: Sequence[ScopeLine]) -> str:
    """Return where the cheapest contender changes among all plans, else how many parts have a flip."""
    overall = next((line for line in lines if line.scope is Scope.OVERALL), None)
    if overall is None:
        having = [line for line in lines if line.flips]
        return (
            f"The cheapest contender changes along {axis.title} in {len(having)} of {len(lines)} parts of the market."
        )
    told = [_flip(axis, flip) for flip in overall.flips]
    return " ".join(told) if told else _none(axis, overall)


def _flip(axis: Axis, flip: FlipLine) -> str:
    return f"{flip.below} is cheaper below {in_words(flip.value, axis)}, {flip.above} above{_interval(axis, flip)}."


def _interval(axis: Axis, flip: FlipLine) -> str:
    if flip.p05 is None or flip.p95 is None:
        return ""
    return f" ({_drawn(flip)}: {in_words(flip.p05, axis)} to {in_words(flip.p95, axis)})"


def _drawn(flip: FlipLine) -> str:
    """Return of which draws the interval holds 90 %: those that have a flip, told where they are not all."""
    having = 1.0 - (flip.none_share or 0.0)
    return "90 % of draws" if having >= NEARLY_ALL else f"90 % of the {100.0 * having:.2g} % of draws that have a flip"


def _none(axis: Axis, overall: ScopeLine) -> str:
    names = list(dict.fromkeys(n for s in overall.stretches if s.standing is Standing.ALONE for n in s.leaders))
    where = f"between {in_words(axis.low, axis)} and {in_words(axis.high, axis)}"
    turns = "".join(_turns(axis, s) for s in overall.stretches if s.standing is Standing.TURNS)
    if len(names) == 1:
        ties = any(stretch.standing is Standing.TIE for stretch in overall.stretches)
        return f"No flip {where}: {names[0]} is the cheapest{', ties aside' if ties else ''}{turns}."
    return f"No flip {where}: no contender is the cheapest alone{turns}."


def _turns(axis: Axis, stretch: StretchLine) -> str:
    where = f"between {_figure(stretch.low)} and {in_words(stretch.high, axis)}"
    return f"; {where} the cheaper one alternates with whole replicas ({', '.join(stretch.leaders)})"


def in_words(value: float, axis: Axis) -> str:
    """Return a value of an axis with its unit."""
    return f"{_figure(value)} {axis.unit}"


def _figure(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}"
