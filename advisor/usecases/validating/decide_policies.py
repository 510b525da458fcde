"""Rules by which cells are measured one after another, and what each of them has come to after every measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.cost import HOURS_PER_MONTH
from advisor.domain.next_measurement import USUAL_HORIZON_MONTHS
from advisor.usecases.validating.decide_worlds import Standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.usecases.validating.decide_worlds import World

    FloatArray = NDArray[np.float64]

HORIZON_HOURS = USUAL_HORIZON_MONTHS * HOURS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a rule stands after some measurements: regrets per hour, and how the intervals of all plans did.

    `measured_usd` is what the measurements cost. `places` holds where the truth lies among the draws, 0 to 1, for price and replicas of each plan, ``(2, options)``, and
    `within` whether it lies within the interval of 90 % or on an end of it.
    """

    announced_usd: float
    realized_usd: float
    best_usd: float
    measured_usd: float
    places: FloatArray
    within: FloatArray


@dataclass(frozen=True, slots=True)
class Course:
    """What a rule came to in one world: before the first measurement, and after each of them until it ends."""

    moments: tuple[Moment, ...]

    @property
    def measurements(self) -> int:
        """Cells that were measured."""
        return len(self.moments) - 1

    def after(self, measurements: int) -> Moment:
        """Return where it stood after so many measurements, or at its end."""
        return self.moments[min(measurements, self.measurements)]


Pick = Callable[[Standing, list[int], np.random.Generator], int]
"""Names the cell to measure next among those that are open."""


def ours(standing: Standing, left: list[int], rng: np.random.Generator) -> int:
    """Return the likeliest rival or the chosen plan, as `advisor next` does; else what is worth most."""
    cells = {standing.world.arena.option_of(cell): cell for cell in left}
    named = standing.ahead.next_option(standing.chosen, list(cells))
    return cells[named] if named is not None else worth_most(standing, left, rng)


def worth_most(standing: Standing, left: list[int], rng: np.random.Generator) -> int:
    """Return what is worth most by one step of looking ahead."""
    del rng
    cells = {standing.world.arena.option_of(cell): cell for cell in left}
    return cells[standing.ahead.prospects(list(cells))[0].option]


def largest_spread(standing: Standing, left: list[int], rng: np.random.Generator) -> int:
    """Return the cell whose speed is known least."""
    del rng
    return max(left, key=lambda cell: standing.ahead.log_sd(standing.world.arena.option_of(cell)))


def at_random(standing: Standing, left: list[int], rng: np.random.Generator) -> int:
    """Return any cell."""
    del standing
    return int(rng.choice(left))


POLICIES: Mapping[str, Pick] = {
    "ours": ours,
    "worth most": worth_most,
    "largest spread": largest_spread,
    "random": at_random,
}
OURS, GRID_IN_ANY_ORDER = "ours", "random"
LOOKING_AHEAD = frozenset({"ours", "worth most"})
"""Rules that know when to stop; whatever does not ends with the full grid."""


def course_of(world: World, policy: str, *, draws: int, seed: int) -> Course:
    """Return what a rule comes to in a world. Draws depend on the number of measurements alone, not on the rule.

    A rule that looks ahead ends where nothing is worth its cost, any other one when all is measured.
    """
    pick, rng = POLICIES[policy], np.random.default_rng([seed, 1])
    left: list[int] = list(range(len(world.arena.cells)))
    measured: list[int] = []
    moments: list[Moment] = []
    while True:
        standing = Standing.of(world, measured, draws=draws, rng=np.random.default_rng([seed, 2, len(measured)]))
        moments.append(_moment(standing, measured, rng))
        if not left or (policy in LOOKING_AHEAD and not pays(standing, left)):
            return Course(tuple(moments))
        cell = pick(standing, left, rng)
        left.remove(cell)
        measured.append(cell)


def pays(standing: Standing, left: list[int]) -> bool:
    """Return whether measuring any of some cells is worth its cost over the usual horizon."""
    arena = standing.world.arena
    options = {arena.option_of(cell): cell for cell in left}
    now = standing.ahead.regret_now()
    saved = {options[p.option]: now - p.regret_after for p in standing.ahead.prospects(list(options))}
    return any(usd * HORIZON_HOURS > arena.usd_per_cell[cell] for cell, usd in saved.items())


def _moment(standing: Standing, measured: list[int], rng: np.random.Generator) -> Moment:
    world = standing.world
    paid_usd = float(world.arena.usd_per_cell[measured].sum())
    drawn = world.arena.at(world.arena.replicas, standing.log_factors)
    pairs = ((standing.stakes.costs, world.usd), (drawn, world.replicas))
    places = [_place(figures, truth, rng) for figures, truth in pairs]
    within = [_within(figures, truth) for figures, truth in pairs]
    return Moment(
        announced_usd=standing.announced_usd,
        realized_usd=standing.realized_usd,
        best_usd=float(world.usd.min()),
        measured_usd=paid_usd,
        places=np.array(places),
        within=np.array(within),
    )


def before_any(world: World, *, draws: int, seed: int) -> Moment:
    """Return where every rule stands before the first measurement."""
    standing = Standing.of(world, (), draws=draws, rng=np.random.default_rng([seed, 2, 0]))
    return _moment(standing, [], np.random.default_rng([seed, 1]))


def _place(drawn: FloatArray, truth: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the share of draws below the truth of each option; those equal to it count at random, so that all are alike.

    References
    ----------
    Czado, Gneiting and Held, Predictive model assessment for count data, Biometrics 65, 2009, section 2 (randomized PIT).
    """
    below = (drawn < truth[:, None]).mean(axis=1)
    equal = (drawn == truth[:, None]).mean(axis=1)
    return np.asarray(below + rng.random(truth.size) * equal, dtype=np.float64)


def _within(drawn: FloatArray, truth: FloatArray) -> FloatArray:
    """Return 1 where the truth lies within the interval that holds 90 % of draws, as it is shown, else 0."""
    low, high = np.quantile(drawn, (0.05, 0.95), axis=1, method="inverted_cdf")
    return np.asarray((low <= truth) & (truth <= high), dtype=np.float64)
