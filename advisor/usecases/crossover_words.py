"""The answer to `crossover` in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.crossover import Axis, FlipLine, Scope, ScopeLine, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    return f" (90 % of draws: {in_words(flip.p05, axis)} to {in_words(flip.p95, axis)})"


def _none(axis: Axis, overall: ScopeLine) -> str:
    names = list(dict.fromkeys(n for s in overall.stretches if s.standing is Standing.ALONE for n in s.leaders))
    where = f"between {in_words(axis.low, axis)} and {in_words(axis.high, axis)}"
    if len(names) == 1:
        others = any(len(stretch.leaders) > 1 for stretch in overall.stretches)
        return f"No flip {where}: {names[0]} is the cheapest{', ties and turns aside' if others else ''}."
    return f"No flip {where}: no contender is the cheapest alone."


def in_words(value: float, axis: Axis) -> str:
    """Return a value of an axis with its unit."""
    return f"{float(f'{value:.3g}'):g} {axis.unit}"
