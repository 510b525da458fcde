"""A world in which every true speed is known, what is believed in it after some measurements, and what a choice then costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.basis import Basis
from advisor.evidence import Anchor, Belief, Place, believe, draw_log_speeds
from advisor.evidence.anchors import RUN_LOG_SD
from advisor.planning.next_choice import Lookahead
from advisor.planning.stakes import Stakes
from advisor.usecases.needing import KNOWN_SHARE
from advisor.usecases.serving import secure_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.usecases.validating.decide_arenas import Arena
    from advisor.usecases.validating.decide_truths import TruthLaw

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class World:
    """Invented truth: log speeds of all cells, what the published runs said, and what a measurement of each will show.

    `truth` and `shown` are ``(cells, 2)``: with one stream, with many.
    """

    arena: Arena
    truth: FloatArray
    shown: FloatArray
    published: tuple[Anchor, ...]

    @classmethod
    def of(cls, arena: Arena, law: TruthLaw, rng: np.random.Generator) -> World:
        """Return a world of a law. A published run of another engine version shows another speed than that in question."""
        seen = [anchor.cell.in_regime(batched=False) for anchor in arena.published]
        everywhere = list(dict.fromkeys((*arena.cells, *seen)))
        anyhow = law.draw(rng, everywhere)
        now = anyhow + law.versions(rng, len(everywhere))
        before = anyhow + law.versions(rng, len(everywhere))
        published = [
            _said(
                anchor, (now if anchor.same_version else before)[everywhere.index(cell), int(anchor.cell.batched)], rng
            )
            for anchor, cell in zip(arena.published, seen, strict=True)
        ]
        truth = now[: len(arena.cells)]
        return cls(arena, truth, truth + RUN_LOG_SD * rng.standard_normal(truth.shape), tuple(published))

    @cached_property
    def speeds(self) -> FloatArray:
        """True log speed of each option at its load, ``(options,)``."""
        return _at_load(self.arena, self.truth[:, 0], self.truth[:, 1])

    @cached_property
    def usd(self) -> FloatArray:
        """What each option costs per hour in truth, ``(options,)``; infinite where it cannot do."""
        return self.arena.at(self.arena.usd, self.speeds)

    @cached_property
    def replicas(self) -> FloatArray:
        """How many replicas each option needs in truth, ``(options,)``."""
        return self.arena.at(self.arena.replicas, self.speeds)

    def anchors_of(self, cell: int) -> tuple[Anchor, Anchor]:
        """Return what measuring a cell shows, with one stream and with many."""
        where = self.arena.cells[cell]
        first, second = (
            Anchor(where.in_regime(batched=batched), Basis.MEASURED, (float(self.shown[cell, int(batched)]),), True, "")
            for batched in (False, True)
        )
        return first, second


def _said(anchor: Anchor, truth: float, rng: np.random.Generator) -> Anchor:
    """Return a published run that says something else: the truth with its own scatter."""
    scatter = np.sqrt(max(anchor.variance - anchor.doubt, 0.0))
    shift = truth + scatter * rng.standard_normal() - anchor.log_ratio
    return replace(anchor, log_ratios=tuple(ratio + shift for ratio in anchor.log_ratios))


def _at_load(arena: Arena, single: FloatArray, batched: FloatArray) -> FloatArray:
    """Return a figure of cells, with one stream and with many, for each option at its load."""
    share = arena.batched_shares
    return np.asarray((1.0 - share) * single[arena.cell_of] + share * batched[arena.cell_of], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Standing:
    """What is believed in a world once some cells are measured: draws of all log speeds, and the plan that is chosen."""

    world: World
    log_factors: FloatArray
    planned: FloatArray

    @classmethod
    def of(cls, world: World, measured: Iterable[int], *, draws: int, rng: np.random.Generator) -> Standing:
        """Return what the evidence code makes of the published runs and of measurements of some cells."""
        arena = world.arena
        anchors = [*world.published, *(anchor for cell in measured for anchor in world.anchors_of(cell))]
        single, batched = (
            believe([cell.in_regime(batched=regime) for cell in arena.cells], anchors) for regime in (False, True)
        )
        middle = _at_load(arena, _log_factors(single), _log_factors(batched))
        log_sd = np.sqrt(_at_load(arena, _variances(single), _variances(batched)))
        places = [
            Place(arena.cells[cell], float(share), float(sd))
            for cell, share, sd in zip(arena.cell_of, arena.batched_shares, log_sd, strict=True)
        ]
        drawn = middle[:, None] + draw_log_speeds(places, anchors, draws=draws, seed=int(rng.integers(2**32)))
        return cls(world, drawn, _planned_usd(arena, middle, log_sd))

    @cached_property
    def stakes(self) -> Stakes:
        """Prices per hour in each draw."""
        return Stakes(self.world.arena.at(self.world.arena.usd, self.log_factors), self.planned)

    @property
    def chosen(self) -> int:
        """The option with the least price as planned, which is what `recommend` chooses."""
        return int(self.planned.argmin())

    @property
    def announced_usd(self) -> float:
        """Expected regret of the chosen option per hour."""
        return self.stakes.regret(self.chosen)

    @property
    def realized_usd(self) -> float:
        """Regret of the chosen option per hour in truth."""
        return float(Stakes(self.world.usd[:, None], self.planned).regret(self.chosen))

    @cached_property
    def ahead(self) -> Lookahead:
        """The same, ready to look ahead."""
        return Lookahead(self.stakes, self.log_factors, RUN_LOG_SD)


def _log_factors(beliefs: Sequence[Belief]) -> FloatArray:
    return np.log([belief.factor for belief in beliefs])


def _variances(beliefs: Sequence[Belief]) -> FloatArray:
    return np.square([belief.log_sd for belief in beliefs])


def _planned_usd(arena: Arena, middle: FloatArray, log_sd: FloatArray) -> FloatArray:
    """Return the price that each option is planned with: it keeps the objectives, and is stable at the low end of its speed."""
    guard = np.log([secure_share(sd) / KNOWN_SHARE for sd in log_sd.tolist()])
    needed = arena.at(arena.usd, middle)
    return np.maximum(needed, arena.at(arena.stable_usd, middle + guard))
