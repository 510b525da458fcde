"""`advisor recommend`: the cheapest way to serve a load within its objectives, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import USUAL_AGE_DAYS, PriceBook, Terms, pricing_day
from advisor.domain.answer import QualityLine, Recommendation, Rejected
from advisor.domain.requests import Requests, representative_requests
from advisor.errors import UnknownNameError
from advisor.planning.ranking import TIE_SHARE, ranked
from advisor.planning.search import Replay, cheapest_first
from advisor.usecases.candidates import candidate_of, explain
from advisor.usecases.cautions import cautions
from advisor.usecases.curves import Curve, curves, work_of
from advisor.usecases.deciding import decide, nothing_feasible
from advisor.usecases.deployments import Space, by_contender, enumerate_deployments, slots_on_offer
from advisor.usecases.evidence import Evidence
from advisor.usecases.plans import Plan, Planner
from advisor.usecases.shipped import Shipped, open_profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.usecases.deployments import Fitting


def recommend(question: Question, *, profiles: Path | None, database: str | None) -> Recommendation:
    """Return the cheapest plan over all models, GPUs, precisions, layouts, slots and offers that the question allows.

    Raises
    ------
    UnknownNameError
        If a model, GPU or benchmark is unknown.
    InfeasibleError
        If nothing meets the objectives; the hint names the smallest change that would.
    """
    shipped = open_profiles(profiles, database=database)
    market = _Market.of(question, shipped)
    plans = market.plans()
    if not plans:
        raise nothing_feasible(question, market.rejected, market.curves)
    return _answer(question, market, plans)


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
        evidence = Evidence(shipped)
        return cls(
            question=question,
            models=models,
            fitting=groups,
            curves=_curves(question, shipped, groups, requests, evidence),
            evidence=evidence,
            planner=Planner(question, _book(question, shipped), rejected),
            rejected=rejected,
            considered=len(rejected) + sum(len(slots_on_offer(i.deployment, i.memory)) for i in fitting),
        )

    def plans(self) -> dict[str, list[Plan]]:
        """Return plans by contender in order of rank: all that lead overall, and the best of each contender."""
        streams = {
            name: Replay(cheapest_first(list(self.planner.options(items, self.curves[name]))))
            for name, items in self.fitting.items()
        }
        leading: dict[str, list[Plan]] = {name: [] for name in streams}
        for plan in _leaders(merge(*streams.values(), key=lambda p: p.usd), most=self.question.top_n):
            leading[plan.deployment.contender].append(plan)
        for name, stream in streams.items():
            leading[name] = ranked(leading[name] or _leaders(iter(stream), most=1))
        return {name: plans for name, plans in leading.items() if plans}


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
    return {
        name: curves(
            [item.deployment for item in items],
            work=works[items[0].deployment.model.name],
            content=question.workload.content,
            constants=shipped.constants,
            evidence=evidence,
        )
        for name, items in groups.items()
    }


def _leaders(plans: Iterator[Plan], *, most: int) -> list[Plan]:
    """Return the best plan of each contender on each GPU layout, `most` of them and all that tie with the first.

    Precisions and slots of one layout compete with each other: cheapest, and within a tie fastest.
    """
    best: dict[tuple[str, ...], Plan] = {}
    for plan in plans:
        cheapest = next(iter(best.values()), plan).usd
        if len(best) >= most and plan.usd > cheapest * (1 + TIE_SHARE):
            break
        deployment = plan.deployment
        place = (deployment.gpu.name, str(deployment.tensor_parallel), plan.fleet.offer.price_basis)
        layout = (deployment.contender, *place)
        if layout not in best or (
            plan.usd <= best[layout].usd * (1 + TIE_SHARE) and plan.e2e_p95_s < best[layout].e2e_p95_s
        ):
            best[layout] = plan
    return list(best.values())


def _book(question: Question, shipped: Shipped) -> PriceBook:
    own = {
        gpu: price
        for name, price in question.own_usd_per_gpu_hour.items()
        for gpu in catalog.resolve_all("GPU", name, shipped.gpus)
    }
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


def allowed_models(question: Question, shipped: Shipped) -> tuple[list[ModelSpec], list[Rejected]]:
    """Return the models to compare, and those that a quality floor rules out."""
    names = [name for text in question.models for name in catalog.resolve_all("model", text, shipped.models)]
    wanted = [shipped.models[name] for name in dict.fromkeys(names)] or [
        model for model in shipped.models.values() if model.compared_by_default
    ]
    floors = {_benchmark(name, wanted): floor for name, floor in question.min_quality.items()}
    judged = [(model, _below_floor(model, floors)) for model in wanted]
    refused = [
        Rejected(deployment=model.name, contender=model.name, constraint="quality", reason=reason)
        for model, reason in judged
        if reason
    ]
    return [model for model, reason in judged if not reason], refused


def _benchmark(name: str, models: Iterable[ModelSpec]) -> str:
    known = {score.benchmark.lower(): score.benchmark for model in models for score in model.scores}
    folded = {key.replace(" ", "-"): value for key, value in known.items()}
    matching = [value for key, value in folded.items() if key.startswith(name.lower().replace(" ", "-"))]
    if len(matching) != 1:
        raise UnknownNameError("benchmark", name, folded)
    return matching[0]


def _below_floor(model: ModelSpec, floors: dict[str, float]) -> str:
    for benchmark, floor in floors.items():
        score = next((s for s in model.scores if s.benchmark == benchmark), None)
        if score is None:
            return f"no published {benchmark} score"
        if (score.value < floor) if score.higher_is_better else (score.value > floor):
            return f"{benchmark} is {score.value:g}, asked for {floor:g}"
    return ""


def allowed_gpus(question: Question, shipped: Shipped) -> tuple[list[GpuSpec], list[Rejected]]:
    """Return the GPUs to consider. Vendors that no measurement covers are left out unless a GPU is named."""
    names = [name for text in question.gpus for name in catalog.resolve_all("GPU", text, shipped.gpus)]
    if names:
        return [shipped.gpus[name] for name in dict.fromkeys(names)], []
    covered = {shipped.gpus[row.gpu].vendor for row in shipped.measurements if row.gpu in shipped.gpus}
    outside = [gpu for gpu in shipped.gpus.values() if gpu.vendor not in covered]
    reason = (
        "no measurement covers this vendor, so the estimator is not valid there; name it in --gpus to see it anyway"
    )
    refused = [Rejected(deployment=g.name, contender="all", constraint="validity", reason=reason) for g in outside]
    return [gpu for gpu in shipped.gpus.values() if gpu.vendor in covered], refused


def _answer(question: Question, market: _Market, plans: dict[str, list[Plan]]) -> Recommendation:
    everything = ranked(chain.from_iterable(plans.values()))
    winner, shown = everything[0], everything[: question.top_n]
    best = {model.name: _best_of(model.name, plans) for model in market.models}
    best[winner.deployment.model.name] = winner
    rivals = [plan for name, plan in best.items() if plan and name != winner.deployment.model.name]
    other = min(rivals, key=lambda plan: plan.usd, default=None)
    leaders = [plan for plan in best.values() if plan] + [group[0] for group in plans.values()]
    candidates = {id(plan): candidate_of(plan) for plan in {id(p): p for p in (*shown, *leaders)}.values()}
    sources = {(s.kind, s.title, s.url): s for c in candidates.values() for s in c.sources}
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
            shown=list(candidates.values()),
            models=market.models,
            ignored=market.evidence.ignored,
        ),
        sources=tuple(sources.values()),
        deployments_considered=market.considered,
    )


def _best_of(model: str, plans: dict[str, list[Plan]]) -> Plan | None:
    own = ranked(plan for group in plans.values() for plan in group if plan.deployment.model.name == model)
    return own[0] if own else None


def quality_of(models: Sequence[ModelSpec]) -> tuple[QualityLine, ...]:
    """Return each benchmark that any of the models has a published score of."""
    lines: dict[str, QualityLine] = {}
    for model in models:
        for score in model.scores:
            known = lines.get(score.benchmark)
            lines[score.benchmark] = QualityLine(
                benchmark=score.benchmark,
                unit=score.unit,
                higher_is_better=score.higher_is_better,
                scores={**(known.scores if known else {}), model.name: score.value},
                source_url=score.source.url,
                date=score.source.date,
            )
    return tuple(lines.values())
