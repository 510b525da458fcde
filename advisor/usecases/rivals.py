"""Which plans are weighed against those of an answer in the draws: what else might turn out cheaper."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from advisor.usecases.plans import Plan

REACH = 2.5
"""Price over the cheapest of its contender beyond which a layout is not drawn: about four standard deviations (assumed)."""

MOST_LAYOUTS = 12
"""Layouts drawn of each contender, cheapest first; the rest hardly ever wins."""


def rivals(shown: Iterable[Plan], streams: Mapping[str, Iterable[Plan]]) -> list[Plan]:
    """Return of each contender the cheapest plan of each layout within reach, but for layouts that are shown.

    Layouts that are shown count among the `MOST_LAYOUTS`: how many plans are listed must not change what is weighed.
    """
    taken = {_layout(plan) for plan in shown}
    listed: list[Plan] = []
    for stream in streams.values():
        found: dict[tuple[str, str, int, str], Plan] = {}
        for plan in _within_reach(stream):
            found.setdefault(_layout(plan), plan)
        listed += [plan for plan in list(found.values())[:MOST_LAYOUTS] if _layout(plan) not in taken]
    return listed


def _within_reach(stream: Iterable[Plan]) -> Iterator[Plan]:
    cheapest = None
    for plan in stream:
        cheapest = cheapest or plan.usd
        if plan.usd > REACH * cheapest:
            return
        yield plan


def _layout(plan: Plan) -> tuple[str, str, int, str]:
    deployment = plan.deployment
    return (deployment.contender, deployment.gpu.name, deployment.tensor_parallel, plan.fleet.offer.price_basis)
