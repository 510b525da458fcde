"""Starts of servers, with the machines and the software they ran on. Equal machines and equal software are one row."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment, Prose


class HardwareRow(Base):
    """A machine, named by its content. `gpus` is a JSON list."""

    __tablename__ = "hardware"

    id: Mapped[str] = mapped_column(primary_key=True)
    hostname: Mapped[str]
    gpus: Mapped[str] = mapped_column(Prose)
    driver: Mapped[str]
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sm_clock_mhz: Mapped[float | None]
    memory_clock_mhz: Mapped[float | None]
    power_limit_w: Mapped[float | None]
    cpu: Mapped[str]
    cpu_count: Mapped[int | None]


class SoftwareRow(Base):
    """What a server ran, named by its content. `command` is a JSON list."""

    __tablename__ = "software"

    id: Mapped[str] = mapped_column(primary_key=True)
    engine: Mapped[str]
    engine_version: Mapped[str]
    torch: Mapped[str]
    cuda: Mapped[str]
    python: Mapped[str]
    image: Mapped[str]
    command: Mapped[str] = mapped_column(Prose)
    advisor_version: Mapped[str]


class ServerRow(Base):
    """One start of a server. `effective` is a JSON object of settings."""

    __tablename__ = "servers"

    id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    deployment: Mapped[str]
    hardware_id: Mapped[str] = mapped_column(ForeignKey("hardware.id"))
    software_id: Mapped[str] = mapped_column(ForeignKey("software.id"))
    effective: Mapped[str] = mapped_column(Prose)
    started_at: Mapped[datetime] = mapped_column(Moment)
    ready_after_s: Mapped[float | None]
    outcome: Mapped[str | None]
    detail: Mapped[str] = mapped_column(Prose)
    log_tail: Mapped[str] = mapped_column(Prose)
