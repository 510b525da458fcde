"""`advisor recommend`: the cheapest way to serve a load within its objectives, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import USUAL_AGE_DAYS, PriceBook, Terms, pricing_day
from advisor.domain.answer import Recommendation
from advisor.domain.requests import Requests, representative_requests
from advisor.errors import InputError
from advisor.planning.ranking import ranked
from advisor.planning.search import Replay, cheapest_first
from advisor.usecases.arriving import Arriving
from advisor.usecases.candidates import candidate_of, operations_of
from advisor.usecases.cautions import cautions
from advisor.usecases.curves import Curve, curves, work_of
from advisor.usecases.deciding import decide, nothing_feasible
from advisor.usecases.deployments import Space, by_contender, enumerate_deployments, slots_on_offer
from advisor.usecases.evidence import Evidence
from advisor.usecases.explaining import explain
from advisor.usecases.first_text import anchored
from advisor.usecases.leading import confirmed_leaders
from advisor.usecases.planner import Planner
from advisor.usecases.remembering import evidence_digest
from advisor.usecases.scheduling import schedule_of
from advisor.usecases.scope import allowed_gpus, allowed_models, quality_of
from advisor.usecases.shipped import Shipped, open_profiles
from advisor.usecases.sparing import Spares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from advisor.domain.answer import Rejected
    from advisor.domain.assurance import Schedule
    from advisor.domain.daily import Operations
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.usecases.deployments import Fitting
    from advisor.usecases.plans import Plan


def recommend(
    question: Question,
    *,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
    say: Callable[[str], None] | None = None,
) -> Recommendation:
    """Return the cheapest plan over all models, GPUs, precisions, layouts, slots and offers that the question allows.

    Each plan is named to `say` before it is simulated. `allow_simulated` lets runs of the demo engine count as evidence.

    Raises
    ------
    UnknownNameError
        If a model, GPU or benchmark is unknown.
    InfeasibleError
        If nothing meets the objectives; the hint names the smallest change that would.
    InputError
        If a larger share of requests is asked for than the simulation can confirm.
    """
    _check(question)
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    market = _Market.of(question, shipped)
    plans = market.plans(say)
    if not plans:
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=_unlimited(question, shipped))
    return _answer(question, market, plans, digest=evidence_digest(shipped))


MOST_CONFIRMED = 0.9999
"""Largest share that as many requests as are simulated for a plan can confirm."""


def _check(question: Question) -> None:
    asked = max((limit.percentile or 0.0 for limit in question.limits), default=0.0)
    if question.simulate and asked > MOST_CONFIRMED:
        raise InputError(
            f"a share of {asked * 100:.8g} % of requests is more than the simulation can confirm",
            hint=f"ask for {MOST_CONFIRMED * 100:g} % at most, or for formulas alone with --no-simulate",
        )


def _unlimited(question: Question, shipped: Shipped) -> Plan | None:
    """Return the plan that formulas would choose if `--max-gpus` did not stand in the way."""
    if question.max_gpus is None:
        return None
    market = _Market.of(question.model_copy(update={"max_gpus": None, "simulate": False}), shipped)
    return next(iter(ranked(chain.from_iterable(market.plans().values()))), None)


@dataclass(frozen=True)
class _Market:
    """Everything that competes for one question."""

    question: Question
    models: Sequence[ModelSpec]
    fitting: dict[str, list[Fitting]]
    curves: dict[str, list[Curve]]
    planner: Planner
    rejected: list[Rejected]
    evidence: Evidence
    operations: Operations
    considered: int

    @classmethod
    def of(cls, question: Question, shipped: Shipped) -> _Market:
        models, refused = allowed_models(question, shipped)
        gpus, outside = allowed_gpus(question, shipped)
        requests = representative_requests(question.workload)
        space = Space(models, gpus, question.precisions, shipped.engine, requests)
        fitting, rejected = enumerate_deployments(space)
        rejected[:0] = [*refused, *outside]
        groups = by_contender(fitting)
        evidence = Evidence(shipped, today=question.today)
        operations = catalog.read_operations(shipped.root)
        return cls(
            question=question,
            models=models,
            fitting=groups,
            curves=_curves(question, shipped, groups, requests, evidence),
            evidence=evidence,
            planner=Planner(
                question,
                _book(question, shipped, gpus),
                rejected,
                Arriving.of(question),
                Spares.of(question, operations.availability),
            ),
            operations=operations,
            rejected=rejected,
            considered=len(rejected) + sum(len(slots_on_offer(i.deployment, i.memory)) for i in fitting),
        )

    def plans(self, say: Callable[[str], None] | None = None) -> dict[str, list[Plan]]:
        """Return plans by contender in order of rank: all that lead overall, and the best of each contender."""
        streams = {
            name: Replay(cheapest_first(list(self.planner.options(items, self.curves[name]))))
            for name, items in self.fitting.items()
        }

        @cache
        def confirmed(plan: Plan) -> Plan | None:
            if say is not None and self.question.simulate:
                say(plan.deployment.label)
            return self.planner.confirmed(plan)

        leading: dict[str, list[Plan]] = {name: [] for name in streams}
        for plan in confirmed_leaders(_Merged(tuple(streams.values())), most=self.question.top_n, confirmed=confirmed):
            leading[plan.deployment.contender].append(plan)
        for name, stream in streams.items():
            leading[name] = leading[name] or confirmed_leaders(stream, most=1, confirmed=confirmed)
        return {name: plans for name, plans in leading.items() if plans}

    def schedule_of(self, plan: Plan) -> Schedule | None:
        """Return the plan as a fleet that follows the day, if the load has one."""
        basis = plan.fleet.offer.price_basis
        return schedule_of(plan, self.operations, spares=lambda needed: self.planner.spares.beside(needed, basis))


@dataclass(frozen=True)
class _Merged:
    """Streams of plans by rising price as one, to be gone through several times."""

    streams: tuple[Replay[Plan], ...]

    def __iter__(self) -> Iterator[Plan]:
        return merge(*self.streams, key=lambda plan: plan.usd)


def _curves(
    question: Question,
    shipped: Shipped,
    groups: dict[str, list[Fitting]],
    requests: Requests,
    evidence: Evidence,
) -> dict[str, list[Curve]]:
    works = {
        model: work_of(requests, workload=question.workload, model=shipped.models[model])
        for model in {items[0].deployment.model.name for items in groups.values()}
    }
    found = {
        name: curves(
            [item.deployment for item in items],
            work=works[items[0].deployment.model.name],
            content=question.workload.content,
            constants=shipped.constants,
            evidence=evidence,
        )
        for name, items in groups.items()
    }
    return {name: anchored(group, evidence) for name, group in found.items()}


def _book(question: Question, shipped: Shipped, gpus: Sequence[GpuSpec]) -> PriceBook:
    own = {
        gpu: price
        for name, price in question.own_usd_per_gpu_hour.items()
        for gpu in catalog.resolve_all("GPU", name, shipped.gpus)
    }
    idle = sorted(set(own) - {gpu.name for gpu in gpus})
    if own and len(idle) == len(own):
        raise InputError(f"--gpu-cost is for {', '.join(idle)}, which --gpus leaves out", hint="name the same GPUs")
    offers = catalog.read_offers(shipped.root)
    terms = Terms(
        price_bases=frozenset(question.price_bases),
        include_marketplace=question.include_marketplace,
        include_secondary=question.include_secondary,
        max_age_days=question.max_price_age_days or USUAL_AGE_DAYS,
        priced_on=question.today if question.max_price_age_days else pricing_day(offers, today=question.today),
        today=question.today,
    )
    return PriceBook(offers, terms=terms, own_usd_per_gpu_hour=own)


def _answer(question: Question, market: _Market, plans: dict[str, list[Plan]], *, digest: str) -> Recommendation:
    everything = ranked(chain.from_iterable(plans.values()))
    winner, shown = everything[0], everything[: question.top_n]
    best = {model.name: _best_of(model.name, plans) for model in market.models}
    best[winner.deployment.model.name] = winner
    rivals = [plan for name, plan in best.items() if plan and name != winner.deployment.model.name]
    other = min(rivals, key=lambda plan: plan.usd, default=None)
    leaders = [plan for plan in best.values() if plan] + [group[0] for group in plans.values()]
    listed = {id(plan): plan for plan in (*shown, *leaders)}
    candidates = {name: candidate_of(plan, market.schedule_of(plan)) for name, plan in listed.items()}
    cited = (*chain.from_iterable(c.sources for c in candidates.values()), *operations_of(question, market.operations))
    sources = {(s.kind, s.title, s.url): s for s in cited}
    return Recommendation(
        generated_at=datetime.now(UTC),
        question=question,
        decision=decide(winner, other, candidates, rejected=market.rejected, models=market.models),
        candidates=tuple(candidates[id(plan)] for plan in shown),
        best_by_model={name: candidates[id(plan)] if plan else None for name, plan in best.items()},
        best_by_contender={
            name: candidates[id(plans[name][0])] if name in plans else None for name in sorted(market.fitting)
        },
        rejected=tuple(market.rejected),
        quality=quality_of(market.models),
        explanation=(*explain(winner), *(explain(other) if other else ())),
        warnings=cautions(
            question,
            plans=[plan for plan in (winner, other) if plan],
            listed=list(listed.values()),
            shown=list(candidates.values()),
            models=market.models,
            evidence=market.evidence,
        ),
        sources=tuple(sources.values()),
        deployments_considered=market.considered,
        evidence_digest=digest,
    )


def _best_of(model: str, plans: dict[str, list[Plan]]) -> Plan | None:
    own = ranked(plan for group in plans.values() for plan in group if plan.deployment.model.name == model)
    return own[0] if own else None
