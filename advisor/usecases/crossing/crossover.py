"""`advisor crossover`: where along an axis another contender becomes the cheaper one, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from advisor import __version__
from advisor.domain.crossover import (
    USUAL_SCOPES,
    CostBand,
    Crossover,
    FlipLine,
    Scope,
    ScopeLine,
    Standing,
    StretchLine,
)
from advisor.errors import InfeasibleError
from advisor.planning.flips import condensed, flips_of, stretches
from advisor.usecases.crossing.axes import Renewed, axis_of
from advisor.usecases.crossing.draws import bands_of, draws_of
from advisor.usecases.crossing.entry_plans import cost_point, plan_of, sources_behind, warnings_of, weakest_basis
from advisor.usecases.crossing.points import ALL, Points
from advisor.usecases.crossing.words import summary_of
from advisor.usecases.deciding import nothing_feasible
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.market import Market

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from advisor.domain.question import Question
    from advisor.planning.flips import Flip, Stretch
    from advisor.usecases.crossing.draws import Draws
    from advisor.usecases.crossing.points import Part
    from advisor.usecases.plans import Plan


@dataclass(frozen=True)
class Detail:
    """How finely an axis is looked at: points, and how far a change between them is narrowed down.

    `every` is the step at which costs are told, `banded_every` that of these at which their bands are, `drawn_every` that at
    which draws are sized, `gpu_every` that of the points on one GPU type.
    """

    points: int
    gpu_every: int
    narrow_share: float
    every: int
    drawn_every: int = 1
    banded_every: int = 4


DETAILS = {
    Renewed.PRICES: Detail(points=97, gpu_every=4, narrow_share=1e-3, every=4, drawn_every=6),
    Renewed.RATE: Detail(points=97, gpu_every=6, narrow_share=1e-3, every=4, drawn_every=6),
    Renewed.LIMITS: Detail(points=17, gpu_every=2, narrow_share=5e-3, every=1),
    Renewed.CURVES: Detail(points=17, gpu_every=2, narrow_share=5e-3, every=1),
}
"""By what a new value makes anew: the more of it, the fewer points there can be in a second."""

FINE = Decimal("0.0001")

GPU_NARROW_SHARE = 1.0 / 64.0
"""Part of the range to which a change on one GPU type is narrowed down: far below its interval."""


def crossover(
    question: Question,
    axis: str,
    *,
    within: tuple[float, float] | None = None,
    scopes: Sequence[Scope] = USUAL_SCOPES,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
) -> Crossover:
    """Return where along an axis the cheapest contender changes.

    Parameters
    ----------
    question
        What is asked; costs are by formula, whatever it says of simulations.
    axis
        A name of `AXES`, or ``price:GPU``.
    within
        The range of the axis, in its unit; None for the usual one around the asked value.
    scopes
        Among which plans the cheapest is looked for.

    Raises
    ------
    InputError
        If there is no such axis, it applies to no contender, or its range is empty.
    InfeasibleError
        If nothing meets the objectives anywhere in the range.
    """
    question = question.model_copy(update={"simulate": False})
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    market = Market.of(question, shipped)
    if not market.models:
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=None)
    points = Points(axis_of(axis, market, shipped, within=within), market, shipped)
    drawing = bool(question.draws)
    parts = [part for scope in scopes for part in points.parts(scope)]
    lines = tuple(_scope(points, part, drawing=drawing and _is_drawn(part, scopes)) for part in parts)
    return _answer(points, lines)


def _answer(points: Points, lines: Sequence[ScopeLine]) -> Crossover:
    axis, question = points.bound.axis, points.market.question
    plans = _plans_told(points)
    if not plans:
        raise InfeasibleError(
            f"nothing meets the objectives anywhere between {axis.low:g} and {axis.high:g} {axis.unit}",
            hint="loosen a limit, or widen --range",
        )
    return Crossover(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        question=question,
        axis=axis,
        summary=summary_of(axis, lines),
        scopes=tuple(lines),
        basis=weakest_basis(plans),
        draws=question.draws,
        warnings=warnings_of(points, plans),
        sources=sources_behind(plans),
    )


def _plans_told(points: Points) -> list[Plan]:
    """Return a plan of each contender that is cheapest at one end, in the middle, or as asked."""
    axis = points.bound.axis
    asked = axis.asked_value if axis.asked_value and axis.low <= axis.asked_value <= axis.high else axis.low
    plans: dict[str, Plan] = {}
    for value in (asked, axis.low, axis.high, *_grid(points, 3)):
        for standing in points.standings(value).values():
            plan = plan_of(standing, points.field(value).question)
            plans.setdefault(f"{plan.deployment.layout} {plan.fleet.offer.price_basis}", plan)
    return list(plans.values())


def _grid(points: Points, count: int) -> list[float]:
    axis = points.bound.axis
    inner = np.geomspace(axis.low, axis.high, count)[1:-1].tolist()
    return [axis.low, *inner, axis.high]


def _is_drawn(part: Part, scopes: Sequence[Scope]) -> bool:
    """Return whether the flips of a part get an interval: on GPU types only where they alone are asked for, for it takes long."""
    return part.scope is not Scope.GPU or set(scopes) == {Scope.GPU}


def _scope(points: Points, part: Part, *, drawing: bool) -> ScopeLine:
    detail = DETAILS[points.bound.renews]
    on_gpu = part.scope is Scope.GPU
    grid = _grid(points, detail.points)[:: detail.gpu_every if on_gpu else 1]
    for value in reversed(grid):  # the largest fleet first: it bounds the others
        points.leaders(value, part)
    narrow_share = GPU_NARROW_SHARE if on_gpu else detail.narrow_share
    told = condensed(stretches(lambda value: points.leaders(value, part), grid, narrow_share=narrow_share))
    flips = flips_of(told)
    told_at = grid[:: detail.every] if part == ALL else []
    drawn = None
    if flips and drawing:
        drawn = draws_of(points, part, flips, _grid(points, detail.points)[:: detail.drawn_every])
    return ScopeLine(
        scope=part.scope,
        name=part.name,
        stretches=tuple(_stretch_line(stretch) for stretch in told),
        flips=tuple(_flip_line(flip, drawn, inside, points) for flip, inside in _surrounded(flips, points)),
        costs=tuple(
            cost_point(value, standing, points.field(value, part).question)
            for value in told_at
            for standing in points.standings(value, part).values()
        ),
        bands=tuple(_bands(points, part, told_at[:: detail.banded_every])) if drawing and told_at else (),
    )


def _bands(points: Points, part: Part, values: Sequence[float]) -> Iterator[CostBand]:
    drawn = bands_of(points, part, values)
    for name in drawn.costs:
        for value, (low, high) in zip(values, drawn.spread(name), strict=True):
            if name in points.standings(value, part):
                yield CostBand(value=value, contender=name, usd_per_hour_p05=_usd(low), usd_per_hour_p95=_usd(high))


def _usd(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(FINE)


def _surrounded(flips: Sequence[Flip], points: Points) -> list[tuple[Flip, tuple[float, float]]]:
    """Return flips with the part of the axis between their neighbours."""
    axis = points.bound.axis
    ends = [axis.low, *((left.high * right.low) ** 0.5 for left, right in pairwise(flips)), axis.high]
    return list(zip(flips, pairwise(ends), strict=False))


def _stretch_line(stretch: Stretch) -> StretchLine:
    alone = Standing.ALONE if stretch.leader else Standing.TIE
    standing = Standing.TURNS if stretch.alternates else alone if stretch.leaders else Standing.NONE
    return StretchLine(low=stretch.low, high=stretch.high, standing=standing, leaders=stretch.leaders)


def _flip_line(flip: Flip, drawn: Draws | None, within: tuple[float, float], points: Points) -> FlipLine:
    found = drawn.of(flip, within=within)._asdict() if drawn else {}
    models = {name: items[0].deployment.model.name for name, items in points.market.fitting.items()}
    return FlipLine(
        value=flip.value,
        low=flip.low,
        high=flip.high,
        below=flip.below,
        above=flip.above,
        changes_model=models[flip.below] != models[flip.above],
        **found,
    )
