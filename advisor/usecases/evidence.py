"""From measured and published rows to corrections of the model, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.basis import Basis
from advisor.evidence import Anchor, Cell, believe
from advisor.usecases.grounds import Grounds, Lengths, Run, ground, level_of, mix, near
from advisor.usecases.rows import RowGroup, group_rows, log_ratios

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from advisor.domain.deployment import Deployment
    from advisor.domain.measurement import Measurement
    from advisor.physics.constants import Constants
    from advisor.usecases.shipped import Shipped

    FloatArray = NDArray[np.float64]

UNBELIEVABLE = float(np.log(3.0))
"""A row that is further than a factor of three from the model is left out: a unit or a digit is wrong more likely."""


class Evidence:
    """All runs, ready to correct any deployment of the engine version in question."""

    def __init__(self, shipped: Shipped) -> None:
        rows = [row for row in shipped.measurements if row.basis is not Basis.SIMULATED]
        groups = group_rows(rows, models=shipped.models, gpus=shipped.gpus, engine=shipped.engine)
        runs = [run for group in groups for run in _runs(group, constants=shipped.constants)]
        self.ignored = [row for run in runs for row in _unbelievable(run)]
        used = {row.id for run in runs for row in run.rows}
        self.unused = [row for row in rows if row.basis is Basis.MEASURED and row.id not in used]
        self.vendors = {shipped.gpus[row.gpu].vendor for run in runs for row in run.rows}
        kept = [run.take([abs(r) <= UNBELIEVABLE for r in run.log_ratios.tolist()]) for run in runs]
        self.runs = [run for run in kept if run is not None]
        self._anchors = [anchor for run in self.runs for anchor in _anchors(run, version=shipped.engine.version)]
        self._by_cell: dict[Cell, list[Run]] = defaultdict(list)
        for run in self.runs:
            self._by_cell[run.cell].append(run)

    def grounds(
        self, deployments: Sequence[Deployment], *, grid: FloatArray, cycles_s: FloatArray, lengths: Lengths
    ) -> list[Grounds]:
        """Return what the evidence says about each deployment.

        `grid` holds requests in service, `cycles_s` what the model says a request takes with that many in service;
        shape (deployments, grid).
        """
        cells = [cell_of(deployment) for deployment in deployments]
        single = believe(cells, self._anchors)
        batched = believe([cell.in_regime(batched=True) for cell in cells], self._anchors)
        mixed = mix(single, batched, grid=grid)
        factors, log_sds = np.exp(mixed.log_factors), np.sqrt(mixed.variances)
        return [
            ground(
                strongest(self._by_cell[cell]),
                log_factors=mixed.log_factors[i],
                variances=mixed.variances[i],
                grid=grid,
                cycle_s=cycles_s[i],
                lengths=lengths,
            )
            if cell in self._by_cell
            else Grounds(grid, factors[i], log_sds[i], lengths, ())
            for i, cell in enumerate(cells)
        ]


def cell_of(deployment: Deployment) -> Cell:
    """Return the cell a deployment belongs to."""
    return Cell(deployment.contender, deployment.checkpoint.name, deployment.gpu.name, deployment.tensor_parallel)


def strongest(runs: Iterable[Run]) -> list[Run]:
    """Return the user's own runs, and of the others the levels that no own row is near."""
    listed = list(runs)
    own = {level_of(row) for run in listed if run.basis is Basis.MEASURED for row in run.rows}
    kept = [
        run if run.basis is Basis.MEASURED else run.take([not near(level_of(row), own) for row in run.rows])
        for run in listed
    ]
    return [run for run in kept if run is not None]


def _unbelievable(run: Run) -> Iterator[Measurement]:
    return (row for row, ratio in zip(run.rows, run.log_ratios.tolist(), strict=True) if abs(ratio) > UNBELIEVABLE)


def _anchors(run: Run, *, version: str) -> Iterator[Anchor]:
    """Yield what a run says about one stream, and what about many at once."""
    for batched in (False, True):
        part = run.take([(level > 1) is batched for level in run.levels.tolist()])
        if part is not None:
            same = all(row.engine_version == version for row in part.rows)
            cell = run.cell.in_regime(batched=batched)
            yield Anchor(cell, run.basis, tuple(part.log_ratios.tolist()), same, part.rows[0].source_url)


def _runs(group: RowGroup, *, constants: Constants) -> list[Run]:
    faster = -log_ratios(group, constants=constants)
    members: dict[tuple[Cell, str], list[int]] = defaultdict(list)
    for i, (row, deployment) in enumerate(zip(group.rows, group.deployments, strict=True)):
        members[cell_of(deployment), f"{row.set_name}/{row.basis}/{row.engine_version}"].append(i)
    return [Run(cell, tuple(group.rows[i] for i in indices), faster[indices]) for (cell, _), indices in members.items()]
