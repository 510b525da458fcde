"""A recommendation that was given, as it is remembered."""

from datetime import datetime
from decimal import Decimal

from pydantic import PositiveInt

from advisor.domain.basis import Basis
from advisor.domain.value import Value


class GivenRecommendation(Value):
    """A line of the log. `question` and `plan` are sentences; `evidence_digest` stands for the user's runs that it knew.

    `number` is what the log calls it; None before it is in the log.
    """

    given_at: datetime
    question: str
    plan: str
    usd_per_month: Decimal
    basis: Basis
    advisor_version: str
    evidence_digest: str = ""
    number: PositiveInt | None = None
