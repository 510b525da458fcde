"""Who is cheapest at each point of a map, and where another model is too close to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor.planning.ranking import TIE_SHARE
from advisor.usecases.crossing.draws import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from advisor.usecases.crossing.costs import LotKey, Standing
    from advisor.usecases.market import Market

    FloatArray = NDArray[np.float64]
    Entries = Mapping[tuple[LotKey, str], Standing]

Z_75 = 0.6744897501960817
"""75th percentile of the standard normal law: a difference of so many standard deviations has the right sign in 75 %."""


class Judged(NamedTuple):
    """The map: leaders row by row, and the share of each; ``(up, across)`` the rest.

    `usd` is the price per hour of the leader and `other_usd` that of the cheapest other model, both infinite where there is
    none; `too_close` is where the two are.
    """

    leaders: list[list[str | None]]
    usd: FloatArray
    other_usd: FloatArray
    too_close: NDArray[np.bool_]
    shares: dict[str, float]


def judged(entries: Entries, usd: Mapping[tuple[LotKey, str], FloatArray], market: Market) -> Judged:
    """Return the map of some entries, given the price of each at each point.

    Too close are two models within a tie, and those whose order is right in fewer than 75 % of cases, given how far the
    speeds of both may be off together; a plan that is slower by a share is taken to be dearer by it. Of contenders of one
    model within a tie the first by name leads, so that equal prices do not take turns.
    """
    names = list(entries)
    costs = np.array([usd[name] for name in names])
    models = np.array([entries[name].lot.deployment.model.name for name in names])
    first = costs.argmin(axis=0)
    least = np.take_along_axis(costs, first[None], axis=0)[0]
    other = np.where(models[:, None, None] == models[first][None], np.inf, costs)
    second = other.argmin(axis=0)
    rival = np.take_along_axis(other, second[None], axis=0)[0]
    with np.errstate(invalid="ignore"):
        lead = np.where(np.isfinite(rival), np.log(rival / least), np.inf)
    close = lead < np.maximum(np.log1p(TIE_SHARE), Z_75 * _doubts(entries, market)[first, second])
    feasible = np.isfinite(least)
    contenders = [entries[name].contender for name in names]
    told = _first_by_name(costs, np.array(contenders), (models[:, None, None] == models[first]))
    leader_usd = np.take_along_axis(costs, told[None], axis=0)[0]
    leaders = [
        [contenders[i] if ok else None for i, ok in zip(row, oks, strict=True)]
        for row, oks in zip(told.tolist(), feasible.tolist(), strict=True)
    ]
    flat = [name for row in leaders for name in row]
    shares = {name: flat.count(name) / len(flat) for name in sorted(set(contenders)) if name in flat}
    return Judged(leaders, leader_usd, rival, close & feasible, shares)


def _first_by_name(costs: FloatArray, contenders: NDArray[np.str_], same: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the entry that is told at each point: the cheapest of the first contender by name that ties within a model.

    `costs` and `same`, which says whether an entry is of the cheapest model, have shape ``(entries, up, across)``.
    """
    ranks = np.unique(contenders, return_inverse=True)[1].reshape(-1, 1, 1)
    tied = same & (costs <= costs.min(axis=0) * (1.0 + TIE_SHARE))
    first = np.where(tied, ranks, contenders.size).min(axis=0)
    return np.asarray(np.where(tied & (ranks == first), costs, np.inf).argmin(axis=0), dtype=np.intp)


def _doubts(entries: Entries, market: Market) -> FloatArray:
    """Return the standard deviation of the log ratio of the speeds of each two entries; ``(entries, entries)``."""
    question = market.question
    if not question.draws:
        return np.zeros((len(entries), len(entries)))
    places = [place_of(standing, question.peak_qps, market.evidence) for standing in entries.values()]
    drawn = market.evidence.draw(places, draws=question.draws, seed=question.seed)
    spread = np.atleast_2d(np.cov(drawn))
    own = np.diag(spread)
    return np.asarray(np.sqrt(np.maximum(own[:, None] + own[None, :] - 2.0 * spread, 0.0)), dtype=np.float64)
