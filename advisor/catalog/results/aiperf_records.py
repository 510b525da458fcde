"""The single requests of AIPerf: one JSON object per line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.results.failing import failures
from advisor.catalog.results.told import Requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog.results.fields import Fields
    from advisor.catalog.results.sources import Source
    from advisor.catalog.results.told import FloatArray

_NS = 1e-9
_MS = 1e-3


@dataclass(frozen=True, slots=True)
class Records:
    """The requests of the phase that is measured: those that succeeded, and how often others failed."""

    requests: Requests | None
    failures: dict[str, int]
    started_at: datetime

    @property
    def size(self) -> int:
        """How many succeeded."""
        return 0 if self.requests is None else int(self.requests.e2e_s.size)


def read_records(source: Source, *, of_arrival: bool) -> Records | None:
    """Return the requests of a file, None if it has none that was measured.

    With `of_arrival` latency counts from when a request was due (its credit was issued), else from when it was sent.
    """
    measured = [record for record in source.objects if record.text("metadata.benchmark_phase") in {None, "profiling"}]
    if not measured:
        return None
    done = [record for record in measured if record.get("error") is None]
    first_ns = min(record.number("metadata.request_start_ns") for record in measured)
    return Records(
        requests=_requests(done, of_arrival=of_arrival) if done else None,
        failures=failures(_said(record) for record in measured if record.get("error") is not None),
        started_at=datetime.fromtimestamp(first_ns * _NS, UTC),
    )


def _said(record: Fields) -> str | None:
    return record.text("error.code") or record.text("error.type")


def _requests(done: Sequence[Fields], *, of_arrival: bool) -> Requests | None:
    sent_s = np.array([record.number("metadata.request_start_ns") for record in done]) * _NS
    due_s = np.array([record.number("metadata.credit_issued_ns") for record in done]) * _NS
    late_s = sent_s - due_s
    e2e_s, ttft_s = _column(done, "request_latency", _MS), _column(done, "time_to_first_token", _MS)
    if e2e_s is None:
        return None
    waited_s = late_s if of_arrival else np.zeros_like(late_s)
    return Requests(
        e2e_s=e2e_s + waited_s,
        starts_s=sent_s - waited_s,
        ttft_s=None if ttft_s is None else ttft_s + waited_s,
        input_tokens=_column(done, "input_sequence_length"),
        output_tokens=_column(done, "output_sequence_length"),
        late_s=late_s if of_arrival else None,
    )


def _column(done: Sequence[Fields], metric: str, unit: float = 1.0) -> FloatArray | None:
    """Return a metric of all requests, or None if one lacks it."""
    found = [record.maybe_number(f"metrics.{metric}.value") for record in done]
    return None if None in found else np.array(found) * unit
