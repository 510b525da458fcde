"""Whether what went into a server came out again: Little's law in a closed loop, and the trends of an open one."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from advisor.domain.load import RampLoad
from advisor.evidence.seen import LITTLE_TOLERANCE, loop_error

if TYPE_CHECKING:
    from advisor.domain.run_figures import RunFigures
    from advisor.evidence.seen import Seen

OVERLOAD_P = 0.01
"""Significance from which requests in flight and TTFT count as rising, each by itself (assumed)."""

SETTLED_SOJOURNS = 10.0
"""End-to-end times that a run must last to tell a server that falls behind from one that fills (assumed)."""

Z_95 = 1.645
"""95th percentile of the standard normal law."""


def _chance_share(figures: RunFigures, concurrency: int) -> float:
    """Return how far a short run may be off Little's law by chance: its ends, and the mean of few unequal requests.

    First and last requests are half under way, c/2n. The mean of n times with variation v is within 2 v/sqrt(n) in 95 of
    100 runs; v is read off the 95th percentile, which lies 1.645 v above the mean where times are about normal.
    """
    ends = concurrency / (2.0 * figures.completed)
    e2e = figures.e2e_s
    cv = max((e2e.p95 / e2e.mean - 1.0) / Z_95, 0.0) if e2e and e2e.p95 and e2e.mean else 0.0
    return ends + 2.0 * cv / sqrt(figures.completed)


def _little(seen: Seen, *, beyond_ends: bool) -> str:
    off = loop_error(seen.load, seen.figures)
    if off is None or seen.concurrency is None or abs(off) <= LITTLE_TOLERANCE:
        return ""
    chance = _chance_share(seen.figures, seen.concurrency)
    if (abs(off) > max(LITTLE_TOLERANCE, chance)) is not beyond_ends:
        return ""
    flown = (1.0 + off) * seen.concurrency
    why = (
        "the loop was not always full, or a figure is wrong"
        if beyond_ends
        else f"chance may account for it in only {seen.figures.completed} requests"
    )
    return f"rate times end-to-end time is {flown:.3g}, not the {seen.concurrency} in flight ({off:+.0%}): {why}"


def broken_loop(seen: Seen) -> str:
    """Say that a closed loop was further off Little's law than chance explains."""
    return _little(seen, beyond_ends=True)


def short_loop(seen: Seen) -> str:
    """Say that a closed loop was off Little's law, and that it was so short that chance explains it."""
    return _little(seen, beyond_ends=False)


def _overload(seen: Seen, *, short: bool) -> str:
    trends = (seen.figures.in_flight_trend_p, seen.figures.ttft_trend_p)
    known = [p for p in trends if p is not None]
    if seen.concurrency is not None or isinstance(seen.load, RampLoad) or len(known) < len(trends):
        return ""
    if max(known) > OVERLOAD_P or _still_fills(seen) is not short:
        return ""
    rose = f"requests in flight and time to first token both rose throughout (p {known[0]:.2g} and {known[1]:.2g})"
    if short:
        return f"{rose}, but it lasted less than {SETTLED_SOJOURNS:g} end-to-end times: the server may still have been filling"
    return f"{rose}: more arrived than the server completes"


def _still_fills(seen: Seen) -> bool:
    """Say whether a run is too short to tell a server that fills from one that falls behind."""
    e2e = seen.figures.e2e_s
    return e2e is not None and seen.figures.duration_s < SETTLED_SOJOURNS * e2e.mean


def overloaded(seen: Seen) -> str:
    """Say that more arrived than the server completes."""
    return _overload(seen, short=False)


def not_settled(seen: Seen) -> str:
    """Say that a server may still have been filling when an open-loop run ended."""
    return _overload(seen, short=True)
