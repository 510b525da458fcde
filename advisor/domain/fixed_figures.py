"""Figures that no formula gives: constants of the physics as believed and as fitted, and assumptions about running a fleet."""

from datetime import date

from advisor.domain.judged import Constant
from advisor.domain.value import Value


class ConstantLine(Constant):
    """A constant of the physics.

    `value` is fitted to the published rows, starting from `prior_value`, whose logarithm has the standard deviation
    `prior_log_sd`. `why` says why that is believed.
    """

    prior_value: float
    prior_log_sd: float
    why: str
    source_url: str


class AssumptionLine(Value):
    """A figure about running replicas, and where it was read. `note` says how far that reaches."""

    name: str
    value: float
    unit: str
    note: str
    source_url: str
    date: date


class FixedFigures(Value):
    """All of them."""

    constants: tuple[ConstantLine, ...]
    assumptions: tuple[AssumptionLine, ...]
