"""Order among plans: price first, and between equal prices latency, headroom, fewer GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TIE_SHARE = 0.02
"""Prices that differ by less are called equal: no estimate here is that exact."""


class Rankable(Protocol):
    """What ranking looks at."""

    @property
    def usd(self) -> float:
        """Price per hour."""
        ...

    @property
    def e2e_p95_s(self) -> float:
        """Latency that breaks ties."""
        ...

    @property
    def headroom(self) -> float:
        """Share of the capacity that is left at the asked load."""
        ...

    @property
    def gpus(self) -> int:
        """GPUs used."""
        ...


PlanT = TypeVar("PlanT", bound=Rankable)


def ranked(plans: Iterable[PlanT]) -> list[PlanT]:
    """Return plans cheapest first, equal prices by latency; those that tie with the cheapest by all tie-breakers."""
    ordered = sorted(plans, key=lambda plan: (plan.usd, plan.e2e_p95_s))
    tied = ties(ordered) if ordered else []
    return sorted(tied, key=lambda p: (p.e2e_p95_s, -p.headroom, p.gpus)) + ordered[len(tied) :]


def ties(ordered: Sequence[PlanT]) -> list[PlanT]:
    """Return the plans whose price ties with the first of a price-ordered list, the first included."""
    return [plan for plan in ordered if plan.usd <= ordered[0].usd * (1 + TIE_SHARE)]
