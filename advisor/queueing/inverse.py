"""The inverse verbs: the largest rate, or the smallest fleet, that keeps a limit.

Knows searching. Refuses to know what is being kept: callers pass a predicate.
"""

from collections.abc import Callable
from dataclasses import dataclass

from advisor.queueing.laws import Law
from advisor.queueing.station import Station

MAX_LOAD = 0.99  # beyond it the steady state exists on paper only: it takes hours of constant load to reach
NO_LOAD = 1e-6  # share of saturation at which a request is practically alone
RELATIVE_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """An upper bound on a mean or a percentile.

    Parameters
    ----------
    statistic
        ``None`` for the mean, else the percentile as a share strictly between 0 and 1.
    limit_s
        The bound.

    Raises
    ------
    ValueError
        If the percentile is outside (0, 1) or the bound is not positive.
    """

    statistic: float | None
    limit_s: float

    def __post_init__(self) -> None:
        if self.statistic is not None and not 0.0 < self.statistic < 1.0:
            raise ValueError(f"a percentile lies strictly between 0 and 1, not {self.statistic}")
        if not self.limit_s > 0:
            raise ValueError(f"limit_s must be positive, not {self.limit_s}")

    def met_by(self, law: Law) -> bool:
        """Return whether the law keeps the limit; a percentile costs one evaluation, not a search."""
        if self.statistic is None:
            return law.mean() <= self.limit_s
        return law.cdf(self.limit_s) >= self.statistic


def capacity(station: Station, *, meets: Callable[[float], bool], max_load: float = MAX_LOAD) -> float:
    """Return the largest arrival rate [requests/s] at which ``meets(rate)`` holds, to 1e-4 relative; 0 if none.

    Parameters
    ----------
    station
        Sets the scale; the answer is at most ``max_load`` times its saturation rate.
    meets
        Whether all limits are kept at a rate. Must hold up to some rate and fail beyond it; it does hold at the
        rate returned.
    max_load
        Share of the saturation rate to search up to, in (0, 1).

    Raises
    ------
    ValueError
        If ``max_load`` is outside (0, 1).
    """
    if not NO_LOAD < max_load < 1.0:
        raise ValueError(f"max_load must lie between 0 and 1, not {max_load}")
    kept_rps, broken_rps = NO_LOAD * station.saturation_rps, max_load * station.saturation_rps
    if meets(broken_rps):
        return broken_rps
    if not meets(kept_rps):
        return 0.0
    while broken_rps - kept_rps > RELATIVE_TOLERANCE * kept_rps:
        middle_rps = (kept_rps + broken_rps) / 2.0
        if meets(middle_rps):
            kept_rps = middle_rps
        else:
            broken_rps = middle_rps
    return kept_rps


def replicas_needed(
    *, arrival_rps: float, saturation_rps: float, meets: Callable[[int], bool], most: int
) -> int | None:
    """Return the smallest fleet for which ``meets(replicas)`` holds, or ``None`` if ``most`` replicas do not suffice.

    Starts at the smallest stable fleet, doubles the step until the limits hold, then bisects.

    Parameters
    ----------
    arrival_rps
        Arrivals at the whole fleet.
    saturation_rps
        Saturation rate of one replica.
    meets
        Whether all limits are kept by a fleet. Must fail up to some size and hold from there on; only stable
        sizes are asked for.
    most
        Largest fleet to consider.

    Raises
    ------
    ValueError
        If a rate is not positive.
    """
    if not (arrival_rps > 0 and saturation_rps > 0):
        raise ValueError("arrival_rps and saturation_rps must be positive")
    broken = int(arrival_rps // saturation_rps)
    if (broken + 1) * saturation_rps <= arrival_rps:  # the product may round down to a fleet that is just unstable
        broken += 1
    if broken >= most:
        return None
    kept = _gallop(broken, meets=meets, most=most)
    if kept is None:
        return None
    broken, enough = kept
    while enough - broken > 1:
        middle = (broken + enough) // 2
        broken, enough = (broken, middle) if meets(middle) else (middle, enough)
    return enough


def _gallop(broken: int, *, meets: Callable[[int], bool], most: int) -> tuple[int, int] | None:
    """Return the last size that failed and the first tried that holds."""
    step = 1
    while True:
        tried = min(broken + step, most)
        if meets(tried):
            return broken, tried
        if tried == most:
            return None
        broken, step = tried, 2 * step
