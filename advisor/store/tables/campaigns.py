"""Campaigns, their cells, the attempts at them, and which result of each cell is accepted."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment, Prose


class CampaignRow(Base):
    """A campaign as it was started."""

    __tablename__ = "campaigns"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Prose)
    git_commit: Mapped[str]
    git_dirty: Mapped[bool]
    git_path: Mapped[str]
    basis: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)


class WorkloadRow(Base):
    """A workload that cells share, named by its content: that of a trace is long."""

    __tablename__ = "workloads"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    document: Mapped[str] = mapped_column(Prose)


class CellRow(Base):
    """A cell of a plan. `deployment` and `load` are JSON of the domain's values."""

    __tablename__ = "cells"
    __table_args__ = (UniqueConstraint("campaign_id", "ordinal"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))
    ordinal: Mapped[int]
    deployment: Mapped[str] = mapped_column(Prose)
    workload_id: Mapped[str] = mapped_column(ForeignKey("workloads.id"))
    load: Mapped[str] = mapped_column(Prose)
    repeat: Mapped[int]


class AttemptRow(Base):
    """A try at a cell. `number` counts attempts in the order they came in."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("id", "cell_id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    cell_id: Mapped[str] = mapped_column(ForeignKey("cells.id"), index=True)
    server_id: Mapped[str | None] = mapped_column(ForeignKey("servers.id"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime] = mapped_column(Moment)
    outcome: Mapped[str]
    detail: Mapped[str] = mapped_column(Prose)
    log_tail: Mapped[str] = mapped_column(Prose)
    gpu_s: Mapped[float]


class AcceptedRow(Base):
    """The accepted result of a cell: the primary key holds that there is at most one, the foreign key that it is the cell's.

    Only this row goes when a run is discarded, and the cell is open again.
    """

    __tablename__ = "accepted"
    __table_args__ = (ForeignKeyConstraint(("attempt_id", "cell_id"), ("attempts.id", "attempts.cell_id")),)

    cell_id: Mapped[str] = mapped_column(ForeignKey("cells.id"), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(unique=True)
