"""`advisor crossover` along two axes: who is cheapest at each point of a map.

Exact costs decide which entries matter: those that are the cheapest of their contender at a coarse grid of points. Of these
capacities are worked out at a few nodes of the axis that changes curves or limits, and interpolated between them.

Of 700 points of seven maps on the shipped profiles, 3 had another winner than exact costs have, ties aside, and at 7 more,
all next to where nothing can do it, the map said that something can.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from advisor import __version__
from advisor.domain.crossover import Cell, CrossoverMap
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.crossing.axes import Renewed, axis_of
from advisor.usecases.crossing.entry_plans import asked_for, plan_of, sources_behind, warnings_of, weakest_basis
from advisor.usecases.crossing.map_capacity import FLEETS, Capacities, whole_replicas
from advisor.usecases.crossing.map_field import Fields
from advisor.usecases.crossing.map_judged import judged
from advisor.usecases.crossing.points import Points
from advisor.usecases.deciding import nothing_feasible
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.market import Market

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from advisor.domain.question import Question
    from advisor.usecases.crossing.costs import LotKey, Standing

    FloatArray = NDArray[np.float64]
    Name = tuple[LotKey, str]

NODES = 7
"""Nodes of an axis that changes curves or limits, before those are added between which leaders change."""

MOST_NODES = 13
ROUNDS = 2

COARSE, COARSE_ALONE = 5, 33
"""Values of each other axis at which the entries that matter are looked for; more rates where no node has to be made."""


def crossover_map(
    question: Question,
    axes: tuple[str, str],
    *,
    within: tuple[tuple[float, float] | None, tuple[float, float] | None] = (None, None),
    points: int,
    profiles: Path | None,
    database: str | None,
    allow_simulated: bool = False,
) -> CrossoverMap:
    """Return who is cheapest at `points` x `points` values of two axes.

    Raises
    ------
    InputError
        If there is no such axis, it applies to no contender, both are the same or change curves, or a range is empty.
    InfeasibleError
        If nothing meets the objectives anywhere on the map.
    """
    question = question.model_copy(update={"simulate": False})
    shipped = open_profiles(profiles, database=database, allow_simulated=allow_simulated)
    market = Market.of(question, shipped)
    if not market.models:
        raise nothing_feasible(question, market.rejected, market.curves, unlimited=None)
    bound = [axis_of(name, market, shipped, within=span) for name, span in zip(axes, within, strict=True)]
    if bound[0].axis.name == bound[1].axis.name:
        raise InputError(f"both axes are {bound[0].axis.name}", hint="give two different --axis")
    if all(one.renews >= Renewed.LIMITS for one in bound):
        raise InputError(
            f"no map of {axes[0]} and {axes[1]}: both change how fast everything is",
            hint="make one of them qps or price:GPU, or vary one at a time",
        )
    grid = Map(Fields(tuple(bound), market, shipped), points)
    if not any(np.isfinite(usd).any() for usd in grid.usd.values()):
        raise InfeasibleError(
            "nothing meets the objectives anywhere on the map", hint="loosen a limit, or widen --range"
        )
    return _answer(grid, market)


REACH_SHARE = 0.4
"""Share over the cheapest beyond which a contender does not matter at a coarse point: far more than too close (a choice)."""


class Entry(NamedTuple):
    """An entry that matters, and the nodes next to those at which it is the cheapest of its contender."""

    standing: Standing
    at: set[int]


@dataclass(eq=False)
class Map:
    """The costs of each entry that matters, at each point: arrays ``(up, across)``."""

    fields: Fields
    points: int
    _known: dict[float, list[list[Standing]]] = field(default_factory=dict)

    @cached_property
    def values(self) -> tuple[FloatArray, FloatArray]:
        """Values of the axis that runs across and of the one that runs up."""
        across, up = (np.geomspace(bound.axis.low, bound.axis.high, self.points) for bound in self.fields.bound)
        return across, up

    @cached_property
    def nodes(self) -> list[float]:
        """Nodes of the axis that changes curves or limits: evenly, and once more where leaders change; 1 if there is none."""
        if self.fields.shaping is None:
            return [1.0]
        axis = self.fields.shaping.axis
        nodes: list[float] = np.geomspace(axis.low, axis.high, NODES).tolist()
        for _ in range(ROUNDS):
            changes = [
                (left * right) ** 0.5
                for left, right in pairwise(nodes)
                if self._signature(left) != self._signature(right)
            ]
            nodes = sorted([*nodes, *changes[: MOST_NODES - len(nodes)]])
        return nodes

    def _signature(self, node: float) -> list[tuple[str, ...]]:
        """Return the cheapest contender at each coarse point of a node, if there is one."""
        return [tuple(one.contender for one in found[:1]) for found in self._standings(node)]

    def _standings(self, node: float) -> list[list[Standing]]:
        """Return the cheapest entry of each contender that is not far dearer at each coarse point of a node, cheapest first."""
        if node not in self._known:
            self._known[node] = [
                list(stalls.leading(rate_rps, reach_share=REACH_SHARE).values())
                for stalls, rate_rps in self.fields.coarse(
                    node, COARSE if self.fields.shaping else COARSE_ALONE, prices_count=COARSE
                )
            ]
        return self._known[node]

    @cached_property
    def entries(self) -> Mapping[Name, Entry]:
        """Entries that are the cheapest of a contender that matters at some coarse point."""
        found: dict[Name, Entry] = {}
        for i, node in enumerate(self.nodes):
            for standing in chain.from_iterable(self._standings(node)):
                name = (standing.lot.key, str(standing.shelf.basis))
                found.setdefault(name, Entry(standing, set())).at.update({i - 1, i, i + 1})
        return found

    @cached_property
    def needed(self) -> Mapping[LotKey, FloatArray]:
        """Replicas that each lot needs at each point, infinite where it cannot do it or is not looked at."""
        capacities, most_rps = Capacities({}), float(self._rates_rps.max())
        at: dict[LotKey, set[int]] = {}
        for (key, _), entry in self.entries.items():
            at.setdefault(key, set()).update(entry.at)
        tables = {key: np.full((len(self.nodes), FLEETS.size), np.nan) for key in at}
        for i, node in enumerate(self.nodes):
            lots = {lot.key: lot for lot in self.fields.stalls(node).lots}
            for key, table in tables.items():
                if i in at[key]:
                    lot = lots.get(key)
                    table[i] = capacities.per_replica(lot, most_rps=most_rps) if lot else -np.inf
        return {key: self._replicas(table) for key, table in tables.items()}

    @cached_property
    def _rates_rps(self) -> FloatArray:
        """Rate to size for at each point."""
        across, up = self.values
        return self.fields.rates_rps(across[None, :] + 0.0 * up[:, None], up[:, None] + 0.0 * across[None, :])

    def _replicas(self, table: FloatArray) -> FloatArray:
        """Return the replicas of a lot at each point, given its capacities at the nodes; ``(up, across)``."""
        shaping, rates_rps = self.fields.shaping, self._rates_rps
        if shaping is None:
            return whole_replicas(table[0], rates_rps)
        along = self.fields.bound.index(shaping)
        lines = rates_rps.T if along == 0 else rates_rps
        found = [
            whole_replicas(_between(table, self.nodes, value), line)
            for value, line in zip(self.values[along].tolist(), lines, strict=True)
        ]
        return np.array(found).T if along == 0 else np.array(found)

    @cached_property
    def usd(self) -> Mapping[Name, FloatArray]:
        """Price per hour of each entry at each point."""
        across, up = self.values
        return {
            name: self.fields.prices(entry.standing, self.needed[name[0]], across[None, :], up[:, None])
            for name, entry in self.entries.items()
        }


def _between(table: FloatArray, nodes: Sequence[float], value: float) -> FloatArray:
    """Return log capacities between two nodes, linear in logarithms; -inf where a lot cannot do it or is not looked at.

    Where it can at one of the two nodes alone, it is taken to be able up to the middle, with the trend from the node before.
    """
    right = min(max(int(np.searchsorted(nodes, value)), 1), len(nodes) - 1)
    share = float(np.log(value / nodes[right - 1]) / np.log(nodes[right] / nodes[right - 1]))
    low, high = table[right - 1], table[right]
    with np.errstate(invalid="ignore"):
        between = np.where(share >= 1.0, high, np.where(share <= 0.0, low, (1.0 - share) * low + share * high))
        if right > 1 and share < HALF:
            trend = low + share * np.minimum(low - table[right - 2], 0.0)
            between = np.where(np.isneginf(high) & np.isfinite(trend), trend, between)
        if right < len(nodes) - 1 and share > HALF:
            trend = high + (1.0 - share) * np.minimum(high - table[right + 1], 0.0)
            between = np.where(np.isneginf(low) & np.isfinite(trend), trend, between)
    return np.asarray(np.where(np.isnan(between), -np.inf, between), dtype=np.float64)


HALF = 0.5
CENT = Decimal("0.01")


def _asked_leader(grid: Map, leaders: Sequence[Sequence[str | None]]) -> str | None:
    """Return who is cheapest at the point of the map that is nearest to the one asked about."""
    places = []
    for bound, values in zip(grid.fields.bound, grid.values, strict=True):
        asked = bound.axis.asked_value
        if asked is None or not bound.axis.low <= asked <= bound.axis.high:
            return None
        places.append(int(np.abs(np.log(values / asked)).argmin()))
    return leaders[places[1]][places[0]]


def _cents(usd: float) -> Decimal | None:
    return Decimal(repr(float(usd))).quantize(CENT) if np.isfinite(usd) else None


def _answer(grid: Map, market: Market) -> CrossoverMap:
    question, bound = market.question, grid.fields.bound
    standings = {name: entry.standing for name, entry in grid.entries.items()}
    found = judged(standings, grid.usd, market)
    plans = [plan_of(one, asked_for(one, question)) for one in standings.values() if one.contender in found.shares]
    points = [Points(one, market, grid.fields.shipped) for one in bound]
    cautions = [caution for one in points for caution in warnings_of(one, plans)]
    return CrossoverMap(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        question=question,
        across=bound[0].axis,
        up=bound[1].axis,
        across_values=tuple(grid.values[0].tolist()),
        up_values=tuple(grid.values[1].tolist()),
        cells=tuple(
            Cell(
                column=i,
                row=j,
                leader=found.leaders[j][i],
                too_close=bool(found.too_close[j, i]),
                usd_per_hour=_cents(found.usd[j, i]),
                other_usd_per_hour=_cents(found.other_usd[j, i]),
            )
            for j in range(grid.points)
            for i in range(grid.points)
        ),
        asked_leader=_asked_leader(grid, found.leaders),
        shares=found.shares,
        too_close_share=float(np.mean(found.too_close)),
        basis=weakest_basis(plans),
        warnings=tuple({(c.code, c.message): c for c in cautions}.values()),
        sources=sources_behind(plans),
    )
