"""One replica as its closed-loop profile shows it: slots, speed by requests in service, and how much requests differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence import gamma_lattice, level_curve, scv_of_p95
from advisor.queueing import FloatArray, Station, pool, sample_sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.server_profile import ClosedLoopRun, ServerProfile
    from advisor.evidence import LevelCurve

SATURATED = 0.99
"""Share of the best rate from which a level counts as the best: more in flight only wait."""
FLAT = 0.05
"""Gain of the last level over the one before from which a server counts as not saturated."""
DRAWN = 20_000
UNKNOWN_SCV = 1.0
"""Squared variation of work where the profile does not show it: lengths in production are close to exponential."""


@dataclass(frozen=True, slots=True)
class Level:
    """A closed-loop run by what is in service, of which `tpot_s` is true even where more are in flight."""

    in_service: int
    run: ClosedLoopRun

    @property
    def waits(self) -> bool:
        """Whether requests of this run waited for a slot, so that its TTFT and e2e include that wait."""
        return self.in_service < self.run.concurrency

    @property
    def tpot_s(self) -> float | None:
        """Time between later tokens; None where a figure is missing."""
        ttft_ms, tokens = self.run.ttft_mean_ms, self.run.output_tokens
        if ttft_ms is None or tokens is None or tokens <= 1.0:
            return None
        return (self.run.whole_s - ttft_ms / 1e3) / (tokens - 1.0)


@dataclass(frozen=True)
class ClosedLoop:
    """A profile read as a processor-sharing server. `asked` are the slots that the user names."""

    profile: ServerProfile
    asked: int | None = None

    @cached_property
    def lowest(self) -> ClosedLoopRun:
        """The run with the fewest in flight: there latency is proportional to work."""
        return self.profile.levels[0]

    @cached_property
    def best(self) -> ClosedLoopRun:
        """The run with the fewest in flight of those within 1 % of the best rate."""
        top_rps = max(run.request_rate_rps for run in self.profile.levels)
        return next(run for run in self.profile.levels if run.request_rate_rps >= SATURATED * top_rps)

    @cached_property
    def slots(self) -> int:
        """Requests served at once: as named, but never more than measured; else where throughput stops growing."""
        return min(self.asked or self.best.concurrency, self.profile.levels[-1].concurrency)

    @property
    def slots_known(self) -> bool:
        """Whether the server has so many slots, and not perhaps more than were measured."""
        return self.asked is not None and self.asked <= self.profile.levels[-1].concurrency

    @property
    def saturated(self) -> bool:
        """Whether the profile shows the rate with all slots busy: they were all busy, or more in flight gained nothing."""
        before, last = self.profile.levels[-2:]
        return self.slots_known or last.request_rate_rps < (1.0 + FLAT) * before.request_rate_rps

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The runs up to the slots. The first with more in flight stands for all slots busy, where no run has just that."""
        runs = self.profile.levels
        within = [Level(run.concurrency, run) for run in runs if run.concurrency <= self.slots]
        if not within or within[-1].in_service < self.slots:
            within.append(Level(self.slots, next(run for run in runs if run.concurrency > self.slots)))
        return tuple(within)

    @cached_property
    def cycle(self) -> LevelCurve:
        """Seconds per request in service, c/X, through every level."""
        levels = self.levels
        if len(levels) == 1:  # the next level, slower or no faster, says how the time grows below this one
            runs = self.profile.levels[:2]
            return level_curve([run.concurrency for run in runs], [run.cycle_s for run in runs])
        return level_curve(
            [level.in_service for level in levels], [level.in_service / level.run.request_rate_rps for level in levels]
        )

    @cached_property
    def station(self) -> Station:
        """The replica as a station."""
        in_service = np.arange(1.0, self.slots + 1.0)
        rates_rps = in_service / self.cycle.at(in_service)
        rates_rps[-1] = self.levels[-1].run.request_rate_rps  # without the rounding: a rate that equals it is refused
        return Station(rates_rps)

    @cached_property
    def pooled(self) -> Callable[[int], Station]:
        """That many replicas under least-outstanding routing as one station."""
        return lru_cache(maxsize=8)(lambda replicas: pool(self.station, replicas=replicas))

    @cached_property
    def work_scv(self) -> float:
        """Squared coefficient of variation of the work per request."""
        p95_s = self.lowest.e2e_p95_s
        return UNKNOWN_SCV if p95_s is None else scv_of_p95(p95_s / self.lowest.whole_s)

    @cached_property
    def sizes(self) -> FloatArray:
        """Relative work of equally likely requests."""
        return sample_sizes(gamma_lattice(self.work_scv, points=DRAWN))

    @cached_property
    def input_tokens(self) -> float | None:
        """Mean prompt length over the runs that tell it."""
        return _mean([run.input_tokens for run in self.profile.levels])

    @cached_property
    def output_tokens(self) -> float | None:
        """Mean reply length over the runs that tell it."""
        return _mean([run.output_tokens for run in self.profile.levels])


def _mean(figures: list[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None
