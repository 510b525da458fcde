"""Two recommendations side by side, arranged for a reader."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from advisor.domain.comparison import Cause
from advisor.report import grounds
from advisor.report.document import Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from advisor.domain.comparison import Attribution, Change, ComparedAnswer, Comparison, Substitution
    from advisor.report.document import Block, Document

_TITLES = {
    Cause.QUESTION: "Question",
    Cause.PRICE: "Prices of the same offers",
    Cause.EVIDENCE: "Evidence",
    Cause.FACTS: "Engine and facts of the profiles",
    Cause.CODE: "Code",
    Cause.CANDIDATES: "Candidates: size, price, or why there is none",
}
_COLUMNS = (Column("what", wraps=True), Column("before", wraps=True), Column("after", wraps=True))
_SHORT = 12
"""Changes of one cause that are listed unless all are to be explained."""

_STEP_COLUMNS = (
    Column("step", wraps=True),
    Column("alone", right=True),
    Column("in turn", right=True),
    Column("then", right=True),
    Column("plan", yields=1),
)


def arrange(answer: Comparison, *, explain: bool) -> Document:
    """Return the report of a comparison; explained, it lists all changes."""
    return (
        Sentence(answer.summary, Tone.HEADLINE),
        Facts((("before", _side(answer.before)), ("after", _side(answer.after)))),
        *_changes(answer.changes, explain=explain),
        *(_attribution(answer, answer.attribution) if answer.attribution else ()),
        *grounds.warnings(answer.warnings),
    )


def _side(side: ComparedAnswer) -> str:
    version = f"advisor {side.advisor_version}" if side.advisor_version else "a version of advisor that is not told"
    return f"{side.name}, {side.generated_at:%Y-%m-%d %H:%M}, by {version}, {side.basis}"


def _changes(changes: Sequence[Change], *, explain: bool) -> Iterator[Block]:
    if not changes:
        yield Sentence("Nothing differs.")
    for cause, group in groupby(changes, key=lambda change: change.cause):
        listed = list(group)
        shown = listed if explain else listed[:_SHORT]
        yield Section(f"{_TITLES[cause]} ({counted(len(listed), 'change')})")
        yield Table(_COLUMNS, tuple(Row((c.what, _told(c.before), _told(c.after))) for c in shown))
        if len(shown) < len(listed):
            yield Sentence(f"  {len(listed) - len(shown)} more with --explain or --format json", Tone.FAINT)


def _told(words: str | None) -> str:
    return "-" if words is None else words


def _attribution(answer: Comparison, found: Attribution) -> Iterator[Block]:
    yield Section("Why the price per hour changed (in turn the effects add up)")
    first, last = found.first_question_today_usd_per_hour, found.second_question_today_usd_per_hour
    rows = (
        Row(("prices of the first plan's offer", "", _change(found.price_change_usd_per_hour), "", "")),
        *(_step(step) for step in found.substitutions),
        Row((found.rest_is, "", _change(found.rest_change_usd_per_hour), "", "")),
        Row(("whole change", "", _change(answer.usd_per_hour_change), money(answer.after.usd_per_hour), "")),
    )
    yield Table(_STEP_COLUMNS, rows)
    yield Sentence(
        f"Questions are answered anew with the profiles of today: {_today('first', first)}, {_today('second', last)}.",
        Tone.FAINT,
    )
    yield from (Sentence(f"warning: {s.group}: {s.problem}", Tone.WARNING) for s in found.substitutions if s.problem)


def _today(which: str, usd: Decimal | None) -> str:
    return f"nothing meets the {which}" if usd is None else f"the {which} costs {money(usd)} per hour"


def _step(step: Substitution) -> Row:
    return Row(
        (
            f"{step.group} ({', '.join(step.fields)})",
            _change(step.alone_change_usd_per_hour),
            _change(step.in_turn_change_usd_per_hour),
            "-" if step.in_turn_usd_per_hour is None else money(step.in_turn_usd_per_hour),
            step.in_turn_plan,
        )
    )


def _change(usd: Decimal | None) -> str:
    """Return a difference in dollars with its sign."""
    if usd is None:
        return "-"
    sign = "+" if usd > 0 else "-" if usd < 0 else ""
    return f"{sign}{money(abs(usd))}"


def records(answer: Comparison) -> Iterator[dict[str, object]]:
    """Yield one flat record per change, then one per step of the attribution with its effect in USD per hour."""
    for change in answer.changes:
        yield {**change.model_dump(mode="json"), "change_usd_per_hour": None}
    for what, change_usd in _effects(answer.attribution) if answer.attribution else ():
        effect = None if change_usd is None else str(change_usd)
        yield {"cause": "effect", "what": what, "before": None, "after": None, "change_usd_per_hour": effect}


def _effects(found: Attribution) -> Iterator[tuple[str, Decimal | None]]:
    yield "prices", found.price_change_usd_per_hour
    for step in found.substitutions:
        yield step.group, step.in_turn_change_usd_per_hour
    yield found.rest_is, found.rest_change_usd_per_hour
