"""The prices of a review: one line per shape and price basis, how each stands, and what that makes of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.cost.fitness import fitness
from advisor.domain.answer import OfferLine
from advisor.domain.basis import Basis
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.review import PriceLine, PriceStanding, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.offer import Offer

TERM_MONTHS: Mapping[PriceBasis, int] = {PriceBasis.RESERVED_1Y: 12, PriceBasis.RESERVED_3Y: 36}
"""How long a price basis binds; the others bind by the hour, and hardware that is owned binds in its own way."""


def shown_plans(answer: Recommendation) -> list[Candidate]:
    """Return every plan that a review shows with its price: the chosen one, the runner-up, and all other best plans."""
    plans = (
        answer.decision.candidate,
        answer.decision.runner_up,
        *answer.candidates,
        *answer.best_by_contender.values(),
        *answer.best_by_model.values(),
    )
    kept: list[Candidate] = []
    for plan in plans:
        if plan is not None and plan not in kept:
            kept.append(plan)
    return kept


def price_lines(answer: Recommendation, root: Path) -> tuple[PriceLine, ...]:
    """Return the prices of a recommendation, the chosen one first, and list prices beside the user's own."""
    groups: dict[tuple[OfferLine, str], list[Candidate]] = {}
    for plan in shown_plans(answer):
        # the shape and its price count here, not how many of it a plan rents
        groups.setdefault((plan.offer.model_copy(update={"shapes": 1}), plan.gpu), []).append(plan)
    today = answer.question.today
    lines = [
        price_line(offer, gpu, role=role_of(plans, answer), used_by=_names(plans), today=today)
        for (offer, gpu), plans in groups.items()
    ]
    own = sorted({line.gpu for line in lines if line.seller is Seller.OWN})
    return (*lines, *_references(own, root, today=today))


def role_of(plans: Iterable[Candidate], answer: Recommendation) -> Role:
    """Return what plans of one price are to the decision, the strongest of it."""
    decisive = {Role.CHOSEN: answer.decision.candidate, Role.RUNNER_UP: answer.decision.runner_up}
    known = list(plans)
    return next((role for role, plan in decisive.items() if plan in known), Role.ALTERNATIVE)


def _names(plans: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plan.contender for plan in plans))


def price_line(offer: OfferLine, gpu: str, *, role: Role, used_by: tuple[str, ...], today: date) -> PriceLine:
    """Return a price with how it stands on a day."""
    found, price = fitness(offer, today=today), offer.usd_per_hour_each
    own, term = offer.seller is Seller.OWN, TERM_MONTHS.get(offer.price_basis, 0)
    return PriceLine(
        role=role,
        used_by=used_by,
        provider=offer.provider,
        region=offer.region,
        instance_type=offer.instance_type,
        gpu=gpu,
        gpu_count=offer.gpu_count,
        price_basis=offer.price_basis,
        seller=offer.seller,
        term_months=term,
        list_usd_per_hour=None if own or term else price,
        committed_usd_per_hour=price if term and not own else None,
        contracted_usd_per_hour=price if own else None,
        as_of=offer.as_of,
        age_days=found.age_days,
        fresh_until=found.fresh_until,
        usable_until=found.usable_until,
        confidence=offer.confidence,
        source_url=offer.source_url,
        standing=found.standing,
        reason=found.reason,
    )


def _references(gpus: Iterable[str], root: Path, *, today: date) -> Iterator[PriceLine]:
    """Yield of each GPU type with an own price the cheapest on-demand list price per GPU that is fit to be shown."""
    offers = catalog.read_offers(root)
    for gpu in gpus:
        lines = [
            price_line(_line_of(offer), gpu, role=Role.REFERENCE, used_by=(), today=today)
            for offer in sorted(offers, key=lambda offer: offer.price_usd_per_gpu_hour)
            if offer.gpu == gpu and _is_list_price(offer, today)
        ]
        yield from [line for line in lines if line.standing is not PriceStanding.UNFIT][:1]


def _is_list_price(offer: Offer, today: date) -> bool:
    listed = offer.price_basis is PriceBasis.ON_DEMAND and offer.confidence is Confidence.LIST
    return listed and offer.seller is not Seller.MARKETPLACE and offer.as_of <= today


def _line_of(offer: Offer) -> OfferLine:
    return OfferLine(
        provider=offer.provider,
        region=offer.region,
        instance_type=offer.instance_type,
        gpu_count=offer.gpu_count,
        shapes=1,
        usd_per_hour_each=offer.price_usd_per_hour,
        price_basis=offer.price_basis,
        seller=offer.seller,
        confidence=offer.confidence,
        as_of=offer.as_of,
        source_url=offer.source_url,
    )


def unfit(answer: Recommendation, prices: Iterable[PriceLine]) -> Iterator[str]:
    """Yield what keeps a document from being signed: prices that are unfit, and speeds of the demo engine."""
    for line in prices:
        if line.standing is PriceStanding.UNFIT:
            yield f"the price of {line.provider} {line.instance_type} ({line.gpu}, {line.price_basis}) is {line.reason}"
    if any(plan.basis is Basis.SIMULATED for plan in shown_plans(answer)):
        yield "figures rest on runs of the demo engine"
