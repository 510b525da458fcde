"""Results of `vllm bench sweep serve`: one file per run, and summaries of them.

Each run is a result of `vllm bench serve` that also tells its number and the parameters of the sweep.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from advisor.catalog.results import vllm_bench
from advisor.catalog.results.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.catalog.results.sources import Source
    from advisor.catalog.results.told import ToldRun

NAME = "vllm-sweep"
MARKS = (*vllm_bench.MARKS, "run_number")
RUNS, SUMMARIES, WARMUP, FAILURE = (
    "run=*.json",
    frozenset({"summary.json", "summary.csv"}),
    "warmup.json",
    "failure.json",
)


def recognizes(source: Source) -> bool:
    """Say whether a file is that of a run, or a summary."""
    return source.holds(*MARKS) or set(MARKS) <= set(source.columns)


def is_beside_results(source: Source) -> bool:
    """Say whether a file tells nothing that the files of the runs do not: a summary, a warm-up, or a failure."""
    name = source.path.name
    summary = name in SUMMARIES and any(source.path.parent.rglob(RUNS))
    return summary or name == WARMUP or name.endswith(FAILURE)


def read(source: Source) -> tuple[ToldRun, ...]:
    """Return the runs of a file."""
    found = source.objects if source.is_json else _rows(source)
    return tuple(vllm_bench.told_run(fields, source) for fields in found)


def _rows(source: Source) -> Iterator[Fields]:
    """Yield the rows of `summary.csv`, whose cells are JSON, words, or empty."""
    reader = csv.DictReader(io.StringIO(source.text, newline=""))
    for row in reader:
        data = {name: _value(cell) for name, cell in row.items() if name}
        yield Fields(f"{source.path}:{reader.line_num}", data)


def _value(cell: str) -> Any:
    if not cell:
        return None
    try:
        return json.loads(cell)
    except ValueError:
        return cell
