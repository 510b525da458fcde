"""What the decision costs over an hour, a month, a year and three, and what a commitment does to that."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import HOURS_PER_MONTH
from advisor.domain.offer import PriceBasis
from advisor.domain.review import CommitmentLine, CostLine, MoneyLine, Role
from advisor.usecases.reviewing.prices import TERM_MONTHS, price_line, role_of, shown_plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.question import Question
    from advisor.domain.review import PriceLine
    from advisor.usecases.reviewing.field import Best

CENT = Decimal("0.01")
HOURS_PER_YEAR = 12 * HOURS_PER_MONTH

PERIODS: Mapping[str, int] = {
    "hour": 1,
    "month of 730 h": HOURS_PER_MONTH,
    "year of 8,760 h": HOURS_PER_YEAR,
    "3 years": 3 * HOURS_PER_YEAR,
}


def money_lines(plan: Candidate) -> tuple[MoneyLine, ...]:
    """Return what a plan costs over each period, at an unchanged price, with the range that holds 90 % of draws."""
    spread = plan.outlook.usd_per_hour if plan.outlook else None
    return tuple(
        MoneyLine(
            period=period,
            hours=hours,
            usd=(plan.usd_per_hour * hours).quantize(CENT),
            low_usd=_over(spread.p05, hours) if spread else None,
            high_usd=_over(spread.p95, hours) if spread else None,
        )
        for period, hours in PERIODS.items()
    )


def _over(usd_per_hour: float | None, hours: int) -> Decimal | None:
    return None if usd_per_hour is None else (Decimal(repr(usd_per_hour)) * hours).quantize(CENT)


def cost_lines(answer: Recommendation, prices: Sequence[PriceLine]) -> tuple[CostLine, ...]:
    """Return what each plan of a recommendation costs over a month, cheapest first."""
    lines = [_cost(plan, answer, prices) for plan in shown_plans(answer)]
    return tuple(sorted(lines, key=lambda line: line.effective_usd))


def _cost(plan: Candidate, answer: Recommendation, prices: Sequence[PriceLine]) -> CostLine:
    wanted = price_line(plan.offer, plan.gpu, role=Role.ALTERNATIVE, used_by=(), today=answer.question.today)
    role = role_of([plan], answer)
    hours = plan.offer.shapes * HOURS_PER_MONTH
    spread = plan.outlook.usd_per_hour if plan.outlook else None
    return CostLine(
        plan=plan,
        role=role,
        price=next((line for line in prices if _same(line, wanted)), wanted),
        shape_hours=hours,
        list_usd=_for(wanted.list_usd_per_hour, hours),
        contracted_usd=_for(wanted.contracted_usd_per_hour, hours),
        effective_usd=plan.usd_per_month,
        low_usd=_over(spread.p05, HOURS_PER_MONTH) if spread else None,
        high_usd=_over(spread.p95, HOURS_PER_MONTH) if spread else None,
    )


def _same(line: PriceLine, wanted: PriceLine) -> bool:
    return line.role is not Role.REFERENCE and line.model_copy(update={"role": wanted.role, "used_by": ()}) == wanted


def _for(usd_per_hour: Decimal | None, hours: int) -> Decimal | None:
    return None if usd_per_hour is None else (usd_per_hour * hours).quantize(CENT)


def commitment_lines(best: Mapping[PriceBasis, Best]) -> tuple[CommitmentLine, ...]:
    """Return the cheapest plan of each price basis beside the cheapest that is on demand."""
    plain = best.get(PriceBasis.ON_DEMAND)
    return tuple(_line(basis, found, plain) for basis, found in best.items())


def _line(basis: PriceBasis, found: Best, plain: Best | None) -> CommitmentLine:
    term = TERM_MONTHS.get(basis, 0)
    month_usd = (found.usd_per_hour * HOURS_PER_MONTH).quantize(CENT)
    share = None if plain is None or basis is PriceBasis.ON_DEMAND else float(found.usd_per_hour / plain.usd_per_hour)
    return CommitmentLine(
        price_basis=basis,
        plan=f"{found.words} (price unfit for a review)" if found.price_note else found.words,
        term_months=term,
        usd_per_month=month_usd,
        owed_usd=month_usd * term if term else None,
        saving_share=None if share is None else 1.0 - share,
        break_even_share=share if term else None,
    )


def commitment_note(question: Question, best: Iterable[PriceBasis]) -> str:
    """Return which commitments were not compared, and how to compare them."""
    found = set(best)
    unasked = [basis for basis in TERM_MONTHS if basis not in question.price_bases]
    missing = [basis for basis in question.price_bases if basis not in found]
    parts = []
    if unasked:
        parts.append(f"{' and '.join(unasked)} were not asked for; --price-basis on-demand,spot,1y,3y compares all.")
    if missing:
        parts.append(f"No plan with {' or '.join(missing)} prices meets the question at the prices known.")
    if question.daily is None:
        parts.append("The load is taken as constant: --daily-profile shows floor and peak, and what of it to commit.")
    return " ".join(parts)
