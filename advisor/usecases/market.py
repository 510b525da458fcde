"""Everything that competes for one question: deployments with their curves, offers, and plans by rising price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from heapq import merge
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost import PriceBook
from advisor.domain.requests import Requests, representative_requests
from advisor.errors import InputError
from advisor.planning.search import Replay, cheapest_first
from advisor.usecases.arriving import Arriving
from advisor.usecases.curves import Curve, curves, work_of
from advisor.usecases.deployments import Space, by_contender, enumerate_deployments, slots_on_offer
from advisor.usecases.first_text import anchored
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.leading import confirmed_leaders
from advisor.usecases.planner import Planner
from advisor.usecases.pricing import own_prices, terms_of
from advisor.usecases.rivals import rivals
from advisor.usecases.scheduling import schedule_of
from advisor.usecases.scope import allowed_gpus, allowed_models
from advisor.usecases.sparing import Spares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from advisor.domain.answer import Rejected
    from advisor.domain.assurance import Schedule
    from advisor.domain.daily import Operations
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.usecases.deployments import Fitting
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.outlooks import Outlooks
    from advisor.usecases.plans import Plan


@dataclass(frozen=True)
class Market:
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
    def of(cls, question: Question, shipped: Shipped, *, base: Market | None = None) -> Market:
        """Return what competes for a question: the slow part that neither its rate nor its prices change.

        `base` is the market of a question that differs from this one in lengths, or in facts that were changed to see what
        comes of it: offers, evidence and operations are taken from there.
        """
        models, refused = allowed_models(question, shipped)
        gpus, outside = allowed_gpus(question, shipped)
        requests = representative_requests(question.workload)
        space = Space(models, gpus, question.precisions, shipped.engine, requests)
        fitting, rejected = enumerate_deployments(space)
        rejected[:0] = [*refused, *outside]
        groups = by_contender(fitting)
        evidence = base.evidence if base else Evidence(shipped, today=question.today)
        operations = base.operations if base else catalog.read_operations(shipped.root)
        return cls(
            question=question,
            models=models,
            fitting=groups,
            curves=_curves(question, shipped, groups, requests, evidence),
            evidence=evidence,
            planner=Planner(
                question,
                base.planner.book if base else _book(question, shipped, gpus),
                rejected,
                Arriving.of(question),
                Spares.of(question, operations.availability),
            ),
            operations=operations,
            rejected=rejected,
            considered=len(rejected) + sum(len(slots_on_offer(i.deployment, i.memory)) for i in fitting),
        )

    @cached_property
    def streams(self) -> dict[str, Replay[Plan]]:
        """Plans of each contender by rising price, sized by formula, each worked out when it is asked for."""
        return {
            name: Replay(cheapest_first(list(self.planner.options(items, self.curves[name]))))
            for name, items in self.fitting.items()
        }

    def plans(self, say: Callable[[str], None] | None = None) -> dict[str, list[Plan]]:
        """Return plans by contender in order of rank: all that lead overall, and the best of each contender."""
        streams = self.streams

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

    def outlooks(self, listed: Sequence[Plan], *, whole: bool = False) -> Outlooks | None:
        """Return what may come of the listed plans, the winner first, and of their rivals; None where nothing is drawn.

        `whole` sizes rivals even in draws in which they cannot win.
        """
        if not self.question.draws:
            return None
        from advisor.usecases.outlooks import Outlooks  # noqa: PLC0415 - loaded only where draws are wanted

        others = rivals(listed, self.streams)
        draws, seed = self.question.draws, self.question.seed
        return Outlooks.of(
            listed, others, self.evidence, spares=self.planner.spares, draws=draws, seed=seed, whole=whole
        )

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
        model: work_of(requests, workload=question.workload, model=shipped.models[model], evidence=evidence)
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
    own = own_prices(question, shipped.gpus)
    idle = sorted(set(own) - {gpu.name for gpu in gpus})
    if own and len(idle) == len(own):
        raise InputError(f"--gpu-cost is for {', '.join(idle)}, which --gpus leaves out", hint="name the same GPUs")
    offers = catalog.read_offers(shipped.root)
    return PriceBook(offers, terms=terms_of(question, offers), own_usd_per_gpu_hour=own)
