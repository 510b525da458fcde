"""The answer to `crossover`: where along an axis another contender becomes the cheaper one, and how sure that is."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from advisor.domain.answer import Answer, Caution, CitedSource
from advisor.domain.assurance import DecidedBy
from advisor.domain.basis import Basis
from advisor.domain.question import Question
from advisor.domain.value import Value


class Scope(StrEnum):
    """Among which plans the cheapest is looked for."""

    OVERALL = "overall"
    GPU = "gpu"
    BASIS = "basis"


USUAL_SCOPES = (Scope.OVERALL, Scope.GPU)


class Standing(StrEnum):
    """Who leads on a stretch: one alone, several within 2 %, several that take turns from replica to replica, or none."""

    ALONE = "alone"
    TIE = "tie"
    TURNS = "turns"
    NONE = "none"


class Axis(Value):
    """What is varied, from `low` to `high`, in `unit`. `asked` is its value in the question, None where it has none."""

    name: str
    title: str
    unit: str
    low: float
    high: float
    asked_value: float | None


class StretchLine(Value):
    """A part of the axis, `low` included and `high` not, and the contenders that are cheapest there."""

    low: float
    high: float
    standing: Standing
    leaders: tuple[str, ...]


class FlipLine(Value):
    """A value at which another contender becomes the cheapest.

    Attributes
    ----------
    value
        The middle of the range from `low` to `high`, in which the two tie or take turns as whole replicas make them.
    below, above
        The contenders that are cheapest below and above it.
    changes_model
        Whether the two are different models, rather than one model with and without a drafter.
    p05, p50, p95
        Where the flip between the two lies in 90 % of the draws of all speeds at once that have one, and its middle; None
        where nothing was drawn, or no draw has one.
    none_share
        Share of draws in which one of the two is the cheaper one over the whole range.
    """

    value: float
    low: float
    high: float
    below: str
    above: str
    changes_model: bool
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None
    none_share: float | None = None


class CostPoint(Value):
    """The cheapest plan of a contender at a value of the axis, by formula."""

    value: float
    contender: str
    usd_per_hour: Decimal
    gpu: str
    plan: str
    replicas: int
    price_basis: str
    provider: str
    as_of: date


class CostBand(Value):
    """What a contender costs at a value of the axis in 90 % of the draws of all speeds at once.

    In each draw it is the cheapest of its four cheapest layouts and checkpoints, with the replicas that the drawn speed takes:
    what would be paid were the speed known. A plan is ordered with a margin, and may cost more. An end is None where the
    objectives cannot be met in so many draws.
    """

    value: float
    contender: str
    usd_per_hour_p05: Decimal | None
    usd_per_hour_p95: Decimal | None


class ScopeLine(Value):
    """The flips among all plans, those on one GPU type, or those of one price basis.

    `costs` are points of the curve of each contender; empty where they were not asked for. `bands` say how sure they are, at
    some of the same values; empty where nothing was drawn.
    """

    scope: Scope
    name: str
    stretches: tuple[StretchLine, ...]
    flips: tuple[FlipLine, ...]
    costs: tuple[CostPoint, ...] = ()
    bands: tuple[CostBand, ...] = ()


class Crossover(Answer):
    """The answer to `crossover` along one axis.

    Costs are those of the cheapest plan by formula, of which `recommend` may take one up to 2 % dearer that is faster.
    `basis` is that of the speeds, the weakest of the plans that lead.
    """

    question: Question
    axis: Axis
    summary: str
    scopes: tuple[ScopeLine, ...]
    decided_by: DecidedBy = DecidedBy.FORMULA
    basis: Basis
    draws: int
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]


class Cell(Value):
    """A point of a map: the cheapest contender, None where none can do it, and whether another model is too close to call.

    `column` and `row` count from 0 along the two axes. `usd_per_hour` is what the leader costs and `other_usd_per_hour` what
    the cheapest other model does, rounded, with replicas from interpolated capacities; None where there is none.
    """

    column: int
    row: int
    leader: str | None
    too_close: bool
    usd_per_hour: Decimal | None = None
    other_usd_per_hour: Decimal | None = None


class CrossoverMap(Answer):
    """The answer to `crossover` along two axes: who is cheapest at each of their points, by interpolated capacities.

    `across_values` and `up_values` are those of the two axes. Cells hold the
    points row by row. `shares` is the part of the map that each contender has. `asked_leader` is who is cheapest at the point
    that was asked about, None where it is not on the map.
    """

    question: Question
    across: Axis
    up: Axis
    across_values: tuple[float, ...]
    up_values: tuple[float, ...]
    cells: tuple[Cell, ...]
    asked_leader: str | None
    shares: dict[str, float]
    too_close_share: float
    decided_by: DecidedBy = DecidedBy.FORMULA
    basis: Basis
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]
