"""Runs, their requests and readings, and runs that were taken back."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base, Moment, Prose


class RunRow(Base):
    """A run. `document` is JSON of the `ProfiledRun`, whole; the columns beside it are there to be asked for.

    `load` names the load to a reader; `concurrency` is that of a closed loop, `offered_rate_rps` that of an open one.
    """

    __tablename__ = "runs"

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempts.id"), unique=True)
    model: Mapped[str] = mapped_column(index=True)
    gpu: Mapped[str] = mapped_column(index=True)
    precision: Mapped[str | None]
    tensor_parallel: Mapped[int]
    engine: Mapped[str]
    engine_version: Mapped[str]
    speculative: Mapped[str | None]
    workload: Mapped[str]
    load: Mapped[str]
    concurrency: Mapped[int | None]
    offered_rate_rps: Mapped[float | None]
    request_rate_rps: Mapped[float]
    output_tok_s: Mapped[float]
    ttft_p50_ms: Mapped[float | None]
    ttft_p95_ms: Mapped[float | None]
    e2e_p50_s: Mapped[float | None]
    e2e_p95_s: Mapped[float | None]
    requests: Mapped[int]
    completed: Mapped[int]
    valid: Mapped[bool]
    basis: Mapped[str]
    tool: Mapped[str]
    measured_at: Mapped[datetime] = mapped_column(Moment)
    document: Mapped[str] = mapped_column(Prose)


class DiscardRow(Base):
    """A run that a person took back, and why. The run itself stays as it is."""

    __tablename__ = "discards"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Prose)
    discarded_at: Mapped[datetime] = mapped_column(Moment)


class TimingRow(Base):
    """One request of an attempt; the columns mirror `RequestTiming`, whose index is `request`. SQLite keeps the rows of an attempt side by side."""

    __tablename__ = "request_timings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    attempt: Mapped[int] = mapped_column(ForeignKey("attempts.number"), primary_key=True)
    request: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[str]
    intended_s: Mapped[float]
    sent_s: Mapped[float]
    first_s: Mapped[float | None]
    last_s: Mapped[float | None]
    input_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    asked_tokens: Mapped[int]
    output_tokens: Mapped[int]
    events: Mapped[int]
    failure: Mapped[str]
    detail: Mapped[str] = mapped_column(Prose)


class SampleNameRow(Base):
    """The name of a metric, labels included: written once, since there are many readings of each."""

    __tablename__ = "sample_names"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class SampleRow(Base):
    """One reading during an attempt, in the order they were taken. `value` is NULL where the metric was not a number."""

    __tablename__ = "samples"
    __table_args__ = ({"sqlite_with_rowid": False},)

    attempt: Mapped[int] = mapped_column(ForeignKey("attempts.number"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[int] = mapped_column(ForeignKey("sample_names.number"))
    at_s: Mapped[float]
    value: Mapped[float | None]
