"""Which plans lead: the best of each contender and GPU layout, sized by formulas first, then as the simulation confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.planning.ranking import TIE_SHARE, ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from advisor.usecases.plans import Plan

WIDENING = 2


def confirmed_leaders(stream: Iterable[Plan], *, most: int, confirmed: Callable[[Plan], Plan | None]) -> list[Plan]:
    """Return the `most` best plans of a stream and those that tie with the first, in order of rank.

    Formulas order the stream. A plan that the simulation makes dearer, or drops, gives way to the next ones, until none of
    those that were not simulated could be cheaper than the last one kept.

    Parameters
    ----------
    stream
        Plans by rising price, as formulas size them; can be gone through several times.
    most
        How many plans to return at least, if there are so many.
    confirmed
        Returns a plan in its confirmed size, None where there is none.
    """
    looked_at = most
    while True:
        leaders = leading(stream, most=looked_at)
        kept = ranked(plan for plan in map(confirmed, leaders) if plan is not None)
        enough = len(leaders) < looked_at or (len(kept) >= most and kept[most - 1].usd <= leaders[-1].usd)
        if enough:
            return kept[: max(most, _tied(kept))]
        looked_at *= WIDENING


def _tied(plans: Sequence[Plan]) -> int:
    return sum(plan.usd <= plans[0].usd * (1 + TIE_SHARE) for plan in plans)


def leading(plans: Iterable[Plan], *, most: int) -> list[Plan]:
    """Return the best plan of each contender on each GPU layout, `most` of them and all that tie with the first.

    Precisions and slots of one layout compete with each other: cheapest, and within a tie fastest.
    """
    tied: dict[tuple[str, ...], list[Plan]] = {}
    for plan in plans:
        cheapest = next(iter(tied.values()), [plan])[0].usd
        if len(tied) >= most and plan.usd > cheapest * (1 + TIE_SHARE):
            break
        deployment = plan.deployment
        place = (deployment.gpu.name, str(deployment.tensor_parallel), plan.fleet.offer.price_basis)
        rivals = tied.setdefault((deployment.contender, *place), [plan])
        if rivals[0] is not plan and plan.usd <= rivals[0].usd * (1 + TIE_SHARE):
            rivals.append(plan)
    return [min(rivals, key=lambda plan: plan.e2e_p95_s) for rivals in tied.values()]
