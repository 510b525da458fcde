"""Seeded randomness: one number for a run, and a stream of its own for each thing that is drawn.

So the arrivals of a run stay the same when its lengths or prompts change, and a draw can be repeated by its place alone.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What is drawn."""

    ARRIVALS = 0
    LENGTHS = 1
    PROMPTS = 2


def stream(seed: int, of: Stream, place: int = 0) -> np.random.Generator:
    """Return the generator of one thing, at one place of its sequence."""
    return np.random.default_rng(np.random.SeedSequence((seed, int(of), place)))
