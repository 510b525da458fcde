"""How the errors of several estimates hang together: draws of all their speeds at once.

Two plans on one GPU type, or of one contender, are too fast or too slow together. What that leaves of the doubt about
their order is seen only when they are drawn together. Refuses to know prices and loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence.anchors import covariance, left_covariance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.evidence.anchors import Anchor, Cell

    FloatArray = NDArray[np.float64]

TAIL_DEGREES = 5
"""Degrees of freedom of the error on a GPU type that was never measured: few types are known, so its tails are heavy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment at a load: its cell, how far it is batched (0 one stream, 1 many), and its own spread.

    `log_sd` is the standard deviation of the log speed, all doubts included. `alone` says that its cell rests on its own
    rows only, and shares no error with others.
    """

    cell: Cell
    batched_share: float
    log_sd: float
    alone: bool = False


def draw_log_speeds(
    places: Sequence[Place], anchors: Sequence[Anchor], *, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Return draws of the log of true speed over estimated speed, shape ``(places, draws)``.

    Normal, with the covariance that is left once all runs are known, and for each place its own further doubt on top.
    The part of a GPU type on which nothing was measured is drawn from Student's t with `TAIL_DEGREES`.

    References
    ----------
    Methods section 3, 1 and 2; Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equation 2.26.
    """
    shared = _shared(places, anchors)
    unseen = _unseen(places, anchors)
    normal = shared - unseen
    own = np.array([place.log_sd**2 for place in places]) - np.diag(shared)
    common = _root(normal) @ rng.standard_normal((len(places), draws))
    alone = np.sqrt(np.maximum(own, 0.0))[:, None] * rng.standard_normal((len(places), draws))
    return np.asarray(common + alone + _tails(places, unseen, draws=draws, rng=rng), dtype=np.float64)


def _shared(places: Sequence[Place], anchors: Sequence[Anchor]) -> FloatArray:
    """Return the covariance of the places that is left, without what each has for itself."""
    ends = [place.cell.in_regime(batched=batched) for place in places for batched in (False, True)]
    mixing = _mixing(places)
    mixed = mixing @ left_covariance(ends, anchors) @ mixing.T
    alone = np.array([place.alone for place in places])
    mixed[alone[:, None] | alone[None, :]] = 0.0
    return np.asarray(mixed, dtype=np.float64)


def _mixing(places: Sequence[Place]) -> FloatArray:
    """Return the weights of one stream and of many in each place; shape (places, 2 x places)."""
    weights = np.zeros((len(places), 2 * len(places)))
    for i, place in enumerate(places):
        weights[i, 2 * i : 2 * i + 2] = 1.0 - place.batched_share, place.batched_share
    return weights


def _unseen(places: Sequence[Place], anchors: Sequence[Anchor]) -> FloatArray:
    """Return the covariance that comes from GPU types on which nothing was measured."""
    known = {anchor.cell.gpu for anchor in anchors}
    mixing = _mixing(places)
    ends = [place.cell.in_regime(batched=batched) for place in places for batched in (False, True)]
    new = np.array([not place.alone and place.cell.gpu not in known for place in places])
    part = mixing @ covariance(ends, ends, only_gpu=True) @ mixing.T
    return np.asarray(part * (new[:, None] & new[None, :]), dtype=np.float64)


def _tails(places: Sequence[Place], covariances: FloatArray, *, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return heavy-tailed draws of the unseen part: normal ones, stretched alike within a GPU type."""
    names = sorted({place.cell.gpu for place in places})
    stretch = np.sqrt(TAIL_DEGREES / rng.chisquare(TAIL_DEGREES, (len(names), draws)))
    of_place = np.array([names.index(place.cell.gpu) for place in places], dtype=np.intp)
    return np.asarray(
        (_root(covariances) @ rng.standard_normal((len(places), draws))) * stretch[of_place], dtype=np.float64
    )


JITTER = 1e-10
"""Variance that is added so that covariances of plans that share all of it have a root; a spread of 0.001 %."""


def _root(covariances: FloatArray) -> FloatArray:
    """Return the lower triangle A with A A' = covariances, the same on every machine up to rounding."""
    return np.asarray(np.linalg.cholesky(covariances + JITTER * np.eye(covariances.shape[0])), dtype=np.float64)
