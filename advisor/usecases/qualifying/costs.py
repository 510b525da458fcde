"""What a request costs with the best plan of each model, per success and with mistakes, and where that turns a decision."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import SECONDS_PER_HOUR
from advisor.domain.quality_answer import Mistakes, ModelCost
from advisor.planning.quality import cheaper_by_total, flips_at_usd, per_success, with_mistakes
from advisor.usecases.plan_changes import plan_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.quality_answer import PassRate
    from advisor.domain.quality_question import QualityTerms


PLACES = 12
"""Decimal places of costs per request: a request of a thousandth of a cent keeps seven digits."""


def usd_per_request(usd_per_hour: Decimal, qps: float) -> Decimal:
    """Return what a request costs where a fleet of a price per hour serves so many per second on average."""
    return round(usd_per_hour / (Decimal(repr(qps)) * SECONDS_PER_HOUR), PLACES)


def dollars(usd: Decimal) -> str:
    """Return an amount with four significant digits, however small."""
    return f"${Decimal(f'{usd:.4g}'):f}"


def model_costs(answer: Recommendation, rates: Mapping[str, PassRate], terms: QualityTerms) -> tuple[ModelCost, ...]:
    """Return the costs of the best plan of each model that has a plan, cheapest per request first."""
    plans = [plan for plan in answer.best_by_model.values() if plan is not None]
    costs = [_cost(plan, answer.question.qps, rates.get(plan.model), terms.mistake_usd) for plan in plans]
    return tuple(sorted(costs, key=lambda cost: (cost.usd_per_request, cost.model)))


def _cost(plan: Candidate, qps: float, rate: PassRate | None, mistake_usd: Decimal | None) -> ModelCost:
    usd = usd_per_request(plan.usd_per_hour, qps)
    share, low, high = (rate.pass_share, rate.low_share, rate.high_share) if rate else (None, None, None)
    return ModelCost(
        model=plan.model,
        contender=plan.contender,
        plan=plan_in_words(plan),
        usd_per_request=usd,
        basis=plan.basis,
        pass_share=share,
        usd_per_success=_over(usd, share),
        usd_per_success_low=_over(usd, high),
        usd_per_success_high=_over(usd, low),
        usd_with_mistakes=None if share is None or mistake_usd is None else total(usd, share, mistake_usd),
    )


def _over(usd: Decimal, pass_share: float | None) -> Decimal | None:
    cost = None if pass_share is None else per_success(usd, pass_share)
    return None if cost is None else round(cost, PLACES)


def total(usd: Decimal, pass_share: float, mistake_usd: Decimal) -> Decimal:
    """Return the cost of a request with the price of its failure [USD]."""
    return round(with_mistakes(usd, pass_share, mistake_usd), PLACES)


def mistakes_of(costs: Sequence[ModelCost], plain: str, mistake_usd: Decimal | None) -> Mistakes | None:
    """Return which model is cheaper once a mistake costs something; None where no pass rate is known at all.

    Parameters
    ----------
    costs
        Of all models that have a plan.
    plain
        The model of the plain decision.
    mistake_usd
        Price of a mistake; None where only the one that turns the decision is asked for.
    """
    known = {cost.model: cost for cost in costs if cost.pass_share is not None}
    if not known:
        return None
    if plain not in known:
        return _silent(plain, mistake_usd, f"no pass rate of {plain} is known, so that nothing can be set against it")
    at, to = _flip(known, plain)
    cheaper = None if mistake_usd is None else _cheaper(known, plain)
    return Mistakes(
        plain_model=plain,
        mistake_usd=mistake_usd,
        cheaper_model=cheaper,
        differs=None if cheaper is None else cheaper != plain,
        flips_at_usd=at,
        flips_to=to,
        sentence=" ".join((*_totals_in_words(known, plain, cheaper, mistake_usd), _flip_in_words(plain, at, to))),
    )


def _silent(plain: str, mistake_usd: Decimal | None, why: str) -> Mistakes:
    return Mistakes(
        plain_model=plain,
        mistake_usd=mistake_usd,
        cheaper_model=None,
        differs=None,
        flips_at_usd=None,
        flips_to=None,
        sentence=f"{why[0].upper()}{why[1:]}.",
    )


def _share(cost: ModelCost) -> float:
    return cost.pass_share or 0.0


def _flip(known: Mapping[str, ModelCost], plain: str) -> tuple[Decimal | None, str | None]:
    """Return the least price of a mistake above which another model is the cheaper one, and which."""
    mine = known[plain]
    at = {
        name: flips_at_usd(mine.usd_per_request, _share(mine), other.usd_per_request, _share(other))
        for name, other in known.items()
    }
    found = [(usd, name) for name, usd in at.items() if usd is not None]
    return min(found) if found else (None, None)


def _cheaper(known: Mapping[str, ModelCost], plain: str) -> str:
    totals = {name: cost.usd_with_mistakes for name, cost in known.items()}
    return cheaper_by_total(plain, {name: usd for name, usd in totals.items() if usd is not None})


def _totals_in_words(
    known: Mapping[str, ModelCost], plain: str, cheaper: str | None, mistake_usd: Decimal | None
) -> tuple[str, ...]:
    if cheaper is None or mistake_usd is None:
        return ()
    totals = ", ".join(
        f"{dollars(cost.usd_with_mistakes)} for {name}"
        for name, cost in known.items()
        if cost.usd_with_mistakes is not None
    )
    plainly = "as without" if cheaper == plain else f"which differs from the plain decision for {plain}"
    return (
        f"With a mistake at {dollars(mistake_usd)}, {cheaper} is the cheaper one, {plainly}: {totals} per request.",
    )


def _flip_in_words(plain: str, at: Decimal | None, to: str | None) -> str:
    if at is None:
        return (
            f"No price of a mistake turns the decision from {plain}: no other model that has a plan passes more often."
        )
    return f"Above {dollars(at)} per mistake {to} costs less in total than {plain}."
