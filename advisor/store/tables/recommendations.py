"""The log of recommendations given."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time
from decimal import Decimal  # noqa: TC003 - likewise

from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment, Money, Prose


class RecommendationRow(Base):
    """A recommendation: what was asked, what was chosen, and the whole answer. `question` and `answer` are JSON."""

    __tablename__ = "recommendations"

    number: Mapped[int] = mapped_column(primary_key=True)
    given_at: Mapped[datetime] = mapped_column(Moment)
    summary: Mapped[str] = mapped_column(Prose)
    plan: Mapped[str] = mapped_column(Prose)
    usd_per_month: Mapped[Decimal] = mapped_column(Money)
    basis: Mapped[str]
    advisor_version: Mapped[str]
    evidence_digest: Mapped[str]
    question: Mapped[str] = mapped_column(Prose)
    answer: Mapped[str] = mapped_column(Prose)
