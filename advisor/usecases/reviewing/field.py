"""The field of a review: the best plan of each contender, each GPU type and each price basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from advisor.cost.fitness import fitness
from advisor.domain.review import PriceStanding
from advisor.planning.search import cheapest_first
from advisor.usecases.deciding import gpus_in_words
from advisor.usecases.market import Market

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from decimal import Decimal

    from advisor.domain.answer import Candidate, Recommendation, Rejected
    from advisor.domain.offer import PriceBasis
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.plans import Plan


class Best(NamedTuple):
    """The best plan of its kind. `simulated` says whether a simulation confirmed it, as it did the chosen one.

    `price_note` says that its price is unfit for a review, where no line of the prices does.
    """

    contender: str
    gpu: str
    price_basis: PriceBasis
    usd_per_hour: Decimal
    words: str
    simulated: bool
    chosen: bool
    price_note: str = ""


@dataclass(frozen=True)
class Field:
    """Best plans, those of the recommendation before those by formula, what dropped out, and the GPU types there are."""

    found: tuple[Best, ...]
    rejected: tuple[Rejected, ...]
    gpus: tuple[str, ...]

    @classmethod
    def of(cls, answer: Recommendation, shipped: Shipped) -> Field:
        """Return the field of a recommendation: its own plans, and by formula what it does not list."""
        question = answer.question.model_copy(update={"quality": None, "draws": 0})
        market = Market.of(question, shipped)
        own = [_of_candidate(plan, answer) for plan in _listed(answer)]
        by_formula = [_of_plan(plan) for plan in _cheapest(market)]
        gpus = [gpu for gpu in shipped.gpus if _is_asked(gpu, market)]
        rejected = {(line.deployment, line.reason): line for line in (*answer.rejected, *market.rejected)}
        return cls((*own, *by_formula), tuple(rejected.values()), tuple(gpus))

    def best(self, wanted: Callable[[Best], bool]) -> Best | None:
        """Return the cheapest plan of a kind, one of the recommendation's where it has one."""
        matching = [best for best in self.found if wanted(best)]
        confirmed = [best for best in matching if best.simulated or best.chosen]
        chosen = [best for best in matching if best.chosen]
        return min(chosen or confirmed or matching, key=lambda best: best.usd_per_hour, default=None)


def _listed(answer: Recommendation) -> Iterator[Candidate]:
    yield answer.decision.candidate
    others = (answer.decision.runner_up, *answer.candidates, *answer.best_by_contender.values())
    yield from (plan for plan in others if plan is not None and plan != answer.decision.candidate)


def _of_candidate(plan: Candidate, answer: Recommendation) -> Best:
    replica = plan.gpu if plan.tensor_parallel == 1 else f"({plan.tensor_parallel} x {plan.gpu})"
    return Best(
        contender=plan.contender,
        gpu=plan.gpu,
        price_basis=plan.offer.price_basis,
        usd_per_hour=plan.usd_per_hour,
        words=_words(plan.contender, f"{plan.replicas} x {replica}", plan.precision, plan.offer.provider),
        simulated=answer.question.simulate,
        chosen=plan == answer.decision.candidate,
    )


def _of_plan(plan: Plan) -> Best:
    deployment, offer = plan.deployment, plan.fleet.offer
    found = fitness(offer, today=plan.question.today)
    return Best(
        contender=deployment.contender,
        gpu=deployment.gpu.name,
        price_basis=offer.price_basis,
        usd_per_hour=plan.fleet.usd_per_hour,
        words=_words(deployment.contender, gpus_in_words(plan), deployment.checkpoint.precision, offer.provider),
        simulated=False,
        chosen=False,
        price_note=f" Its price is unfit for a review: {found.reason}."
        if found.standing is PriceStanding.UNFIT
        else "",
    )


def _words(contender: str, layout: str, precision: str, provider: str) -> str:
    return f"{contender} {precision} on {layout}, {provider}"


def _cheapest(market: Market) -> Iterator[Plan]:
    """Yield the cheapest plan of each contender, GPU type and price basis, sized by formula."""
    for name, fitting in market.fitting.items():
        pairs = list(zip(fitting, market.curves[name], strict=True))
        for gpu in dict.fromkeys(item.deployment.gpu.name for item in fitting):
            here = [(item, curve) for item, curve in pairs if item.deployment.gpu.name == gpu]
            options = market.planner.options([item for item, _ in here], [curve for _, curve in here])
            yield from _firsts(cheapest_first(list(options)))


def _firsts(plans: Iterable[Plan]) -> Iterator[Plan]:
    seen = set()
    for plan in plans:
        basis = plan.fleet.offer.price_basis
        if basis not in seen:
            seen.add(basis)
            yield plan


def _is_asked(gpu: str, market: Market) -> bool:
    """Say whether a question is about a GPU type: all are, unless it names some."""
    named = {item.deployment.gpu.name for items in market.fitting.values() for item in items}
    lost = {word for line in market.rejected for word in words_of(line)}
    return not market.question.gpus or gpu in named | lost


def words_of(line: Rejected) -> list[str]:
    """Return the words of a rejected deployment's label, among which are its model and its GPU type."""
    return line.deployment.replace(",", " ").split()
