"""Questions whose plans are sized beforehand for any speed, so that many worlds can be gone through quickly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from advisor import catalog
from advisor.domain.campaign import ServerKind
from advisor.domain.question import Question
from advisor.usecases.grounding.evidence import cell_of
from advisor.usecases.grounding.grounds import batched_share
from advisor.usecases.market import Market
from advisor.usecases.measuring_next.cells import Measurable
from advisor.usecases.measuring_next.measurement import drawn_together
from advisor.usecases.needing import KNOWN_SHARE, Sizing, needs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.evidence import Anchor, Cell
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.plans import Plan

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

REACH = 0.9
"""Log speeds on either side of the estimate for which plans are sized: about four standard deviations."""
STEP = 0.005
GRID = np.arange(-REACH, REACH + STEP / 2.0, STEP)
"""They lie a tenth of the error of a measurement apart."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question by its workload, its rate, and the GPU types that it allows; none named means all."""

    workload: str
    qps: float
    gpus: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The question in words."""
        return f"{self.qps:g} qps of {self.workload}"


@dataclass(frozen=True, eq=False)
class Arena:
    """The plans of one question, sized for any speed. Options are plans, cells are what can be measured.

    Attributes
    ----------
    name
        The question.
    cells
        What can be measured.
    cell_of
        Cell of each option, ``(options,)``.
    batched_shares
        How far the load of each option is batched, ``(options,)``.
    replicas, usd
        Replicas that each option needs and their price per hour by log speed on `GRID`, ``(options, grid)``; infinite
        where it cannot do.
    stable_usd
        Price per hour of the fleet that is just stable, ``(options, grid)``.
    published
        Cells and spreads of the published runs; what they say is invented anew in each world.
    usd_per_cell
        What measuring each cell costs, ``(cells,)``.
    """

    name: str
    cells: tuple[Cell, ...]
    cell_of: IntArray
    batched_shares: FloatArray
    replicas: FloatArray
    usd: FloatArray
    stable_usd: FloatArray
    published: tuple[Anchor, ...]
    usd_per_cell: FloatArray

    def at(self, table: FloatArray, log_factors: FloatArray) -> FloatArray:
        """Return a figure of each option at its log speeds, ``(options,)`` or ``(options, draws)``."""
        columns = np.clip(np.rint((log_factors + REACH) / STEP).astype(np.intp), 0, GRID.size - 1)
        rows = np.arange(table.shape[0]).reshape(-1, *[1] * (columns.ndim - 1))
        return np.asarray(table[rows, columns], dtype=np.float64)

    def option_of(self, cell: int) -> int:
        """Return the first option of a cell, which stands for it."""
        return int(np.flatnonzero(self.cell_of == cell)[0])


def arena_of(asked: Asked, shipped: Shipped) -> Arena:
    """Return the plans that `recommend` weighs for a question, without simulating any."""
    question = _question(asked, shipped)
    market = Market.of(question, shipped)
    outlooks = drawn_together(market, market.plans())
    plans = _each_once(outlooks.plans)
    cells = list(dict.fromkeys(cell_of(plan.deployment) for plan in plans))
    tables = [_sized(plan) for plan in plans]
    firsts = [next(plan for plan in plans if cell_of(plan.deployment) == cell) for cell in cells]
    startup_s = market.operations.startup_s
    costs = [float(Measurable(0, plan, shipped, startup_s, ServerKind.VLLM).cost_usd) for plan in firsts]
    return Arena(
        name=asked.name,
        cells=tuple(cells),
        cell_of=np.array([cells.index(cell_of(plan.deployment)) for plan in plans], dtype=np.intp),
        batched_shares=batched_share(np.array([plan.load.in_service for plan in plans])),
        replicas=np.array([table[0] for table in tables]),
        usd=np.array([table[1] for table in tables]),
        stable_usd=np.array([table[2] for table in tables]),
        published=market.evidence.anchors,
        usd_per_cell=np.array(costs),
    )


def _question(asked: Asked, shipped: Shipped) -> Question:
    """Return the question on the day of the newest price: the answer is the same on any day."""
    workload = catalog.read_workload(shipped.root, asked.workload)
    newest = max((offer.as_of for offer in catalog.read_offers(shipped.root)), default=date.min)
    return Question(
        qps=asked.qps, workload=workload, slo=workload.objectives, gpus=asked.gpus, simulate=False, today=newest
    )


def _each_once(plans: Sequence[Plan]) -> list[Plan]:
    """Return the first plan of each deployment with its slots."""
    found = {(cell_of(plan.deployment), plan.serving.slots): plan for plan in reversed(plans)}
    return [plan for plan in plans if found[cell_of(plan.deployment), plan.serving.slots] is plan]


def _sized(plan: Plan) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return replicas, their price, and the price of a fleet that is just stable, each on `GRID`."""
    replicas = needs_of(Sizing.of(plan), GRID).at(GRID)
    saturation_rps = KNOWN_SHARE * plan.serving.station.saturation_rps * np.exp(GRID)
    stable = np.maximum(np.ceil(plan.rate_rps / saturation_rps), 1.0)
    prices = {
        k: plan.resized(int(k), spares=plan.spares).usd
        for k in {*replicas.tolist(), *stable.tolist()}
        if np.isfinite(k)
    }
    priced = [np.array([prices.get(k, np.inf) for k in sizes.tolist()]) for sizes in (replicas, stable)]
    return replicas, priced[0], priced[1]
