"""What may come of the plans of an answer once true speeds are known: many draws of all speeds through the sizing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.cost import HOURS_PER_MONTH
from advisor.domain.certainty import Certainty, Outlook, Spread90, Sureness
from advisor.evidence import Place
from advisor.planning.ranking import TIE_SHARE
from advisor.planning.stakes import CLEAR_BELOW, LIKELY_BELOW, Stakes
from advisor.usecases.grounding.evidence import cell_of
from advisor.usecases.grounding.grounds import batched_share
from advisor.usecases.needing import Sizing, always, e2e_p95_s, log_range, needs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.usecases.grounding.evidence import Evidence
    from advisor.usecases.needing import Matters
    from advisor.usecases.plans import Plan
    from advisor.usecases.sparing import Spares

    FloatArray = NDArray[np.float64]

FINE = Decimal("0.0001")
CENT = Decimal("0.01")
MS = 1e3
LATENCY_POINTS = 9
"""Speed factors at which latency is worked out; draws lie between."""


@dataclass(frozen=True, eq=False)
class Outlooks:
    """Plans with draws of their log speed factors, ``(plans, draws)``. Plans of one deployment share its draws.

    The first `exact` are sized in every draw. Of the rest no more is known than that it does not matter in draws in which
    another plan of their model is the cheaper one by more than a tie.
    """

    sizings: tuple[Sizing, ...]
    log_factors: FloatArray
    exact: int
    seed: int
    spares: Spares

    @classmethod
    def of(
        cls,
        shown: Sequence[Plan],
        others: Sequence[Plan],
        evidence: Evidence,
        *,
        spares: Spares,
        draws: int,
        seed: int,
        whole: bool = False,
    ) -> Outlooks:
        """Return plans with draws of the speeds of their deployments, all at once.

        All that are shown, and of the others those that may turn out cheaper than the first of them. A fleet of another
        size has the spares that it takes. `whole` sizes the others in every draw too, as averages over some draws want it.
        """
        plans = [*shown, *others]
        first = {_deployment(plan): plan for plan in reversed(plans)}
        drawn = evidence.draw([place_of(plan, evidence) for plan in first.values()], draws=draws, seed=seed)
        row_of = {name: i for i, name in enumerate(first)}
        rows = drawn[[row_of[_deployment(plan)] for plan in plans]]
        sizings = [Sizing.of(plan) for plan in plans]
        worst = _usd(sizings[0], sizings[0].needed(log_range(rows[0])[0]), spares)
        best = [
            _usd(sizing, sizing.at_best(log_range(row)[1]), spares) for sizing, row in zip(sizings, rows, strict=True)
        ]
        kept = [i for i in range(len(plans)) if i < len(shown) or best[i] <= worst]
        exact = len(kept) if whole else len(shown)
        return cls(tuple(sizings[i] for i in kept), rows[kept], exact, seed, spares)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Return the plans, those that are shown first."""
        return tuple(sizing.plan for sizing in self.sizings)

    @property
    def replicas(self) -> FloatArray:
        """Replicas that each plan needs in each draw, spares not counted; infinite where it cannot do."""
        return self._sized[0]

    @cached_property
    def stakes(self) -> Stakes:
        """Prices per hour in each draw."""
        return Stakes(self._sized[1], np.array([plan.usd for plan in self.plans]))

    @cached_property
    def _sized(self) -> tuple[FloatArray, FloatArray]:
        """Replicas and prices per hour, ``(plans, draws)`` each."""
        least: dict[str, FloatArray] = {}
        replicas, costs = np.empty_like(self.log_factors), np.empty_like(self.log_factors)
        for i, (sizing, drawn) in enumerate(zip(self.sizings, self.log_factors, strict=True)):
            model = sizing.plan.deployment.model.name
            so_far = least.get(model, np.full_like(drawn, np.inf))
            matters = always if i < self.exact else self._may_win(sizing, drawn, so_far)
            replicas[i] = needs_of(sizing, drawn, matters=matters).at(drawn)
            costs[i] = _prices(sizing.plan, replicas[i], self.spares)
            least[model] = np.minimum(so_far, costs[i])
        return replicas, costs

    def _may_win(self, sizing: Sizing, drawn: FloatArray, so_far: FloatArray) -> Matters:
        """Return whether a plan may be the cheapest of its model, or tie with it, in any draw between two factors."""

        def matters(low: float, high: float, fewest: float) -> bool:
            within = (drawn >= low) & (drawn <= high)
            usd = _prices(sizing.plan, np.array([fewest]), self.spares)[0]
            return bool((usd <= so_far[within] * (1.0 + TIE_SHARE)).any())

        return matters

    def outlook(self, plan: Plan) -> Outlook:
        """Return what may come of a plan."""
        i = self.plans.index(plan)
        replicas, usd = self.replicas[i], self.stakes.costs[i]
        latency = _latencies_ms(plan, self.log_factors[i])
        return Outlook(
            replicas=_spread(_installed(plan, replicas, self.spares)),
            usd_per_hour=_spread(usd),
            e2e_p95_ms=_spread(latency),
            as_planned=float(np.mean(replicas <= plan.needed)),
            feasible=float(np.mean(np.isfinite(replicas))),
            best=self.stakes.best_share([i]),
            expected_regret_usd_per_hour=_money(self.stakes.regret(i), FINE),
        )

    def certainty(self, winner: Plan) -> Certainty:
        """Return how sure the choice of a plan is: of its model, and of the plan itself."""
        i = self.plans.index(winner)
        models = [plan.deployment.model.name for plan in self.plans]
        own = [j for j, model in enumerate(models) if model == models[i]]
        others = [j for j, model in enumerate(models) if model != models[i]]
        probability = self.stakes.best_share(own, among=others or own)
        rival = self.stakes.rival_of(i)
        regret = self.stakes.regret(i)
        return Certainty(
            sureness=self._sureness(own, others, probability),
            probability=probability,
            rival=_title(self.plans[rival[0]]) if rival else None,
            rival_probability=rival[1] if rival else 0.0,
            expected_regret_usd_per_hour=_money(regret, FINE),
            expected_regret_usd_per_month=_money(regret * HOURS_PER_MONTH, CENT),
            plan_probability=self.stakes.best_share([i]),
            nothing_share=self.stakes.nothing_share,
            plans=len(self.plans),
            draws=self.log_factors.shape[1],
            seed=self.seed,
        )

    def _sureness(self, own: Sequence[int], others: Sequence[int], probability: float) -> Sureness:
        if not others:
            return Sureness.ONLY
        if _equal(self.stakes.costs[own].min(axis=0), self.stakes.costs[others].min(axis=0)):
            return Sureness.EQUAL
        if 1.0 - probability < CLEAR_BELOW:
            return Sureness.CLEAR
        return Sureness.LIKELY if 1.0 - probability < LIKELY_BELOW else Sureness.TOO_CLOSE


def _equal(first: FloatArray, second: FloatArray) -> bool:
    """Say whether two models cost the same, within the tie: on average, and in most draws each."""
    if not (np.isfinite(first) & np.isfinite(second)).all():
        return False
    alike = np.abs(first - second) <= TIE_SHARE * np.minimum(first, second)
    return _near(float(first.mean()), float(second.mean())) and float(alike.mean()) >= 1.0 - LIKELY_BELOW


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= TIE_SHARE * min(a, b)


def place_of(plan: Plan, evidence: Evidence) -> Place:
    """Return where a plan's speed belongs, at the load that it has."""
    cell, in_service = cell_of(plan.deployment), plan.load.in_service
    return Place(
        cell,
        batched_share=float(batched_share(np.array(in_service))),
        log_sd=plan.serving.curve.grounds.log_sd_at(in_service),
        alone=evidence.stands_apart(cell),
    )


def _deployment(plan: Plan) -> tuple[object, ...]:
    return (cell_of(plan.deployment), plan.serving.slots)


def _title(plan: Plan) -> str:
    return f"{plan.deployment.contender} on {plan.deployment.gpu.name}"


def _installed(plan: Plan, needed: FloatArray, spares: Spares) -> FloatArray:
    """Return replicas with the spares that each number takes."""
    basis = plan.fleet.offer.price_basis
    all_of = {k: k + spares.beside(int(k), basis) if np.isfinite(k) else np.inf for k in set(needed.tolist())}
    return np.array([all_of[k] for k in needed.tolist()])


def _prices(plan: Plan, needed: FloatArray, spares: Spares) -> FloatArray:
    """Return the price per hour of some numbers of replicas, with the spares that each takes."""
    basis = plan.fleet.offer.price_basis
    usd = {
        k: plan.resized(int(k), spares=spares.beside(int(k), basis)).usd if np.isfinite(k) else np.inf
        for k in set(needed.tolist())
    }
    return np.array([usd[k] for k in needed.tolist()])


def _usd(sizing: Sizing, by_formula: float, spares: Spares) -> float:
    """Return the price per hour of a plan with as many replicas as a number by formula stands for."""
    return float(_prices(sizing.plan, np.array([sizing.settled(by_formula)]), spares)[0])


def _latencies_ms(plan: Plan, log_factors: FloatArray) -> FloatArray:
    """Return e2e p95 in each draw with the replicas as planned, infinite where they cannot carry the load."""
    nodes = np.linspace(*log_range(log_factors), LATENCY_POINTS)
    at = np.array([np.inf if (time := e2e_p95_s(plan, float(x))) is None else time * MS for x in nodes])
    with np.errstate(invalid="ignore"):
        shown = np.exp(np.interp(log_factors, nodes, np.log(at)))
    return np.asarray(np.where(np.isnan(shown), np.inf, shown), dtype=np.float64)


def _spread(values: FloatArray) -> Spread90:
    """Return the middle and the ends of 90 % of draws, by the nearest draw: whole replicas stay whole."""
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), method="inverted_cdf").tolist()
    return Spread90(p05=_finite(low), p50=_finite(middle), p95=_finite(high))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _money(value: float, unit: Decimal) -> Decimal:
    return Decimal(repr(value)).quantize(unit)
