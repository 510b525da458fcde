"""How wrong the queueing formulas are, arranged for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, share, signed_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.queue_validation import CellErrors, FigureError, QueueValidation
    from advisor.report.document import Document

_OVER_ALL = "all"
_ERROR_COLUMNS = (
    Column("arrivals"),
    Column("load"),
    Column("station"),
    Column("cells", right=True, yields=6, phrase="{} cells"),
    Column("mean", right=True),
    Column("p95", right=True),
    Column("p99", right=True, yields=5, phrase="p99 {}"),
    Column("p95 bias", right=True, yields=7, phrase="p95 bias {}"),
    Column("noise", right=True, yields=8, phrase="noise {}"),
    Column("reference", yields=9, phrase="reference: {}"),
)
_TARGET_COLUMNS = (
    Column("arrivals"),
    Column("load"),
    Column("figure"),
    Column("median", right=True),
    Column("asked", right=True),
    Column("kept"),
)
_RULE_COLUMNS = (
    Column("arrivals"),
    Column("routing"),
    Column("cells", right=True, yields=6, phrase="{} cells"),
    Column("mean", right=True),
    Column("p95", right=True),
    Column("p99", right=True, yields=5, phrase="p99 {}"),
    Column("p95 bias", right=True, yields=7, phrase="p95 bias {}"),
    Column("noise", right=True, yields=8, phrase="noise {}"),
    Column("reference medians", right=True, yields=9, phrase="reference medians: {}"),
)


def arrange(answer: QueueValidation, *, explain: bool) -> Document:
    """Return the report of a validation of the formulas; it has nothing more to explain."""
    del explain
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        Sentence(_size(answer)),
        *_targets(answer),
        *_one_replica(answer),
        *_rules(answer),
        *_fleets(answer),
        Section("Notes"),
        *(Sentence(f"- {note}") for note in answer.notes),
    )


def _asked(answer: QueueValidation) -> list[tuple[CellErrors, str, FigureError, float]]:
    return [
        (line, name, figure, figure.target)
        for line in answer.lines
        for name, figure in _figures(line)
        if figure.target is not None
    ]


def _figures(line: CellErrors) -> tuple[tuple[str, FigureError], ...]:
    return ("mean", line.mean), ("p95", line.p95), ("p99", line.p99)


def _headline(answer: QueueValidation) -> str:
    asked = _asked(answer)
    kept = sum(figure.median <= target for _, _, figure, target in asked)
    errors = "; ".join(
        f"{line.arrivals} {share(figure.median)} (asked: {share(target)})"
        for line, name, figure, target in asked
        if name == "p95"
    )
    return f"Median error of the formulas on p95: {errors or 'nothing to judge'}. {kept} of {len(asked)} targets kept."


def _size(answer: QueueValidation) -> str:
    cells = sum(line.cells for line in (*answer.lines, *answer.fleets) if line.station is None)
    quick = ", a tenth of what the whole validation takes" if answer.quick else ""
    return f"{counted(answer.requests, 'request')} simulated on {counted(cells, 'cell')}{quick}; seed {answer.seed}."


def _targets(answer: QueueValidation) -> tuple[Block, ...]:
    rows = tuple(
        Row((line.arrivals, line.loads, name, share(figure.median), share(target), _kept(figure, target)))
        for line, name, figure, target in _asked(answer)
    )
    return (Section("What is asked of the median over all stations"), Table(_TARGET_COLUMNS, rows)) if rows else ()


def _kept(figure: FigureError, target: float) -> str:
    return "yes" if figure.median <= target else "no"


def _one_replica(answer: QueueValidation) -> tuple[Block, ...]:
    rows = tuple(_error_row(line) for line in answer.lines)
    return (Section("One replica: size of the errors, median / p90"), Table(_ERROR_COLUMNS, rows)) if rows else ()


def _error_row(line: CellErrors) -> Row:
    reference = ", ".join(
        f"{name} {_percentages(figure.reference_median, figure.reference_p90)}"
        for name, figure in _figures(line)
        if figure.reference_median is not None and figure.reference_p90 is not None
    )
    return Row((line.arrivals, line.loads, line.station or _OVER_ALL, *_sizes(line), reference))


def _sizes(line: CellErrors) -> tuple[str, ...]:
    pairs = (_percentages(figure.median, figure.p90) for _, figure in _figures(line))
    return (f"{line.cells:,}", *pairs, signed_share(line.p95.bias), share(line.p95.noise))


def _percentages(*fractions: float) -> str:
    """Return several fractions with one sign of percent: ``0.2 / 1.3 %``."""
    return " / ".join(share(fraction).removesuffix(" %") for fraction in fractions) + " %"


def _rules(answer: QueueValidation) -> tuple[Block, ...]:
    rows = tuple(_rule_row(line) for line in answer.fleets if line.station is None)
    title = "Several replicas, load 0.5 to 0.85: size of the errors, median / p90"
    return (Section(title), Table(_RULE_COLUMNS, rows)) if rows else ()


def _rule_row(line: CellErrors) -> Row:
    medians = [figure.reference_median for _, figure in _figures(line) if figure.reference_median is not None]
    return Row((line.arrivals, line.routing or "", *_sizes(line), _percentages(*medians) if medians else ""))


def _fleets(answer: QueueValidation) -> tuple[Block, ...]:
    """Arrange one row per rule and station, one column per size of the fleet."""
    counts = sorted({line.replicas for line in answer.fleets if line.replicas})
    places = dict.fromkeys(
        (line.arrivals, line.routing or "", line.station) for line in answer.fleets if line.station is not None
    )
    medians = {
        (line.arrivals, line.routing or "", line.station, line.replicas): _percentages(
            *(figure.median for _, figure in _figures(line))
        )
        for line in answer.fleets
    }
    rows = tuple(Row((*map(str, place), *(medians.get((*place, k), "") for k in counts))) for place in places)
    columns = (Column("arrivals", yields=1, phrase="{} arrivals"), Column("routing"), Column("station"))
    titles = (Column(counted(count, "replica"), right=True) for count in counts)
    title = "Medians by number of replicas: mean / p95 / p99"
    return (Section(title), Table((*columns, *titles), rows)) if rows else ()


def records(answer: QueueValidation) -> Iterator[dict[str, object]]:
    """Yield one flat record per group of cells."""
    for table, lines in (("one replica", answer.lines), ("fleet", answer.fleets)):
        for line in lines:
            flat = line.model_dump(mode="json", exclude={"mean", "p95", "p99"})
            figures = {
                f"{name}_{key}": value for name, figure in _figures(line) for key, value in figure.model_dump().items()
            }
            yield {"table": table, **flat, **figures}
