"""How requests arrive at a fleet: drawn with a variation, or as a trace recorded them, and by which rule they are routed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.routing import Routing
from advisor.queueing import CountDispersion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.domain.question import Question

    FloatArray = NDArray[np.float64]

SOJOURNS = 3.0
"""Window of the count dispersion in mean sojourns: with it formulas came within 5 % of the mean of a real trace (methods 6)."""

LEAST_ARRIVALS = 3
"""Arrivals that have a dispersion at all; fewer count as Poisson."""


@dataclass(frozen=True)
class Arriving:
    """Arrivals at a fleet, whatever their rate.

    `scv` is the squared coefficient of variation of the times between them. Where `times_s` holds a trace, it is replayed,
    and its burstiness is measured at the scale on which it matters.
    """

    scv: float = 1.0
    times_s: tuple[float, ...] = ()
    routing: Routing = Routing.LEAST_OUTSTANDING

    @classmethod
    def of(cls, question: Question) -> Arriving:
        """Return the arrivals of a question: its own burstiness, else the trace of its workload, else Poisson."""
        if question.burstiness is not None:
            return cls(scv=question.burstiness, routing=question.routing)
        return cls(times_s=question.workload.arrival_s, routing=question.routing)

    @property
    def replays(self) -> bool:
        """Whether a trace is replayed as it was recorded."""
        return bool(self.times_s)

    @cached_property
    def trace_s(self) -> FloatArray:
        """Times of the trace."""
        return np.asarray(self.times_s, dtype=np.float64)

    @cached_property
    def _dispersion(self) -> CountDispersion:
        return CountDispersion.of(self.trace_s)

    def scv_over(self, sojourns: float) -> float:
        """Return the variation that counts where requests stay for so many mean gaps."""
        if len(self.times_s) < LEAST_ARRIVALS:
            return self.scv
        return self._dispersion.over(SOJOURNS * sojourns)


POISSON = Arriving()
"""Arrivals at random, routed to the replica with the fewest unfinished requests."""
