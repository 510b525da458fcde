"""How good the estimator is, arranged for a reader: its errors on unseen GPUs, and its fitted constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import share, signed_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.domain.judged import Calibration, ErrorLine, Validation
    from advisor.report.document import Document

_ERROR_COLUMNS = (
    Column("scope", wraps=True),
    Column("group", wraps=True),
    Column("rows", right=True),
    Column("median", right=True),
    Column("p90", right=True),
    Column("mean", right=True),
    Column("bias", right=True),
    Column("reference", right=True),
)
_CONSTANT_COLUMNS = (
    Column("constant"),
    Column("value", right=True),
    Column("unit"),
    Column("meaning", wraps=True),
)


def arrange_validation(answer: Validation, *, explain: bool) -> Document:
    """Return the report of a validation; it has nothing more to explain."""
    del explain
    return (
        Sentence(_validation_headline(answer), Tone.HEADLINE),
        *_errors("Error of the estimate, relative to the measured figure", answer.lines),
        *_errors("Error of the gain from batching", answer.batching_gain),
        *_excluded(answer),
        *_notes(answer.notes),
    )


def _validation_headline(answer: Validation) -> str:
    if not answer.lines:
        return "Nothing to judge the estimator on."
    broadest = [line for line in answer.lines if line.scope == answer.lines[0].scope]
    return f"Median error on GPUs that the estimator was not fitted on: {'; '.join(map(_in_short, broadest))}."


def _in_short(line: ErrorLine) -> str:
    return f"{line.group} {share(line.median)} (p90 {share(line.p90)}, {line.rows:,} rows)"


def _errors(title: str, lines: Sequence[ErrorLine]) -> tuple[Block, ...]:
    return (Section(title), Table(_ERROR_COLUMNS, tuple(_error_row(line) for line in lines))) if lines else ()


def _error_row(line: ErrorLine) -> Row:
    reference = "-" if line.reference is None else share(line.reference)
    figures = (share(line.median), share(line.p90), share(line.mean), signed_share(line.bias), reference)
    return Row((line.scope, line.group, f"{line.rows:,}", *figures))


def _excluded(answer: Validation) -> tuple[Block, ...]:
    if not answer.excluded:
        return ()
    columns = (Column("rows", right=True), Column("reason", wraps=True))
    return Section("Rows left out"), Table(columns, tuple(Row((f"{e.rows:,}", e.reason)) for e in answer.excluded))


def _notes(notes: Sequence[str]) -> tuple[Block, ...]:
    return (Section("Notes"), *(Sentence(f"- {note}") for note in notes)) if notes else ()


def validation_records(answer: Validation) -> Iterator[dict[str, object]]:
    """Yield one flat record per group of rows."""
    for table, lines in (("throughput_or_latency", answer.lines), ("batching_gain", answer.batching_gain)):
        for line in lines:
            yield {"table": table, **line.model_dump(mode="json")}


def arrange_calibration(answer: Calibration, *, explain: bool) -> Document:
    """Return the report of a calibration; it has nothing more to explain."""
    del explain
    kept = f"Written to {answer.written_to}." if answer.written_to else "Nothing was written."
    headline = (
        f"Fitted {len(answer.constants)} constants on {answer.rows:,} rows of {answer.gpus} GPUs, "
        f"leaving a spread of {share(answer.log_sd)}. {kept}"
    )
    rows = tuple(Row((c.name, f"{c.value:.4g}", c.unit.removeprefix("1"), c.meaning)) for c in answer.constants)
    title = f"Constants, fitted on {answer.fitted_at}"
    return Sentence(headline, Tone.HEADLINE), Section(title), Table(_CONSTANT_COLUMNS, rows)


def calibration_records(answer: Calibration) -> Iterator[dict[str, object]]:
    """Yield one flat record per constant."""
    for constant in answer.constants:
        yield {**constant.model_dump(mode="json"), "fitted_at": answer.fitted_at.isoformat()}
