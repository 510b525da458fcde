"""How sure an answer is, arranged for a reader: the verdict, the money at stake, and what each plan may turn out to need."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.domain.certainty import Sureness
from advisor.report.document import Block, Column, Row, Section, Sentence, Table
from advisor.report.figures import milliseconds, money, share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.certainty import Certainty, Outlook, Spread90

_COLUMNS = (
    Column("contender", wraps=True),
    Column("GPU", wraps=True),
    Column("replicas", right=True),
    Column("per hour", right=True),
    Column("e2e p95", right=True, yields=1, phrase="e2e p95 {} as planned"),
    Column("enough", right=True, yields=2, phrase="the plan is enough in {}"),
    Column("cheapest", right=True, yields=3, phrase="cheapest in {}"),
)

SATURATED = "saturated"
"""What stands for a latency where the load exceeds what the fleet completes."""

_WORDS = {
    Sureness.CLEAR: "clear",
    Sureness.LIKELY: "likely",
    Sureness.TOO_CLOSE: "too close to call",
    Sureness.EQUAL: "equal",
    Sureness.ONLY: "no other model meets the question",
}


def sureness(answer: Recommendation) -> tuple[Block, ...]:
    """Return the section on certainty, nothing where nothing was drawn."""
    known = answer.certainty
    if known is None:
        return ()
    rows = tuple(row for plan in _told(answer) for row in _rows(plan, answer))
    title = f"How sure: ranges hold 90 % of {known.draws:,} draws of all speeds"
    return Section(title), Sentence(in_words(known)), Table(_COLUMNS, rows)


def in_words(known: Certainty) -> str:
    """Return the verdict with its probability, and what a wrong choice costs."""
    return " ".join((_verdict(known), _stakes(known)))


def _verdict(known: Certainty) -> str:
    word = _WORDS[known.sureness].capitalize()
    if known.sureness is Sureness.ONLY:
        return f"{word}, as far as estimates say."
    if known.sureness is Sureness.EQUAL:
        return f"{word}: the models cost the same within 2 % on average."
    does = "it does, and " if known.nothing_share else ""
    return f"{word}: {does}no other model is over 2 % cheaper in {share(known.probability)} of draws."


def _stakes(known: Certainty) -> str:
    regret = (
        f"Not knowing the true speeds costs about {rough(known.expected_regret_usd_per_hour)}/h "
        f"({rough(known.expected_regret_usd_per_month)}/month) on average{_aside(known)}"
    )
    if known.rival is None:
        return f"{regret}; no other plan is ever over 2 % cheaper."
    return f"{regret}; most often cheaper: {known.rival} ({share(known.rival_probability)})."


def _aside(known: Certainty) -> str:
    if not known.nothing_share:
        return ""
    return f" over the draws in which any plan does; in {share(known.nothing_share)} none does"


def _told(answer: Recommendation) -> list[Candidate]:
    """Return the chosen plan and the best of each other contender."""
    best = [plan for plan in answer.best_by_contender.values() if plan]
    chosen = answer.decision.candidate
    return [chosen, *(plan for plan in best if plan.contender != chosen.contender)]


def _rows(plan: Candidate, answer: Recommendation) -> Iterator[Row]:
    outlook = plan.outlook
    if outlook is None:
        return
    cells = (
        plan.contender,
        plan.gpu,
        spread(outlook.replicas, lambda count: f"{count:.0f}"),
        spread(outlook.usd_per_hour, dollars),
        spread(outlook.e2e_p95_ms, milliseconds, without=SATURATED),
        share(outlook.as_planned),
        share(outlook.best),
    )
    yield Row(cells, chosen=plan == answer.decision.candidate)


def spread(found: Spread90, words: Callable[[float], str], *, without: str = "none do") -> str:
    """Return ``1 to 3`` for a figure that lies between them; `without` stands for an end that is not to be had."""
    low, high = (None if end is None else words(end) for end in (found.p05, found.p95))
    if low is None:
        return without
    return low if low == high else f"{low} to {high or without}"


def rough(usd: Decimal) -> str:
    """Return money to two figures: no more of it is known from some hundred draws."""
    return money(Decimal(f"{usd:.1e}")).removesuffix(".00")


def dollars(usd: float) -> str:
    """Return a price as money."""
    return money(Decimal(repr(usd)))


def outlook_record(outlook: Outlook | None) -> dict[str, object]:
    """Return what may come of a plan as flat fields, units in the names; empty where nothing was drawn."""
    if outlook is None:
        return {}
    spreads = {"replicas": outlook.replicas, "usd_per_hour": outlook.usd_per_hour, "e2e_p95_ms": outlook.e2e_p95_ms}
    ends = {f"{name}_{end}": value for name, found in spreads.items() for end, value in found.model_dump().items()}
    return {
        **ends,
        "as_planned_share": outlook.as_planned,
        "feasible_share": outlook.feasible,
        "best_share": outlook.best,
        "expected_regret_usd_per_hour": str(outlook.expected_regret_usd_per_hour),
    }
