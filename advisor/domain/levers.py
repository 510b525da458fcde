"""Inputs of a question and what they do to the choice of the model: the value at which another one becomes the cheaper."""

from decimal import Decimal
from enum import StrEnum

from advisor.domain.value import Value


class RangeBasis(StrEnum):
    """Where the range of an input comes from: half to twice the asked value, what can be, 90 % of a spread, or a policy."""

    FACTOR_OF_TWO = "half_to_twice"
    POSSIBLE = "all_that_can_be"
    SPREAD = "90_percent_of_its_spread"
    POLICY = "assumed"


class ModelCost(Value):
    """The cheapest plan of a model at one end of a range, by formula; None where it cannot do it."""

    model: str
    usd_per_hour: Decimal | None
    plan: str | None


class EndLine(Value):
    """One end of the range of an input: its value, what each model costs there, and which is cheapest.

    `leader` is the model that was chosen where it ties with the cheapest.
    """

    value: float
    costs: tuple[ModelCost, ...]
    leader: str | None


class Lever(Value):
    """One input and what it does to the choice.

    Attributes
    ----------
    asked_value
        Its value in the question, in `unit`; None where it has none.
    low, high
        The ends of its range.
    flip_value
        The value nearest to the asked one from which on another model is over 2 % cheaper, or the chosen one cannot do it;
        None where there is none in the range.
    flip_to
        That model; None where nothing can do it there.
    flip_ratio
        The flip over the asked value: 1.2 means 20 % more. None without a flip or an asked value.
    """

    name: str
    title: str
    unit: str
    asked_value: float | None
    range_basis: RangeBasis
    low: EndLine
    high: EndLine
    flip_value: float | None
    flip_to: str | None
    flip_ratio: float | None
