"""Reviews of the hand-made recommendation. Every name says `example`, and every number is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.offer import PriceBasis
from advisor.domain.review import Cover, Review
from advisor.usecases.reviewing.field import Best, Field
from advisor.usecases.reviewing.prices import price_line, role_of, shown_plans, unfit
from advisor.usecases.reviewing.review import composed
from tests.samples.recommendations import CHOSEN, OTHER, PLAIN, RECOMMENDATION

if TYPE_CHECKING:
    from advisor.domain.answer import Candidate, OfferLine, Recommendation
    from advisor.domain.review import PriceLine

COVER = Cover(owner="Example Team", command="advisor review --qps 50 -w example-chat -o review.html")


def best(plan: Candidate, *, price_basis: PriceBasis = PriceBasis.ON_DEMAND, cheaper: int = 1) -> Best:
    """Return a plan as the best of its kind, at a part of its price."""
    return Best(
        contender=plan.contender,
        gpu=plan.gpu,
        price_basis=price_basis,
        usd_per_hour=plan.usd_per_hour / cheaper,
        words=f"{plan.contender} on {plan.replicas} x {plan.gpu}, example-cloud",
        simulated=price_basis is PriceBasis.ON_DEMAND,
        chosen=plan == CHOSEN and price_basis is PriceBasis.ON_DEMAND,
    )


FIELD = Field(
    found=(best(CHOSEN), best(PLAIN), best(OTHER)),
    rejected=RECOMMENDATION.rejected,
    gpus=("example-gpu-80gb", "example-small-gpu-48gb", "example-old-gpu-16gb"),
)


def prices_of(answer: Recommendation) -> tuple[PriceLine, ...]:
    """Return the prices of a recommendation, one line per shape and price."""
    groups: dict[tuple[OfferLine, str], list[Candidate]] = {}
    for plan in shown_plans(answer):
        groups.setdefault((plan.offer.model_copy(update={"shapes": 1}), plan.gpu), []).append(plan)
    return tuple(
        price_line(
            offer,
            gpu,
            role=role_of(plans, answer),
            used_by=tuple(dict.fromkeys(plan.contender for plan in plans)),
            today=answer.question.today,
        )
        for (offer, gpu), plans in groups.items()
    )


def review_of(answer: Recommendation, cover: Cover = COVER, field: Field = FIELD) -> Review:
    """Return the review of a recommendation, whatever speaks against signing it."""
    prices = prices_of(answer)
    return composed(answer, cover, field=field, models={}, prices=prices, faults=tuple(unfit(answer, prices)))


REVIEW = review_of(RECOMMENDATION)
DRAFT = review_of(RECOMMENDATION, COVER.model_copy(update={"draft": True}))
