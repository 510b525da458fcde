"""A run over time: how many arrive, are served and wait in each stretch of it, and what those that came then waited."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.simulation import Held, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.usecases.simulating.offered import Run

    FloatArray = NDArray[np.float64]

MOMENTS = 120
REQUESTS_PER_MOMENT = 10
"""A stretch that holds fewer has no 95th percentile worth the name."""

PERCENTILES = {"e2e_p50_s": 0.5, "e2e_p95_s": 0.95, "e2e_p99_s": 0.99}
"""Fields of a moment, and which share of its requests takes at most so long."""
NONE = [None] * len(PERCENTILES)


@dataclass(frozen=True)
class Timeline:
    """The stretch of a run that is looked at. `slots` are those of the whole fleet."""

    run: Run
    slots: int

    @cached_property
    def _starts_s(self) -> FloatArray:
        return np.sort(self.run.whole.outcome.starts_s)

    @cached_property
    def _dones_s(self) -> FloatArray:
        return np.sort(self.run.whole.outcome.dones_s)

    @property
    def span_s(self) -> float:
        """Its length."""
        return self.run.end_s - self.run.start_s

    @property
    def slots_used(self) -> Held:
        """Requests in service over the whole stretch."""
        ends_s = np.array([self.run.start_s, self.run.end_s])
        held = self.run.whole.outcome.in_service(self._within(self._starts_s))
        return self._held(self._in_service(ends_s), held)

    @property
    def waiting(self) -> Held:
        """Requests that wait over the whole stretch."""
        ends_s = np.array([self.run.start_s, self.run.end_s])
        mean = _means(self.run.whole.outcome.arrivals_s, self._starts_s, ends_s)
        return self._held(mean, self._waiting_on_arrival)

    def _held(self, mean: FloatArray, held: FloatArray) -> Held:
        return Held(mean=float(mean[0]) * self.run.scale, peak=round(float(held.max(initial=0.0)) * self.run.scale))

    def _within(self, times_s: FloatArray) -> FloatArray:
        return times_s[(times_s >= self.run.start_s) & (times_s <= self.run.end_s)]

    @cached_property
    def _arrivals_s(self) -> FloatArray:
        return self._within(self.run.whole.outcome.arrivals_s)

    @cached_property
    def _waiting_on_arrival(self) -> FloatArray:
        """How many wait just after each arrival: between arrivals, they only become fewer."""
        return self.run.whole.outcome.waiting(self._arrivals_s)

    def _in_service(self, edges_s: FloatArray) -> FloatArray:
        return _means(self._starts_s, self._dones_s, edges_s)

    def moments(self, hours: int = 0) -> tuple[Moment, ...]:
        """Return its course in about 120 stretches, which do not cross the borders of so many hours."""
        count = _moments(self.run.counted.tokens.size, hours)
        edges_s = np.linspace(self.run.start_s, self.run.end_s, count + 1)
        in_service = np.minimum(self._in_service(edges_s) * self.run.scale, self.slots)
        arrivals = np.histogram(self._arrivals_s, edges_s)[0] * self.run.scale
        waiting = self._most_waiting(edges_s) * self.run.scale
        shared_s = self._e2e_s(edges_s)
        width_s = self.span_s / count
        return tuple(
            Moment(
                start_s=float(edges_s[i] - self.run.start_s),
                start_hours=i * hours / count if hours else None,
                arrival_rps=float(arrivals[i] / width_s),
                in_service=float(in_service[i]),
                slots_used_share=float(in_service[i]) / self.slots,
                waiting_most=round(float(waiting[i])),
                **shared_s[i],
            )
            for i in range(count)
        )

    def _most_waiting(self, edges_s: FloatArray) -> FloatArray:
        most = self.run.whole.outcome.waiting(edges_s[:-1])
        np.maximum.at(most, self._places(self._arrivals_s, edges_s), self._waiting_on_arrival)
        return most

    def _e2e_s(self, edges_s: FloatArray) -> Sequence[dict[str, float | None]]:
        """Return the percentiles of each stretch by their field."""
        outcome = self.run.counted.outcome
        places = self._places(outcome.arrivals_s, edges_s)
        borders = np.searchsorted(places, np.arange(edges_s.size))
        parts = [outcome.e2e_s[a:b] for a, b in pairwise(borders)]
        quantiles = [np.quantile(part, tuple(PERCENTILES.values())).tolist() if part.size else NONE for part in parts]
        return [dict(zip(PERCENTILES, found_s, strict=True)) for found_s in quantiles]

    @staticmethod
    def _places(times_s: FloatArray, edges_s: FloatArray) -> NDArray[np.intp]:
        """Return the stretch that each time lies in; the last one includes its end."""
        return np.clip(np.searchsorted(edges_s, times_s, side="right") - 1, 0, edges_s.size - 2)


def _moments(requests: int, hours: int) -> int:
    if hours:
        return hours * max(MOMENTS // hours, 1)
    return min(max(requests // REQUESTS_PER_MOMENT, 2), MOMENTS)


def _means(begins_s: FloatArray, ends_s: FloatArray, edges_s: FloatArray) -> FloatArray:
    """Return how many were between begin and end, on average in each stretch between edges; both ascend."""
    request_seconds = _time_since(begins_s, edges_s) - _time_since(ends_s, edges_s)
    return np.asarray(np.maximum(np.diff(request_seconds), 0.0) / np.diff(edges_s), dtype=np.float64)


def _time_since(ascending_s: FloatArray, edges_s: FloatArray) -> FloatArray:
    """Return for each edge the time that has passed since all earlier moments, summed."""
    count = np.searchsorted(ascending_s, edges_s, side="right")
    summed_s = np.concatenate(([0.0], np.cumsum(ascending_s)))
    return np.asarray(count * edges_s - summed_s[count], dtype=np.float64)
