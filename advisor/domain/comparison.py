"""The answer to `compare`: what changed between two recommendations, and as far as it can be told, why."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from advisor.domain.answer import Answer, Caution, Verdict
from advisor.domain.basis import Basis
from advisor.domain.value import Value


class Cause(StrEnum):
    """Where a change comes from, in the order in which changes are told."""

    QUESTION = "question"
    PRICE = "price"
    EVIDENCE = "evidence"
    FACTS = "facts"
    CODE = "code"
    CANDIDATES = "candidates"


class ComparedAnswer(Value):
    """One of the two recommendations: what it is called, when and by which version it was made, and its chosen plan."""

    name: str
    generated_at: datetime
    advisor_version: str
    verdict: Verdict
    contender: str
    plan: str
    replicas: int
    gpus: int
    usd_per_hour: Decimal
    usd_per_month: Decimal
    basis: Basis


class Change(Value):
    """One thing that differs. `before` and `after` are in words, with units; None where there was no such thing."""

    cause: Cause
    what: str
    before: str | None
    after: str | None


class Substitution(Value):
    """What one cause does to the price per hour: the own runs that are known, or a group of fields of the question.

    `alone` has only this from the second question, all else from the first. `in_turn` has those of all groups up to
    this one, so that these effects add up. None where nothing meets the question then, and `problem` says why.
    """

    group: str
    fields: tuple[str, ...]
    alone_usd_per_hour: Decimal | None
    alone_change_usd_per_hour: Decimal | None
    in_turn_usd_per_hour: Decimal | None
    in_turn_change_usd_per_hour: Decimal | None
    in_turn_plan: str
    problem: str = ""


class Attribution(Value):
    """How the change of the price per hour comes about.

    `price_change_usd_per_hour` is what the first plan costs more at the prices that the second answer has of the same
    offers; None where it has none. Then come the runs of the user, and the fields of the question, group by group, answered
    anew with the profiles of today. The runs are those that each answer knew, and those of today where it is not told. `rest_change_usd_per_hour` is what neither explains: evidence, facts or code, and what prices and
    question do together. None where a step has no answer.
    """

    price_change_usd_per_hour: Decimal | None
    first_question_today_usd_per_hour: Decimal | None
    second_question_today_usd_per_hour: Decimal | None
    substitutions: tuple[Substitution, ...]
    rest_change_usd_per_hour: Decimal | None
    rest_is: str


class Comparison(Answer):
    """Two recommendations side by side. A change is that from `before` to `after`; money rises where it is positive."""

    before: ComparedAnswer
    after: ComparedAnswer
    summary: str
    usd_per_hour_change: Decimal
    usd_per_month_change: Decimal
    changes: tuple[Change, ...]
    attribution: Attribution | None = None
    warnings: tuple[Caution, ...] = ()
