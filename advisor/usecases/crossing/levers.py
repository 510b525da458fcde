"""The inputs that `sensitivity` varies: their range, and what competes at a value of each.

To add an input, write a function that yields its `Input` and enter it in `INPUTS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import exp
from typing import TYPE_CHECKING

from advisor.domain.levers import RangeBasis
from advisor.evidence.anchors import VERSION_LOG_SD
from advisor.usecases.crossing.axes import AXES, Bound, Renewed, axis_of
from advisor.usecases.crossing.costs import lots_of, stalls_of
from advisor.usecases.crossing.points import Field, Points
from advisor.usecases.sparing import Spares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from advisor.domain.model import ModelSpec
    from advisor.usecases.crossing.costs import Standing
    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.market import Market
    from advisor.usecases.planner import Shelf

Z_95 = 1.645
"""95th percentile of the standard normal law: the two of them enclose 90 %."""

TWICE = 2.0
AVAILABILITIES = (0.99, 0.9999)
"""Range of the share of time that enough replicas are up: two nines to four (assumed)."""


LOOKS, FEW_LOOKS = 8, 4
"""Places looked at on each side of the asked one; few where each makes curves or limits anew, which takes long (a choice)."""


@dataclass(frozen=True)
class Input:
    """An input: its value as asked, its range, and what competes at a value of it.

    `at` takes a place on a positive scale that is looked at in logarithms; `shown` turns a place into the input's value.
    `asked_place` is where the question stands on it, and `looks` how many places are looked at on each side of it.
    """

    name: str
    title: str
    unit: str
    asked_place: float
    low_place: float
    high_place: float
    range_basis: RangeBasis
    at: Callable[[float], Field]
    has_value: bool = True
    shown: Callable[[float], float] = float
    looks: int = FEW_LOOKS


@dataclass(frozen=True)
class Stage:
    """The question with its market, the cheapest plan of all, and that of the best other model if there is one."""

    market: Market
    shipped: Shipped
    winner: Standing
    rival: Standing | None
    base: Field

    @property
    def sides(self) -> Iterator[tuple[str, Standing]]:
        """The winner and its rival, with what they are called."""
        yield "winner", self.winner
        if self.rival is not None:
            yield "rival", self.rival


def inputs_of(stage: Stage) -> list[Input]:
    """Return all inputs that the question has."""
    return [found for make in INPUTS for found in make(stage)]


def _axes(stage: Stage) -> Iterator[Input]:
    """Yield the axes of `crossover` that the question has, from half to twice their value as far as that can be."""
    for name, kind in AXES.items():
        asked = kind.asked(stage.market)
        if asked is None:
            continue
        possible = kind.span(stage.market, asked)
        low, high = max(asked / TWICE, possible[0]), min(asked * TWICE, possible[1])
        if low < high:
            bound = axis_of(name, stage.market, stage.shipped, within=(low, high))
            yield _input_of(bound, Points(bound, stage.market, stage.shipped))


def _input_of(bound: Bound, points: Points) -> Input:
    axis = bound.axis
    asked = axis.asked_value or axis.low
    whole = axis.low == asked / TWICE and axis.high == asked * TWICE
    return Input(
        name=axis.name,
        title=axis.title,
        unit=axis.unit,
        asked_place=min(max(asked, axis.low), axis.high),
        low_place=axis.low,
        high_place=axis.high,
        range_basis=RangeBasis.FACTOR_OF_TWO if whole else RangeBasis.POSSIBLE,
        at=points.field,
        looks=FEW_LOOKS if bound.renews >= Renewed.LIMITS else LOOKS,
    )


def _prices(stage: Stage) -> Iterator[Input]:
    """Yield the prices of the GPUs of both sides, from half to twice; all offers of a GPU move together."""
    used: dict[str, tuple[list[str], Standing]] = {}
    for side, standing in stage.sides:
        used.setdefault(standing.lot.deployment.gpu.name, ([], standing))[0].append(side)
    for gpu, (sides, standing) in used.items():
        asked = standing.usd / (standing.replicas * standing.lot.deployment.tensor_parallel)
        yield Input(
            name=f"price:{gpu}",
            title=f"price of {gpu} ({' and '.join(sides)})",
            unit="USD per GPU-hour",
            asked_place=asked,
            low_place=asked / TWICE,
            high_place=asked * TWICE,
            range_basis=RangeBasis.FACTOR_OF_TWO,
            at=partial(_priced, stage, gpu, asked),
            looks=LOOKS,
        )


def _priced(stage: Stage, gpu: str, asked: float, value: float) -> Field:
    stalls = stage.base.stalls
    scale = partial(_scaled, factor=value / asked)
    shelves = tuple(
        scale(shelf) if lot.deployment.gpu.name == gpu else shelf
        for lot, shelf in zip(stalls.lots, stalls.shelves, strict=True)
    )
    return Field(replace(stalls, shelves=shelves), stage.market.question)


def _scaled(shelf: Shelf, *, factor: float) -> Shelf:
    return replace(shelf, shapes=tuple((held, usd * factor) for held, usd in shelf.shapes))


def _availability(stage: Stage) -> Iterator[Input]:
    """Yield the availability, on the scale of one over the share of time that is lost."""
    asked = stage.market.question.availability
    low, high = (1.0 / (1.0 - share) for share in AVAILABILITIES)
    yield Input(
        name="availability",
        title="availability",
        unit="share of the time",
        asked_place=low if asked is None else min(max(1.0 / (1.0 - asked), low), high),
        low_place=low,
        high_place=high,
        range_basis=RangeBasis.POLICY,
        at=partial(_available, stage),
        has_value=asked is not None,
        shown=lambda place: 1.0 - 1.0 / place,
        looks=LOOKS,
    )


def _available(stage: Stage, place: float) -> Field:
    question = stage.market.question.model_copy(update={"availability": 1.0 - 1.0 / place, "spares": None})
    spares = Spares.of(question, stage.market.operations.availability)
    return Field(replace(stage.base.stalls, spares=spares), question)


def _speeds(stage: Stage) -> Iterator[Input]:
    """Yield the speed of both sides within 90 % of its spread, and that of another engine version for the winner."""
    for side, standing in stage.sides:
        log_sd = standing.lot.curve.grounds.log_sd_at(standing.lot.slots)
        yield _speed(stage, f"speed:{side}", f"speed of {{}} over its estimate ({side})", standing, log_sd)
    yield _speed(stage, "engine-version", "speed of {} on another engine version", stage.winner, VERSION_LOG_SD)


def _speed(stage: Stage, name: str, title: str, standing: Standing, log_sd: float) -> Input:
    model = standing.lot.deployment.model
    return Input(
        name=name,
        title=title.format(model.name),
        unit="times the estimate",
        asked_place=1.0,
        low_place=exp(-Z_95 * log_sd),
        high_place=exp(Z_95 * log_sd),
        range_basis=RangeBasis.SPREAD,
        at=partial(_sped, stage, model),
    )


def _sped(stage: Stage, model: ModelSpec, factor: float) -> Field:
    """Return what competes were a model so many times as fast as estimated."""
    market = stage.market
    curves = {
        name: [_faster(curve, factor) for curve in group] if group and group[0].deployment.model == model else group
        for name, group in market.curves.items()
    }
    faster = replace(market, curves=curves)
    return Field(stalls_of(faster, lots_of(faster, market.question.limits, hints={})), market.question)


def _faster(curve: Curve, factor: float) -> Curve:
    return replace(
        curve,
        turn_s=curve.turn_s / factor,
        prefill_s_per_token=curve.prefill_s_per_token / factor,
        ttft_s=curve.ttft_s / factor,
        step_s=curve.step_s / factor,
    )


INPUTS: Sequence[Callable[[Stage], Iterator[Input]]] = (_prices, _axes, _speeds, _availability)
