"""`advisor next`: what is worth measuring before deciding, in which order, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from advisor import __version__
from advisor.cost import HOURS_PER_MONTH
from advisor.cost.book import AGING_DAYS
from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.campaign import ServerKind
from advisor.domain.next_measurement import (
    USUAL_HORIZON_MONTHS,
    CellWorth,
    NextMeasurement,
    PlanAtStake,
    Reason,
)
from advisor.errors import InputError
from advisor.evidence.anchors import RUN_LOG_SD
from advisor.planning.next_choice import Lookahead
from advisor.planning.next_worth import beating_shares
from advisor.usecases.candidates import basis_of
from advisor.usecases.deciding import nothing_feasible
from advisor.usecases.deployments import line_of
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.market import Market
from advisor.usecases.measuring_next.campaign import campaign_file
from advisor.usecases.measuring_next.cells import measurable, observed
from advisor.usecases.recommend import check_confirmable
from advisor.usecases.remembering import evidence_digest
from advisor.usecases.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from advisor.domain.campaign import Campaign
    from advisor.domain.question import Question
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.measuring_next.cells import Measurable
    from advisor.usecases.outlooks import Outlooks
    from advisor.usecases.plans import Plan

CENT = Decimal("0.01")
FINE = Decimal("0.0001")
CHOSEN = 0
"""Place of the chosen plan among those that are drawn."""


@dataclass(frozen=True)
class Next:
    """An answer, and the campaign of the deployment that comes next; None where nothing is worth measuring."""

    answer: NextMeasurement
    campaign: Campaign | None
    campaign_text: str


def next_measurement(
    question: Question,
    *,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
    horizon_months: float = USUAL_HORIZON_MONTHS,
    server: ServerKind = ServerKind.VLLM,
    tried: Collection[str] = (),
    say: Callable[[str], None] | None = None,
) -> Next:
    """Return which deployments are worth measuring, in order, with what each brings and costs.

    Parameters
    ----------
    question
        What is asked; its draws are looked ahead with, so that there have to be some.
    horizon_months
        How long the choice is lived with: what a measurement saves counts for so many months, its cost once.
    server
        What the campaigns start.
    tried
        Layouts that are not to be measured (again).
    say
        Hears which plan is simulated.

    Raises
    ------
    UnknownNameError
        If a model, GPU or benchmark is unknown.
    InfeasibleError
        If nothing meets the objectives.
    InputError
        If nothing is drawn, or a larger share of requests is asked for than the simulation can confirm.
    """
    if not question.draws:
        raise InputError("nothing is known of the worth of a measurement without draws", hint="leave out --draws 0")
    check_confirmable(question)
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    market = Market.of(question, shipped)
    plans = market.plans(say)
    if not plans:
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=None)
    outlooks = drawn_together(market, plans)
    startup_s = question.startup_s or market.operations.startup_s
    cells = measurable(outlooks, shipped, startup_s=startup_s, server=server, tried=tried)
    return _answer(question, outlooks, cells, shipped=shipped, horizon_months=horizon_months)


def drawn_together(market: Market, plans: dict[str, list[Plan]]) -> Outlooks:
    """Return the plans of an answer with their rivals in the same draws as `recommend` weighs them, the winner first."""
    outlooks = market.outlooks(Standing.of(market, plans).listed, whole=True)
    if outlooks is None:
        raise ValueError("a question without draws has no outlooks")
    return outlooks


def _answer(
    question: Question, outlooks: Outlooks, cells: Sequence[Measurable], *, shipped: Shipped, horizon_months: float
) -> Next:
    ahead = Lookahead(outlooks.stakes, outlooks.log_factors, RUN_LOG_SD)
    listed = _in_order(ahead, cells, horizon_months=horizon_months)
    worths = tuple(worth for worth, _ in listed)
    first = next((cell for worth, cell in listed[:1] if worth.pays), None)
    verdict = _verdict(worths, horizon_months=horizon_months)
    answer = NextMeasurement(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        question=question,
        horizon_months=horizon_months,
        chosen=_at_stake(outlooks, 0),
        steadiest=_at_stake(outlooks, ahead.steadiest()),
        settled=first is None,
        verdict=verdict,
        cells=worths,
        measured=observed(outlooks),
        plans=len(outlooks.plans),
        draws=outlooks.log_factors.shape[1],
        seed=outlooks.seed,
        warnings=tuple(_warnings(outlooks)),
        evidence_digest=evidence_digest(shipped),
    )
    text = campaign_file(first.campaign, shipped.root, purpose=verdict) if first else ""
    return Next(answer, first.campaign if first else None, text)


def _in_order(
    ahead: Lookahead, cells: Sequence[Measurable], *, horizon_months: float
) -> list[tuple[CellWorth, Measurable]]:
    """Return the cells with what they are worth: first whom the rule of choice names if it pays, then by worth."""
    by_option = {cell.option: cell for cell in cells}
    named = ahead.next_option(CHOSEN, list(by_option))
    months = Decimal(repr(horizon_months))
    shares = beating_shares(ahead.stakes, CHOSEN)
    regret_now = ahead.regret_now()
    listed = []
    for prospect in ahead.prospects(list(by_option)):
        cell = by_option[prospect.option]
        saving = _per_month(max(regret_now - prospect.regret_after, 0.0))
        reason = Reason.WORTH if cell.option != named else Reason.CHOSEN if named == CHOSEN else Reason.RIVAL
        known = {"log_sd": ahead.log_sd(cell.option), "beats_share": float(shares[cell.option]), "reason": reason}
        listed.append(
            (_worth(cell, saving=saving, after=_per_month(prospect.regret_after), months=months, **known), cell)
        )
    return sorted(listed, key=lambda pair: (not pair[0].pays, pair[0].reason is Reason.WORTH, -pair[0].worth_usd))


def _worth(cell: Measurable, *, saving: Decimal, after: Decimal, months: Decimal, **known: Any) -> CellWorth:
    worth_usd, cost_usd = (saving * months).quantize(CENT), cell.cost_usd.quantize(CENT)
    return CellWorth(
        **line_of(cell.plan.deployment),
        **known,
        basis=basis_of(cell.plan),
        expected_regret_after_usd_per_month=after,
        saving_usd_per_month=saving,
        worth_usd=worth_usd,
        loads=tuple(load.label for load in cell.campaign.loads),
        hours=cell.hours,
        gpu_hours=cell.gpu_hours,
        usd_per_hour=cell.usd_per_hour.quantize(FINE),
        cost_usd=cost_usd,
        worth_per_cost=float(worth_usd / max(cost_usd, CENT)),
        pays=worth_usd > cost_usd,
    )


def _at_stake(outlooks: Outlooks, option: int) -> PlanAtStake:
    plan = outlooks.plans[option]
    return PlanAtStake(
        plan=f"{plan.replicas} x {plan.deployment.label}",
        usd_per_month=plan.fleet.usd_per_month.quantize(CENT),
        expected_regret_usd_per_month=_per_month(outlooks.stakes.regret(option)),
    )


def _per_month(usd_per_hour: float) -> Decimal:
    return Decimal(repr(usd_per_hour * HOURS_PER_MONTH)).quantize(CENT)


def _verdict(worths: Sequence[CellWorth], *, horizon_months: float) -> str:
    """Return what to do, in a sentence."""
    if not worths:
        return "stop: nothing that could change the choice is left to measure"
    first = worths[0]
    where = f"{first.contender} {first.precision} on {first.tensor_parallel} x {first.gpu}"
    figures = (
        f"${first.worth_usd:,.2f} over {horizon_months:g} months, for about ${first.cost_usd:,.2f} of GPU time "
        f"({first.hours * 60:.0f} min)"
    )
    if not first.pays:
        return f"stop: no measurement is worth what it costs; the best one, {where}, is worth {figures}"
    return f"measure {where} next: that is worth {figures}"


def _warnings(outlooks: Outlooks) -> Iterator[Caution]:
    if any(basis_of(plan) is Basis.SIMULATED for plan in outlooks.plans):
        yield Caution(
            code="simulated", message="some speeds come from the demo engine: they are simulated, no evidence"
        )
    aged = {plan.fleet.offer.as_of for plan in outlooks.plans[:1]}
    today = outlooks.plans[0].question.today
    for day in aged:
        if (today - day).days > AGING_DAYS:
            message = f"the price of the chosen plan is {(today - day).days} days old ({day})"
            yield Caution(code="price_age", message=message)
