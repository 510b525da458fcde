"""The answer to `sensitivity`: which input changes the winning model, and at which value."""

from decimal import Decimal

from advisor.domain.answer import Answer, Caution, CitedSource
from advisor.domain.assurance import DecidedBy
from advisor.domain.basis import Basis
from advisor.domain.levers import Lever
from advisor.domain.question import Question


class Sensitivity(Answer):
    """The answer to `sensitivity`: inputs, the one whose flip is nearest first. Costs are by formula."""

    question: Question
    winner: str
    contender: str
    plan: str
    usd_per_hour: Decimal
    rival: str | None
    rival_usd_per_hour: Decimal | None
    levers: tuple[Lever, ...]
    summary: str
    decided_by: DecidedBy = DecidedBy.FORMULA
    basis: Basis
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]
