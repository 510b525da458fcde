"""Who leads among the plans of a market: what an answer shows, and what is drawn for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from advisor.planning.ranking import ranked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor.usecases.market import Market
    from advisor.usecases.plans import Plan


@dataclass(frozen=True, eq=False)
class Standing:
    """The winner, the plans to show, the best of each model, the rival of another model, and all of these.

    `listed` begins with the winner.
    """

    winner: Plan
    shown: list[Plan]
    best: dict[str, Plan | None]
    other: Plan | None
    listed: list[Plan]

    @classmethod
    def of(cls, market: Market, plans: Mapping[str, list[Plan]]) -> Standing:
        """Return who leads among plans by contender, of which there is at least one."""
        everything = ranked(chain.from_iterable(plans.values()))
        winner, shown = everything[0], everything[: market.question.top_n]
        best = {model.name: _best_of(model.name, everything) for model in market.models}
        best[winner.deployment.model.name] = winner
        rivals = [plan for name, plan in best.items() if plan and name != winner.deployment.model.name]
        leaders = [plan for plan in best.values() if plan] + [group[0] for group in plans.values()]
        listed = {id(plan): plan for plan in (winner, *shown, *leaders)}
        return cls(winner, shown, best, min(rivals, key=lambda plan: plan.usd, default=None), list(listed.values()))


def _best_of(model: str, plans: Iterable[Plan]) -> Plan | None:
    own = ranked(plan for plan in plans if plan.deployment.model.name == model)
    return own[0] if own else None
