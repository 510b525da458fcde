"""The table `measurements`. A row mirrors `Measurement`, in the order it came in."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.tables.base import Base


class MeasurementRow(Base):
    """One measurement. Rows are added, never changed."""

    __tablename__ = "measurements"

    row: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    model: Mapped[str]
    checkpoint: Mapped[str]
    precision: Mapped[str]
    gpu: Mapped[str]
    tensor_parallel: Mapped[int]
    engine: Mapped[str]
    engine_version: Mapped[str]
    speculative: Mapped[str | None]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    concurrency: Mapped[int]
    slots: Mapped[int]
    content: Mapped[str]
    steps: Mapped[float | None]
    kv_bytes_per_value: Mapped[float]
    metric: Mapped[str]
    value: Mapped[float]
    basis: Mapped[str]
    date: Mapped[date]
    source_url: Mapped[str]
    set_name: Mapped[str]
    excluded: Mapped[str]
    notes: Mapped[str]
