"""The tables. A row of `measurements` mirrors `Measurement`, in the order it came in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date  # noqa: TC003 - SQLAlchemy resolves annotations at run time

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.domain.model import Content, Precision


class Base(DeclarativeBase):
    """The schema."""


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

    @classmethod
    def of(cls, measurement: Measurement) -> MeasurementRow:
        """Return the row of a measurement."""
        return cls(**asdict(measurement))

    def measurement(self) -> Measurement:
        """Return the measurement of this row.

        Raises
        ------
        ValueError
            If a precision, content, metric or basis is none of ours.
        """
        return Measurement(
            id=self.id,
            model=self.model,
            checkpoint=self.checkpoint,
            precision=Precision(self.precision),
            gpu=self.gpu,
            tensor_parallel=self.tensor_parallel,
            engine=self.engine,
            engine_version=self.engine_version,
            speculative=self.speculative,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            concurrency=self.concurrency,
            slots=self.slots,
            content=Content(self.content),
            steps=self.steps,
            kv_bytes_per_value=self.kv_bytes_per_value,
            metric=MeasuredMetric(self.metric),
            value=self.value,
            basis=Basis(self.basis),
            date=self.date,
            source_url=self.source_url,
            set_name=self.set_name,
            excluded=self.excluded,
            notes=self.notes,
        )
