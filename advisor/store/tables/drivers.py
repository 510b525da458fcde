"""Who works on a campaign, and who asked for its end."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment


class ClaimRow(Base):
    """A process that works on a campaign. It is alive while it is not released and its heart beats."""

    __tablename__ = "claims"

    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    host: Mapped[str]
    pid: Mapped[int]
    claimed_at: Mapped[datetime] = mapped_column(Moment)
    heartbeat_at: Mapped[datetime] = mapped_column(Moment)
    released_at: Mapped[datetime | None] = mapped_column(Moment)


class CancelRow(Base):
    """A request to end a campaign."""

    __tablename__ = "cancels"

    number: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
