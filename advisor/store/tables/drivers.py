"""Who works on a campaign and within which limits, what is begun with, and who asked for its end."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time
from decimal import Decimal  # noqa: TC003 - likewise

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment, Money, Prose


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
    max_gpu_hours: Mapped[float | None]
    max_usd: Mapped[Decimal | None] = mapped_column(Money)


class StartRow(Base):
    """A worker has begun with a cell, for a process that works on its campaign. `gpus` is a JSON list.

    The row goes with the attempt that follows, in one transaction: what is left here is in work, or was interrupted.
    """

    __tablename__ = "starts"

    number: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("claims.id"), index=True)
    cell_id: Mapped[str] = mapped_column(ForeignKey("cells.id"))
    attempt: Mapped[int]
    stage: Mapped[str]
    node: Mapped[str]
    gpus: Mapped[str] = mapped_column(Prose)
    started_at: Mapped[datetime] = mapped_column(Moment)


class CancelRow(Base):
    """A request to end a campaign."""

    __tablename__ = "cancels"

    number: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
