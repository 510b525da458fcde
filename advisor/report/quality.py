"""Quality beside the decision, arranged for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import money, probability

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from advisor.domain.answer import Recommendation
    from advisor.domain.quality_answer import ModelCost, PassRate, QualityDecision
    from advisor.report.document import Block

_COLUMNS = (
    Column("model", wraps=True),
    Column("pass rate", right=True),
    Column("95 % interval", right=True, yields=3, phrase="interval {}"),
    Column("reaches floor", right=True, yields=2, phrase="reaches the floor with {}"),
    Column("per request", right=True),
    Column("per success", right=True),
    Column("with mistakes", right=True),
    Column("basis", yields=4, phrase="speed {}"),
    Column("pass rate known by", yields=5, phrase="pass rate: {}"),
)


def in_the_decision(answer: Recommendation) -> tuple[Block, ...]:
    """Return pass rates and costs of each model, mistakes and cascade; nothing where none of it was asked for."""
    found = answer.quality_decision
    if found is None:
        return ()
    return Section("Quality in the decision (best plan of each model)"), *_table(answer, found), *_sentences(found)


def _table(answer: Recommendation, found: QualityDecision) -> Iterator[Block]:
    rates = {rate.model: rate for rate in found.pass_rates}
    costs = {cost.model: cost for cost in found.costs}
    names = dict.fromkeys((*costs, *rates))
    chosen = answer.decision.candidate.model
    rows = tuple(_row(name, rates.get(name), costs.get(name), chosen=name == chosen) for name in names)
    if rows:
        yield Table(_COLUMNS, rows)


def _row(name: str, rate: PassRate | None, cost: ModelCost | None, *, chosen: bool) -> Row:
    return Row(
        (
            name,
            "-" if rate is None else _share(rate.pass_share),
            "" if rate is None else _interval(rate),
            "" if rate is None or rate.reaches_floor_share is None else probability(rate.reaches_floor_share),
            "no plan" if cost is None else money(cost.usd_per_request),
            "-" if cost is None else _usd(cost.usd_per_success),
            "" if cost is None or cost.usd_with_mistakes is None else _usd(cost.usd_with_mistakes),
            "" if cost is None else str(cost.basis),
            "" if rate is None else _known_by(rate),
        ),
        chosen=chosen,
    )


def _share(share: float) -> str:
    return f"{share * 100:.1f} %"


def _interval(rate: PassRate) -> str:
    if rate.low_share is None or rate.high_share is None:
        return ""
    return f"{_share(rate.low_share)} to {_share(rate.high_share)}"


def _usd(usd: Decimal | None) -> str:
    return "-" if usd is None else money(usd)


def _known_by(rate: PassRate) -> str:
    counts = "" if rate.graded is None else f", {rate.passed} of {rate.graded} passed"
    dated = "" if rate.date is None else f" ({rate.date})"
    return f"{rate.basis}, {rate.source}{dated}{counts}"


def _sentences(found: QualityDecision) -> Iterator[Block]:
    if found.mistakes is not None:
        yield Sentence(found.mistakes.sentence)
    if found.cascade is not None:
        yield Sentence(f"Cascade, on offer only: {found.cascade.sentence} Both fleets are {found.cascade.basis}.")
    if found.no_cascade:
        yield Sentence(f"No cascade: {found.no_cascade}.", Tone.WARNING)
    yield from (Sentence(f"note: {note}", Tone.FAINT) for note in found.notes)
