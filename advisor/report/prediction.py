"""A prediction, arranged for a reader: latencies of an open loop, the load behind them, and what was assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report import grounds
from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, milliseconds, number, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.prediction import Percentiles, Prediction
    from advisor.report.document import Document

_COLUMNS = (
    Column("latency"),
    Column("mean", right=True),
    Column("p50", right=True),
    Column("p95", right=True),
    Column("p99", right=True),
)
_WORD_OF_BURSTINESS = {0.0: "evenly", 1.0: "at random moments"}
_MS_PER_S = 1e3


def arrange(answer: Prediction, *, explain: bool) -> Document:
    """Return the report of a prediction; it has nothing more to explain."""
    del explain
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        _load(answer),
        *_latencies(answer),
        *_notes(answer),
        *grounds.warnings(answer.warnings),
    )


def _headline(answer: Prediction) -> str:
    ttft = f"ttft p95 {milliseconds(answer.ttft_ms.p95)}, " if answer.ttft_ms else ""
    e2e = milliseconds(answer.e2e_s.p95 * _MS_PER_S)
    where = counted(answer.replicas, "replica")
    doubt = "" if answer.in_range else " Outside the range in which this was validated."
    return (
        f"{number(answer.rate_qps)} qps on {where} of {answer.profile}: {ttft}e2e p95 {e2e}, "
        f"at {share(answer.utilization)} of saturation.{doubt}"
    )


def _load(answer: Prediction) -> Facts:
    rhythm = _WORD_OF_BURSTINESS.get(answer.burstiness, f"with squared variation {answer.burstiness:g} of their gaps")
    return Facts(
        (
            ("arrivals", f"{number(answer.rate_qps)} qps, {rhythm}, routed {answer.routing}"),
            ("saturation", f"{number(answer.saturation_qps)} qps, utilization {share(answer.utilization)}"),
            ("replica", f"{counted(answer.slots, 'slot')}, {number(answer.in_flight_per_replica)} in flight"),
            ("decided by", answer.decided_by),
        )
    )


def _latencies(answer: Prediction) -> tuple[Block, ...]:
    e2e_ms = {name: figure * _MS_PER_S for name, figure in answer.e2e_s.model_dump().items()}
    rows = [Row(("e2e", *map(milliseconds, e2e_ms.values())))]
    if answer.ttft_ms:
        rows.insert(0, Row(("ttft", *_cells(answer.ttft_ms))))
    if answer.ntpot_ms is not None:
        rows.append(Row(("ntpot", milliseconds(answer.ntpot_ms), "-", "-", "-")))
    return Section("Latency from arrival on"), Table(_COLUMNS, tuple(rows))


def _cells(times_ms: Percentiles) -> tuple[str, ...]:
    return tuple(map(milliseconds, (times_ms.mean, times_ms.p50, times_ms.p95, times_ms.p99)))


def _notes(answer: Prediction) -> tuple[Block, ...]:
    return Section("Assumed"), *(Sentence(f"- {note}") for note in answer.notes)


def records(answer: Prediction) -> Iterator[dict[str, object]]:
    """Yield one flat record; the statistics of a latency are columns of their own, with the unit at the end."""
    fields = answer.model_dump(mode="json", exclude={"ttft_ms", "e2e_s", "warnings", "schema_version"})
    ttft = answer.ttft_ms.model_dump() if answer.ttft_ms else dict.fromkeys(answer.e2e_s.model_dump())
    yield {
        **fields,
        **{f"ttft_{name}_ms": figure for name, figure in ttft.items()},
        **{f"e2e_{name}_s": figure for name, figure in answer.e2e_s.model_dump().items()},
    }
