"""What an answer stands on: quality, rejected deployments, the way to each figure, warnings and sources."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.answer import Caution, CitedSource, ExplainLine, QualityLine, Recommendation, Rejected

_SHORT_SOURCES = 6
_NOTES = frozenset({"own_runs", "own_steps", "ttft_anchor"})
"""Codes of what a reader should know and need not worry about."""


def quality(answer: Recommendation) -> tuple[Block, ...]:
    """Return the scores of each model, and how far the chosen one is ahead of the best other."""
    lines = [line for line in answer.quality if len(line.scores) > 1]
    if not lines:
        return ()
    chosen = answer.decision.candidate.model
    models = sorted({model for line in lines for model in line.scores}, key=lambda model: (model != chosen, model))
    columns = (
        Column("benchmark", wraps=True),
        *(Column(model, right=True, wraps=True) for model in models),
        Column("chosen is", right=True),
    )
    rows = tuple(Row((line.benchmark, *_scores(line, models), _lead(line, chosen))) for line in lines)
    return Section("Quality (published scores)"), Table(columns, rows)


def _scores(line: QualityLine, models: Sequence[str]) -> Iterable[str]:
    return (f"{line.scores[m]:g} {line.unit}".strip() if m in line.scores else "-" for m in models)


def _lead(line: QualityLine, chosen: str) -> str:
    """Return by how much the chosen model beats the best of the others."""
    if chosen not in line.scores:
        return "-"
    sign = 1 if line.higher_is_better else -1
    rival = max(sign * score for model, score in line.scores.items() if model != chosen)
    lead = round(sign * line.scores[chosen] - rival, 6)
    return "equal" if lead == 0 else f"{number(abs(lead))} {'better' if lead > 0 else 'worse'}"


def rejected(answer: Recommendation, *, explain: bool) -> tuple[Block, ...]:
    """Return how many deployments each constraint took out, with an example; all of them when explained."""
    if not answer.rejected:
        return ()
    title = f"Rejected: {len(answer.rejected)} of {answer.deployments_considered} deployments"
    return Section(title), _all_rejected(answer.rejected) if explain else _counted(answer.rejected)


def _counted(lost: Sequence[Rejected]) -> Table:
    groups = {key: list(group) for key, group in groupby(sorted(lost, key=_constraint), key=_constraint)}
    columns = (Column("count", right=True), Column("by"), Column("for example", wraps=True))
    biggest_first = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return Table(columns, tuple(Row((f"{len(group)}", name, _example(group[0]))) for name, group in biggest_first))


def _constraint(line: Rejected) -> str:
    return line.constraint


def _example(line: Rejected) -> str:
    return f"{line.deployment}: {line.reason}"


def _all_rejected(lost: Sequence[Rejected]) -> Table:
    columns = (Column("deployment", wraps=True), Column("by"), Column("reason", wraps=True))
    return Table(columns, tuple(Row((line.deployment, line.constraint, line.reason)) for line in lost))


def explanation(lines: Sequence[ExplainLine]) -> tuple[Block, ...]:
    """Return every figure on the way to the answer, one table per contender."""
    columns = (
        Column("figure", wraps=True),
        Column("value", right=True),
        Column("unit"),
        Column("basis"),
        Column("how", wraps=True),
    )
    blocks: list[Block] = []
    for contender, group in groupby(lines, key=lambda line: line.contender):
        rows = tuple(Row((x.figure, x.value, x.unit, x.basis or "-", x.how)) for x in group)
        blocks += [Section(f"How the figures of {contender} came about"), Table(columns, rows)]
    return tuple(blocks)


def warnings(cautions: Sequence[Caution]) -> tuple[Block, ...]:
    """Return one sentence per warning."""
    if not cautions:
        return ()
    return Section("Warnings"), *(_told(caution) for caution in cautions)


def _told(caution: Caution) -> Sentence:
    noted = caution.code in _NOTES
    return Sentence(f"{'note' if noted else 'warning'}: {caution.message}", Tone.PLAIN if noted else Tone.WARNING)


def sources(cited: Sequence[CitedSource], *, explain: bool) -> tuple[Block, ...]:
    """Return where the figures come from: the first few, or all when explained."""
    if not cited:
        return ()
    shown = cited if explain else cited[:_SHORT_SOURCES]
    columns = (Column("for"), Column("date"), Column("title", wraps=True), Column("address", yields=1))
    table = Table(columns, tuple(Row((s.kind, s.date.isoformat(), s.title, s.url or "")) for s in shown))
    left = len(cited) - len(shown)
    more = (Sentence(f"  {left} more with --explain or --format json", Tone.FAINT),) if left else ()
    return Section("Sources"), table, *more
