"""What to measure next, arranged for a reader: the verdict, what is at stake now, and the deployments in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.next_measurement import Reason
from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, milliseconds, money, number, share
from advisor.report.grounds import warnings
from advisor.report.recommendation import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.next_measurement import CellWorth, NextMeasurement, PlanAtStake
    from advisor.report.document import Document

CELLS_SHOWN = 8
"""Deployments that are shown unless everything is explained."""

_COLUMNS = (
    Column("#", right=True),
    Column("contender", wraps=True),
    Column("GPUs", wraps=True),
    Column("weights", yields=4, phrase="{} weights"),
    Column("beats the chosen", right=True, yields=8, phrase="over 2 % cheaper than the chosen plan in {} of draws"),
    Column("regret after", right=True, yields=5, phrase="regret after it {}"),
    Column("worth", right=True),
    Column("takes", right=True, yields=7, phrase="takes {}"),
    Column("costs", right=True),
    Column("worth it", yields=6, phrase="worth it: {}"),
    Column("why", yields=9, phrase="{}"),
)
NOT_COUNTED = (
    "Counted is what a better choice between plans saves. A measurement also tells how many replicas the plan needs; that is "
    "not counted."
)
_WHY = {
    Reason.RIVAL: "the likeliest to beat the chosen plan",
    Reason.CHOSEN: "the chosen plan, less sure than its likeliest rival",
    Reason.WORTH: "",
}
_MS_PER_HOUR = 3.6e6


def arrange(answer: NextMeasurement, *, explain: bool) -> Document:
    """Return the report of what to measure next; explained, it lists every deployment and what its campaign measures."""
    shown = answer.cells if explain else answer.cells[:CELLS_SHOWN]
    more = len(answer.cells) - len(shown)
    return (
        Sentence(f"{answer.verdict[0].upper()}{answer.verdict[1:]}.", Tone.HEADLINE),
        Sentence(f"Asked: {asked(answer.question)}.", Tone.FAINT),
        Section("At stake now"),
        Facts(tuple(_stakes(answer))),
        *_cells(shown, answer),
        *((Sentence(f"and {more} more (--explain)", Tone.FAINT),) if more else ()),
        *(_loads(answer.cells) if explain else ()),
        *warnings(answer.warnings),
    )


def _stakes(answer: NextMeasurement) -> Iterator[tuple[str, str]]:
    yield "chosen plan", _at_stake(answer.chosen)
    if answer.steadiest.plan != answer.chosen.plan:
        yield "least regret", f"{_at_stake(answer.steadiest)}; choosing it needs no measurement"
    yield (
        "drawn",
        f"{counted(answer.draws, 'draw')} of the speeds of {counted(answer.plans, 'plan')}, seed {answer.seed}",
    )
    if answer.measured:
        yield "measured", ", ".join(answer.measured)


def _at_stake(plan: PlanAtStake) -> str:
    regret = f"not knowing the true speeds costs {money(plan.expected_regret_usd_per_month)}/month on average"
    return f"{plan.plan}, {money(plan.usd_per_month)}/month; {regret}"


def _cells(shown: tuple[CellWorth, ...], answer: NextMeasurement) -> tuple[Block, ...]:
    if not shown:
        return ()
    rows = tuple(
        _row(place, cell, chosen=place == 1 and not answer.settled) for place, cell in enumerate(shown, start=1)
    )
    title = f"Worth over {number(answer.horizon_months)} months, in order (> next); basis: modeled"
    return Section(title), Table(_COLUMNS, rows), Sentence(NOT_COUNTED, Tone.FAINT)


def _row(place: int, cell: CellWorth, *, chosen: bool) -> Row:
    cells = (
        str(place),
        cell.contender,
        f"{cell.tensor_parallel}x {cell.gpu}",
        cell.precision,
        share(cell.beats_share),
        money(cell.expected_regret_after_usd_per_month),
        money(cell.worth_usd),
        f"{_clock(cell.hours)} of {money(cell.usd_per_hour)}/h",
        money(cell.cost_usd),
        "yes" if cell.pays else "no",
        _WHY[cell.reason],
    )
    return Row(cells, chosen=chosen)


def _clock(duration_h: float) -> str:
    """Return a duration in minutes, or in hours from two of them on."""
    return f"{duration_h * 60:.0f} min" if duration_h < 2 else milliseconds(duration_h * _MS_PER_HOUR)


def _loads(cells: tuple[CellWorth, ...]) -> tuple[Block, ...]:
    if not cells:
        return ()
    lines = (f"{cell.contender} {cell.precision} on {cell.tensor_parallel}x {cell.gpu}" for cell in cells)
    facts = tuple((line, ", ".join(cell.loads)) for line, cell in zip(lines, cells, strict=True))
    return Section("What each campaign measures"), Facts(facts)


def records(answer: NextMeasurement) -> Iterator[dict[str, object]]:
    """Yield one flat record per deployment, units in the names."""
    for place, cell in enumerate(answer.cells, start=1):
        flat = cell.model_dump(mode="json", exclude={"loads"})
        regret = str(answer.steadiest.expected_regret_usd_per_month)
        yield {"place": place, **flat, "expected_regret_now_usd_per_month": regret, "loads": "; ".join(cell.loads)}
