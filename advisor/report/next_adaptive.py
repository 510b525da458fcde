"""Measuring that chose its own course, arranged for a reader: what was measured, and where the decision stands then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report import next_measurement
from advisor.report.document import Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, money, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.next_measurement import AdaptiveRun, AdaptiveStep
    from advisor.report.document import Block, Document

_COLUMNS = (
    Column("#", right=True),
    Column("deployment", wraps=True),
    Column("regret before", right=True, yields=2, phrase="regret before {}"),
    Column("worth", right=True),
    Column("GPU-hours", right=True, yields=3, phrase="{} GPU-hours"),
    Column("runs", right=True),
    Column("failed", right=True, yields=4, phrase="{} failed"),
    Column("campaign", yields=5, phrase="campaign {}"),
)


def arrange(answer: AdaptiveRun, *, explain: bool) -> Document:
    """Return the report of what was measured, and below it that of what would come next."""
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        Facts((("database", answer.database), ("GPU-hours used", number(round(answer.gpu_hours, 3))))),
        *_steps(answer),
        *next_measurement.arrange(answer.last, explain=explain),
    )


def _headline(answer: AdaptiveRun) -> str:
    measured = f"{counted(len(answer.steps), 'deployment')} measured ({answer.basis})"
    if answer.stopped_because:
        return f"Not settled, {measured}: {answer.stopped_because}."
    return f"Settled, {measured}."


def _steps(answer: AdaptiveRun) -> tuple[Block, ...]:
    if not answer.steps:
        return ()
    rows = tuple(_row(place, step) for place, step in enumerate(answer.steps, start=1))
    return Section("Measured, in order: regret per month, worth over the horizon"), Table(_COLUMNS, rows)


def _row(place: int, step: AdaptiveStep) -> Row:
    return Row(
        (
            str(place),
            step.deployment,
            money(step.expected_regret_before_usd_per_month),
            money(step.worth_usd),
            number(round(step.gpu_hours, 3)),
            str(step.measured),
            str(step.failed),
            step.campaign_id,
        )
    )


def records(answer: AdaptiveRun) -> Iterator[dict[str, object]]:
    """Yield one flat record per deployment that was measured."""
    for place, step in enumerate(answer.steps, start=1):
        yield {"place": place, **step.model_dump(mode="json"), "basis": answer.basis}
