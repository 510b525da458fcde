"""From measured and published rows to corrections of the model, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.answer import CitedSource
from advisor.domain.basis import Basis
from advisor.domain.measurement import MeasuredMetric, Measurement
from advisor.evidence import Anchor, Belief, Cell, believe, fit_curve
from advisor.evidence.curve import LEVELS_NEEDED
from advisor.usecases.rows import RowGroup, group_rows, predict_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.domain.deployment import Deployment
    from advisor.physics.constants import Constants
    from advisor.usecases.shipped import Shipped

    FloatArray = NDArray[np.float64]

SIMILAR_LENGTHS = 2.0
"""Rows speak for a workload itself, not only for the speed of the cell, if lengths differ by at most this factor."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of one source in one cell: levels, and how much faster than the model each was."""

    cell: Cell
    rows: tuple[Measurement, ...]
    log_ratios: FloatArray

    @property
    def basis(self) -> Basis:
        """How the rows are known."""
        return self.rows[0].basis

    @property
    def levels(self) -> FloatArray:
        """Requests in service of each row."""
        return np.array([min(r.concurrency, r.slots) for r in self.rows], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a curve rests on: factors on the modeled speed, spread that is left, rows of its own cell."""

    factors: FloatArray
    log_sd: float
    own_runs: tuple[Run, ...]

    @property
    def measured_up_to(self) -> float:
        """Most requests in service at which this cell was ever observed; 0 if never."""
        return max((float(run.levels.max()) for run in self.own_runs), default=0.0)

    @property
    def points(self) -> int:
        """Rows of this very cell."""
        return sum(len(run.rows) for run in self.own_runs)

    def basis_at(self, in_service: float, *, input_tokens: float, output_tokens: float, version: str) -> Basis:
        """Return how the speed at a load is known.

        It is measured or published where rows of this cell reach that load on lengths like these; another engine
        version keeps a published row published (the spread covers it) and makes an own row no stronger than that.
        """
        speaking = [r for run in self.own_runs for r in run.rows if _similar(r, input_tokens, output_tokens)]
        if not speaking or max(min(r.concurrency, r.slots) for r in speaking) < in_service:
            return Basis.MODELED
        measured = any(r.basis is Basis.MEASURED and r.engine_version == version for r in speaking)
        return Basis.MEASURED if measured else Basis.PUBLISHED

    def sources(self) -> tuple[CitedSource, ...]:
        """Return where the rows of this cell come from, one entry per page."""
        newest = {row.source_url: row for run in self.own_runs for row in run.rows}
        return tuple(
            CitedSource(kind="measurement", title=f"{row.set_name}: {row.model} on {row.gpu}", url=url, date=row.date)
            for url, row in newest.items()
        )


def _similar(row: Measurement, input_tokens: float, output_tokens: float) -> bool:
    ratios = (row.input_tokens / input_tokens, row.output_tokens / output_tokens)
    return all(1.0 / SIMILAR_LENGTHS <= ratio <= SIMILAR_LENGTHS for ratio in ratios)


class Evidence:
    """All runs, ready to correct any deployment of the engine version in question."""

    def __init__(self, shipped: Shipped) -> None:
        rows = [row for row in shipped.measurements if row.basis is not Basis.SIMULATED]
        groups = group_rows(rows, models=shipped.models, gpus=shipped.gpus, engine=shipped.engine)
        self.runs = [run for group in groups for run in _runs(group, constants=shipped.constants)]
        self._version = shipped.engine.version
        self._anchors = [self._anchor(run) for run in self.runs]
        self._by_cell: dict[Cell, list[Run]] = defaultdict(list)
        for run in self.runs:
            self._by_cell[run.cell].append(run)

    def grounds(self, deployments: Sequence[Deployment], *, grid: FloatArray, cycles_s: FloatArray) -> list[Grounds]:
        """Return what the evidence says about each deployment.

        `grid` holds requests in service, `cycles_s` what the model says a request takes with that many in service;
        shape (deployments, grid).
        """
        cells = [cell_of(deployment) for deployment in deployments]
        beliefs = believe(cells, self._anchors)
        return [
            self._ground(cell, belief, grid, cycle_s)
            for cell, belief, cycle_s in zip(cells, beliefs, cycles_s, strict=True)
        ]

    def _anchor(self, run: Run) -> Anchor:
        same = all(row.engine_version == self._version for row in run.rows)
        return Anchor(run.cell, run.basis, tuple(run.log_ratios.tolist()), same, run.rows[0].source_url)

    def _ground(self, cell: Cell, belief: Belief, grid: FloatArray, cycle_s: FloatArray) -> Grounds:
        runs = _strongest(self._by_cell.get(cell, []))
        factors = own_factors(runs, grid=grid, cycle_s=cycle_s)
        if factors is None:
            factors = np.full(len(grid), belief.factor)
        return Grounds(factors, belief.log_sd, tuple(runs))


def own_factors(runs: Sequence[Run], *, grid: FloatArray, cycle_s: FloatArray) -> FloatArray | None:
    """Return the factor on the modeled speed that the rows of a cell show at each number in service.

    Each row says what a request of the workload would take at its level: the model's time, corrected by how far the
    model was off for that row. Through three levels or more goes the curve c/X = a + b c + d sqrt(c), between two the
    factor is interpolated over log c; outside the observed levels it stays constant. One level alone says too little
    about the others: None.
    """
    if not runs:
        return None
    levels = np.concatenate([run.levels for run in runs])
    log_ratios = np.concatenate([run.log_ratios for run in runs])
    distinct = sorted(set(levels.tolist()))
    if len(distinct) < 2:
        return None
    within = np.clip(grid, distinct[0], distinct[-1])
    if len(distinct) < LEVELS_NEEDED:
        means = [float(log_ratios[levels == level].mean()) for level in distinct]
        return np.asarray(np.exp(np.interp(np.log(within), np.log(distinct), means)), dtype=np.float64)
    shown_s = np.interp(levels, grid, cycle_s) / np.exp(log_ratios)
    curve = fit_curve(levels, levels / shown_s)
    return np.asarray(np.interp(within, grid, cycle_s) / curve.cycle_s(within), dtype=np.float64)


def cell_of(deployment: Deployment) -> Cell:
    """Return the cell a deployment belongs to."""
    return Cell(deployment.contender, deployment.checkpoint.name, deployment.gpu.name, deployment.tensor_parallel)


def _strongest(runs: Iterable[Run]) -> list[Run]:
    listed = list(runs)
    own = [run for run in listed if run.basis is Basis.MEASURED]
    return own or listed


def _runs(group: RowGroup, *, constants: Constants) -> list[Run]:
    predicted = predict_group(group, constants=constants)
    members: dict[tuple[Cell, str], list[int]] = defaultdict(list)
    for i, (row, deployment) in enumerate(zip(group.rows, group.deployments, strict=True)):
        members[cell_of(deployment), f"{row.set_name}/{row.basis}/{row.engine_version}"].append(i)
    return [_run(cell, group, indices, predicted) for (cell, _), indices in members.items()]


def _run(cell: Cell, group: RowGroup, indices: Sequence[int], predicted: FloatArray) -> Run:
    rows = tuple(group.rows[i] for i in indices)
    measured = np.array([row.value for row in rows])
    sign = np.array([-1.0 if row.metric is MeasuredMetric.BATCH_WALL_S else 1.0 for row in rows])
    return Run(cell, rows, sign * np.log(measured / predicted[list(indices)]))
