"""How long prompt and reply of each request are to be: drawn from a workload, the same for the same seed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from advisor.loadgen.streams import Stream, stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.workload import LengthLaw, Workload

BLOCK = 64
"""Requests drawn at once. Each block covers a law evenly, one draw from each of `BLOCK` equal shares in random order, so that
the mean of a short run is near that of the law (Latin hypercube sampling; McKay, Beckman and Conover, Technometrics 21,
1979)."""
CACHED_BLOCKS = 8

Lengths = tuple[int, int]


def draw_lengths(workload: Workload, *, seed: int) -> Callable[[int], Lengths]:
    """Return a function from the place of a request to its tokens in and out, each at least 1.

    Pairs of a trace are drawn with equal chance, evenly by block. `replay_lengths` takes them in their own order.
    """

    @lru_cache(CACHED_BLOCKS)
    def block(place: int) -> list[Lengths]:
        rng = stream(seed, Stream.LENGTHS, place)
        if workload.pairs:
            return [workload.pairs[int(u * len(workload.pairs))] for u in _even(rng)]
        if workload.input is None or workload.output is None:
            raise ValueError("a workload has either pairs or two length laws")
        return list(zip(_drawn(workload.input, rng), _drawn(workload.output, rng), strict=True))

    return lambda index: block(index // BLOCK)[index % BLOCK]


def replay_lengths(workload: Workload) -> Callable[[int], Lengths]:
    """Return a function from the place of a request to the lengths that the trace had there."""
    return lambda index: workload.pairs[index % len(workload.pairs)]


def _even(rng: np.random.Generator) -> list[float]:
    """Return one number of each of `BLOCK` equal shares of the unit interval, in random order."""
    numbers: list[float] = ((rng.permutation(BLOCK) + rng.random(BLOCK)) / BLOCK).tolist()
    return numbers


def _drawn(law: LengthLaw, rng: np.random.Generator) -> list[int]:
    """Return lengths of a lognormal law of this mean and variation, cut at the longest."""
    sigma = np.sqrt(np.log1p(law.cv**2))
    raw = law.mean_tokens * np.exp(sigma * ndtri(_even(rng)) - sigma**2 / 2.0)
    most = law.max_tokens if law.max_tokens is not None else np.inf
    lengths: list[int] = np.clip(np.rint(raw), 1, most).astype(int).tolist()
    return lengths
