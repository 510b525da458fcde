"""Runs and recommendations that are kept, arranged for a reader."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from advisor.report.document import Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, milliseconds, money, number, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from advisor.domain.given import GivenRecommendation
    from advisor.domain.run_figures import Percentiles
    from advisor.domain.run_listing import History, RunLine, RunListing
    from advisor.report.document import Block, Document

_RUN_COLUMNS = (
    Column("run"),
    Column("load", wraps=True),
    Column("req/s", right=True, yields=3, phrase="{} requests/s"),
    Column("tok/s", right=True),
    Column("TTFT p50", right=True, yields=5, phrase="TTFT p50 {}"),
    Column("TTFT p95", right=True, yields=1, phrase="TTFT p95 {}"),
    Column("e2e p50", right=True, yields=4, phrase="e2e p50 {}"),
    Column("e2e p95", right=True, yields=2, phrase="e2e p95 {}"),
    Column("requests", right=True, yields=6, phrase="{} requests"),
    Column("valid"),
    Column("failed", yields=7, phrase="failed: {}"),
    Column("remarks", yields=8),
)
"""The highest `yields` leave a narrow terminal first, and continue below the row: failures and remarks before figures."""

_SHORTEST = 8
"""Characters of an identifier that are shown at least."""


def arrange_runs(answer: RunListing, *, explain: bool) -> Document:
    """Return the report of the runs of a database, by what they were made under; explained, flags are whole sentences."""
    valid = sum(run.valid for run in answer.runs)
    headline = Sentence(f"{counted(len(answer.runs), 'run')}, {valid:,} of them valid", Tone.HEADLINE)
    length = _telling([run.id for run in answer.runs])
    groups: dict[tuple[str, str], list[Row]] = {}
    for run in answer.runs:
        groups.setdefault((_deployment(run), _circumstances(run)), []).append(
            _run_row(run, run.id[:length], explain=explain)
        )
    told = explain or not any(run.flags for run in answer.runs)
    hint = () if told else (Sentence("flags qualify a run that counts; --explain says how", Tone.FAINT),)
    return headline, *chain.from_iterable(_group(*title, rows) for title, rows in groups.items()), *hint


def _group(deployment: str, circumstances: str, rows: Sequence[Row]) -> tuple[Block, ...]:
    return Section(deployment), Sentence(circumstances, Tone.FAINT), Table(_RUN_COLUMNS, tuple(rows))


def _telling(ids: Sequence[str]) -> int:
    """Return how many characters of identifiers tell them apart."""
    longest = max(map(len, ids), default=0)
    return next((n for n in range(_SHORTEST, longest) if len({text[:n] for text in ids}) == len(ids)), longest)


def _deployment(run: RunLine) -> str:
    model = f"{run.model}+{run.speculative}" if run.speculative else run.model
    gpus = run.gpu if run.tensor_parallel == 1 else f"{run.tensor_parallel}x {run.gpu}"
    return " ".join(filter(None, (model, run.precision, "on", gpus)))


def _circumstances(run: RunLine) -> str:
    """Say in which campaign, on which day and with what the runs of a table were made."""
    tool = "" if run.tool == "advisor" else f"by {run.tool}"
    how = (f"{run.engine} {run.engine_version}".strip(), run.workload, f"campaign {run.campaign}", tool)
    return ", ".join(filter(None, (*how, f"{run.basis} {run.measured_at:%Y-%m-%d}")))


def _run_row(run: RunLine, name: str, *, explain: bool) -> Row:
    return Row(
        (
            name,
            run.load,
            number(run.request_rate_rps),
            number(run.output_tok_s),
            _latency(run.ttft_ms, "p50", milliseconds),
            _latency(run.ttft_ms, "p95", milliseconds),
            _latency(run.e2e_s, "p50", seconds),
            _latency(run.e2e_s, "p95", seconds),
            f"{run.requests:,}",
            "yes" if run.valid else "no",
            ", ".join(f"{count} {name}" for name, count in run.failures.items()),
            "; ".join((*run.reasons, *_flags(run, explain=explain))),
        )
    )


def _flags(run: RunLine, *, explain: bool) -> tuple[str, ...]:
    """Return what qualifies a run: in full, or the codes alone."""
    if explain or not run.flags:
        return run.flags
    return (f"flags: {', '.join(flag.partition(':')[0] for flag in run.flags)}",)


def _latency(figures: Percentiles | None, statistic: str, in_words: Callable[[float], str]) -> str:
    value = getattr(figures, statistic, None)
    return "" if value is None else in_words(value)


def run_records(answer: RunListing) -> Iterator[dict[str, object]]:
    """Yield one flat record per run: the statistics of a latency are columns of their own."""
    for run in answer.runs:
        yield {name: value for field in type(run).model_fields for name, value in _flat(run, field)}


def _flat(run: RunLine, field: str) -> Iterator[tuple[str, object]]:
    value = getattr(run, field)
    if field.endswith(("_ms", "_s")) and field.rpartition("_")[0] in _LATENCIES:
        stem, _, unit = field.rpartition("_")
        yield from ((f"{stem}_{name}_{unit}", getattr(value, name, None)) for name in _STATISTICS)
    else:
        yield field, _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


_LATENCIES = frozenset({"ttft", "tpot", "ntpot", "e2e"})
_STATISTICS = ("mean", "p50", "p95", "p99")

_GIVEN_COLUMNS = (
    Column("no.", right=True),
    Column("given"),
    Column("question", wraps=True),
    Column("plan", wraps=True),
    Column("per month", right=True),
    Column("basis", yields=2, phrase="basis: {}"),
    Column("advisor", yields=3, phrase="by advisor {}"),
)


def arrange_history(answer: History, *, explain: bool) -> Document:
    """Return the report of the recommendations given; they have nothing more to explain."""
    del explain
    rows = tuple(map(_given_row, answer.recommendations))
    headline = Sentence(f"{counted(len(rows), 'recommendation')} given", Tone.HEADLINE)
    return headline, *((Table(_GIVEN_COLUMNS, rows),) if rows else ())


def _given_row(given: GivenRecommendation) -> Row:
    when, number = f"{given.given_at:%Y-%m-%d %H:%M}", "" if given.number is None else f"{given.number}"
    return Row(
        (number, when, given.question, given.plan, money(given.usd_per_month), str(given.basis), given.advisor_version)
    )


def history_records(answer: History) -> Iterator[dict[str, object]]:
    """Yield one flat record per recommendation."""
    for given in answer.recommendations:
        yield given.model_dump(mode="json")
