"""What the client itself, rather than the server, adds to the times that it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.evidence.seen import Seen

LATE_SHARE = 0.1
"""Lateness of the client itself over the median TTFT from which a run says more about the client than the server."""

LEAST_LATE_MS = 1.0
"""Lateness that is within what a client is accurate to, however short TTFT is (assumed)."""


def _too_late(late_ms: float | None, seen: Seen) -> float | None:
    """Return the median TTFT that a lateness is too large for [ms], or None where it is not."""
    median_ms = seen.figures.ttft_ms.p50 if seen.figures.ttft_ms else None
    if late_ms is None or median_ms is None or late_ms <= max(LATE_SHARE * median_ms, LEAST_LATE_MS):
        return None
    return median_ms


def late(seen: Seen) -> str:
    """Say that the client itself sent late."""
    late_ms = seen.figures.lateness_p99_ms
    median_ms = _too_late(late_ms, seen)
    if median_ms is None:
        return ""
    return (
        f"the client itself was up to {late_ms:.3g} ms late (p99), more than a tenth of the median time to first token "
        f"({median_ms:.3g} ms)"
    )


def slow(seen: Seen) -> str:
    """Say that the client came late to what had arrived."""
    lag_ms = seen.figures.client_lag_p99_ms
    median_ms = _too_late(lag_ms, seen)
    if median_ms is None:
        return ""
    return (
        f"the client came up to {lag_ms:.3g} ms late (p99) to what had arrived, more than a tenth of the median time to first "
        f"token ({median_ms:.3g} ms)"
    )


def connecting(seen: Seen) -> str:
    """Say that the set-up of connections is a part of the time to first token that counts."""
    waited_ms = seen.figures.connecting_p95_ms
    median_ms = _too_late(waited_ms, seen)
    if median_ms is None:
        return ""
    return (
        f"requests waited up to {waited_ms:.3g} ms (p95) for a new connection, more than a tenth of the median time to first "
        f"token ({median_ms:.3g} ms), which holds that wait"
    )


def held_back(seen: Seen) -> str:
    """Say that requests waited for a cap on those in flight."""
    count = seen.figures.held_back_requests
    return f"{count} requests were held back by the cap on requests in flight; their wait counts" if count else ""
