"""Whether the figures of a run can be true together at all, whoever made them."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from advisor.domain.load import OpenLoad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.run_figures import Percentiles, RunFigures
    from advisor.evidence.seen import Seen

RATE_TOLERANCE = 0.25
"""Share by which two figures of one rate may differ, beyond chance, before one of them counts as wrong (assumed).

Tools differ in whether a rate is over the whole run or over the part under full load, and in what they do with ends.
"""

ROUNDED = 1.001
"""Factor within which figures count as equal: tools round what they print."""


def impossible(seen: Seen) -> str:
    """Say which figures of a run contradict each other, whatever the server did; empty where none do."""
    return "; ".join([*_counts(seen.figures), *_orders(seen.figures), *_first_after_last(seen.figures), *_outrun(seen)])


def token_rate(seen: Seen) -> str:
    """Say that output tokens per second are not requests per second times tokens per reply.

    The two may differ by a quarter, and by what chance explains: the ends of a run, where requests are half under way, c/2n,
    and the mean of n replies whose lengths vary by v, which is within 2 v/sqrt(n) in 95 of 100 runs.
    """
    figures = seen.figures
    made = figures.request_rate_rps * figures.output_tokens_mean
    if not made or not figures.output_tok_s or not figures.completed:
        return ""
    chance = (seen.concurrency or 0) / (2.0 * figures.completed) + 2.0 * figures.output_tokens_cv / sqrt(
        figures.completed
    )
    ratio = figures.output_tok_s / made
    if max(ratio, 1.0 / ratio) <= 1.0 + RATE_TOLERANCE + chance:
        return ""
    return (
        f"{figures.output_tok_s:.4g} output tokens/s are {ratio:.3g} times the {figures.request_rate_rps:.4g} requests/s of "
        f"{figures.output_tokens_mean:.4g} tokens each: one of the three is wrong"
    )


def _counts(figures: RunFigures) -> Iterator[str]:
    if figures.completed > figures.requests:
        yield f"{figures.completed} requests completed of {figures.requests} sent"


def _orders(figures: RunFigures) -> Iterator[str]:
    """Yield percentiles that fall where they must rise."""
    told = {
        "time to first token": figures.ttft_ms,
        "time per output token": figures.tpot_ms,
        "normalized time per token": figures.ntpot_ms,
        "end-to-end time": figures.e2e_s,
    }
    for name, latency in told.items():
        known = _known(latency)
        for (low, below), (high, above) in pairwise(known):
            if below > above * ROUNDED:
                yield f"{low} of the {name} is {below:.4g} and above its {high} of {above:.4g}"


def _known(latency: Percentiles | None) -> list[tuple[str, float]]:
    """Return the percentiles that are told, by name, lowest first."""
    told = [(name, getattr(latency, name, None)) for name in ("p50", "p95", "p99")]
    return [(name, value) for name, value in told if value is not None]


def _first_after_last(figures: RunFigures) -> Iterator[str]:
    ttft, e2e = figures.ttft_ms, figures.e2e_s
    if ttft and e2e and ttft.mean > 1e3 * e2e.mean * ROUNDED:
        yield f"the first token came after {ttft.mean / 1e3:.4g} s on average, and the last one after {e2e.mean:.4g} s"


def _outrun(seen: Seen) -> Iterator[str]:
    """Yield that more was completed per second than was offered; the count of n arrivals varies by sqrt(CV^2/n)."""
    figures, load = seen.figures, seen.load
    if not isinstance(load, OpenLoad) or not figures.completed:
        return
    chance = 2.0 * sqrt(load.burstiness / figures.completed)
    if figures.request_rate_rps > load.rate_rps * (1.0 + RATE_TOLERANCE + chance):
        yield f"{figures.request_rate_rps:.4g} requests/s were completed of {load.rate_rps:.4g} offered"
