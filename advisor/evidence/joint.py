"""How the errors of several estimates hang together: draws of all their speeds at once.

Two plans on one GPU type, or of one contender, are too fast or too slow together. What that leaves of the doubt about
their order is seen only when they are drawn together. Refuses to know prices and loads.

Every part of an error is drawn by its name, from a stream of random numbers of its own: a place draws the same whatever else
is drawn beside it, and more draws begin with the fewer. Two questions that differ little therefore differ in no luck.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence.anchors import (
    CELL_LOG_SD,
    CONTENDER_LOG_SD,
    GPU_LOG_SD,
    REGIME_CORRELATION,
    gain_of,
    left_covariance,
    strongest,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from advisor.evidence.anchors import Anchor, Cell

    FloatArray = NDArray[np.float64]

TAIL_DEGREES = 5
"""Degrees of freedom of the error on a GPU type that was never measured: few types are known, so its tails are heavy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment at a load: its cell, how far it is batched (0 one stream, 1 many), and its own spread.

    `log_sd` is the standard deviation of the log speed, all doubts included. `alone` says that its cell rests on its own
    rows only, and shares no error with others. What a cell has for itself, such as the engine's version, its places share.
    """

    cell: Cell
    batched_share: float
    log_sd: float
    alone: bool = False


def draw_log_speeds(places: Sequence[Place], anchors: Sequence[Anchor], *, draws: int, seed: int) -> FloatArray:
    """Return draws of the log of true speed over estimated speed, shape ``(places, draws)``; of none, none.

    Normal, with the covariance that is left once all runs are known, and for each place its own further doubt on top.
    The part of a GPU type on which nothing was measured is drawn from Student's t with `TAIL_DEGREES`.

    Errors are drawn as if no run were known, those of the runs with them; from each is taken what the runs would have told of
    it. What is left has exactly the covariance wanted.

    References
    ----------
    Methods section 3, 1 and 2; Journel and Huijbregts, Mining Geostatistics, 1978, section VII.A.1, for conditioning by
    residuals (Matheron's rule).
    """
    if not places:
        return np.empty((0, draws))
    lots = _Lots(seed, draws, frozenset(anchor.cell.gpu for anchor in anchors))
    ends = [place.cell.in_regime(batched=batched) for place in places for batched in (False, True)]
    kept = strongest(anchors)
    errors = lots.errors(ends)
    if kept:
        errors = errors - gain_of(ends, kept) @ (lots.errors([run.cell for run in kept]) + lots.noise(kept))
    mixing = _mixing(places)
    shared = ((mixing @ left_covariance(ends, anchors)) * mixing).sum(axis=1)
    apart = np.array([place.alone for place in places])
    own = np.array([place.log_sd**2 for place in places]) - np.where(apart, 0.0, shared)
    common = np.where(apart[:, None], 0.0, mixing @ errors)
    return np.asarray(common + np.sqrt(np.maximum(own, 0.0))[:, None] * lots.own(places), dtype=np.float64)


def _mixing(places: Sequence[Place]) -> FloatArray:
    """Return the weights of one stream and of many in each place; shape (places, 2 x places)."""
    weights = np.zeros((len(places), 2 * len(places)))
    for i, place in enumerate(places):
        weights[i, 2 * i : 2 * i + 2] = 1.0 - place.batched_share, place.batched_share
    return weights


@dataclass(frozen=True)
class _Lots:
    """Random numbers by the name of what they stand for; ``(things, draws)`` each."""

    seed: int
    draws: int
    known_gpus: Collection[str]

    def errors(self, cells: Sequence[Cell]) -> FloatArray:
        """Return log errors of cells before any run, with the covariance that `anchors.covariance` states."""
        return np.array([self._error(cell) for cell in cells])

    def _error(self, cell: Cell) -> FloatArray:
        gpu = GPU_LOG_SD * self._in_regime(f"gpu {cell.gpu!r}", cell)
        if cell.gpu not in self.known_gpus:
            gpu = gpu * _stretches(self.seed, f"tail {cell.gpu!r}", self.draws)
        contender = CONTENDER_LOG_SD * self._in_regime(f"contender {cell.contender!r}", cell)
        named = f"cell {cell.in_regime(batched=False)!r}"
        return gpu + contender + CELL_LOG_SD * self._in_regime(named, cell)

    def _in_regime(self, name: str, cell: Cell) -> FloatArray:
        """Return a part of an error with one stream or with many: partly the same, partly not."""
        regime = "many" if cell.batched else "one"
        both, one = self._normals(name), self._normals(f"{name} {regime}")
        return sqrt(REGIME_CORRELATION) * both + sqrt(1.0 - REGIME_CORRELATION) * one

    def noise(self, runs: Sequence[Anchor]) -> FloatArray:
        """Return what blurs each run, as seen from its cell."""
        counts: Counter[str] = Counter()
        found = []
        for run in runs:
            counts[repr(run)] += 1  # two runs alike in everything are two all the same
            found.append(sqrt(run.variance) * self._normals(f"run {run!r} {counts[repr(run)]}"))
        return np.array(found)

    def own(self, places: Sequence[Place]) -> FloatArray:
        """Return what each place has for itself, of variance 1."""
        return np.array([self._normals(f"own {place.cell!r}") for place in places])

    def _normals(self, name: str) -> FloatArray:
        return _normals(self.seed, name, self.draws)


MOST_KEPT = 4096
"""Draws of one thing that are kept for the next question; more are drawn anew, so that what is kept stays below 40 MB."""


def _normals(seed: int, name: str, draws: int) -> FloatArray:
    return _kept_normals(seed, name, draws) if draws <= MOST_KEPT else _stream(seed, name).standard_normal(draws)


@lru_cache(maxsize=1024)
def _kept_normals(seed: int, name: str, draws: int) -> FloatArray:
    return _frozen(_stream(seed, name).standard_normal(draws))


def _stretches(seed: int, name: str, draws: int) -> FloatArray:
    """Return factors that make normal draws those of Student's t."""
    return np.asarray(np.sqrt(TAIL_DEGREES / _stream(seed, name).chisquare(TAIL_DEGREES, draws)), dtype=np.float64)


def _stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of a name, the same on every machine."""
    return np.random.default_rng([seed, int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")])


def _frozen(values: FloatArray) -> FloatArray:
    """Return values that nobody can change: they are kept for whoever asks next."""
    values.flags.writeable = False
    return values
