"""From measured and published rows to corrections of the model, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.basis import Basis
from advisor.domain.measurement import OwnMeasurement
from advisor.evidence import Anchor, Belief, Cell, Place, believe, draw_log_speeds
from advisor.evidence.anchors import RUN_LOG_SD, STALE_DAYS
from advisor.usecases.grounding.grounds import Grounds, Lengths, Run, ground, level_of, mix, near
from advisor.usecases.grounding.own_runs import PROFILER
from advisor.usecases.grounding.own_steps import OwnSteps, steps_shown
from advisor.usecases.grounding.recognizing import Known, checkpoint_of, model_of
from advisor.usecases.grounding.rows import RowGroup, group_rows, log_ratios

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from advisor.domain.deployment import Deployment
    from advisor.domain.measurement import Measurement
    from advisor.domain.model import Content, ModelSpec
    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.grounding.shipped import Shipped

    FloatArray = NDArray[np.float64]

UNBELIEVABLE = float(np.log(3.0))
"""A row that is further than a factor of three from the model is left out: a unit or a digit is wrong more likely."""

AGREEING = float(np.log(2.0))
"""Levels of one campaign that are that far off and within this of each other are no slip of a digit (assumed)."""


class Evidence:
    """All runs, ready to correct any deployment of the engine version in question. `today` decides which are stale."""

    def __init__(self, shipped: Shipped, *, today: date | None = None) -> None:
        self._shipped = shipped
        self._today = today or datetime.now(UTC).date()
        self.own = shipped.own
        rows = shipped.measurements
        groups = group_rows(rows, models=shipped.models, gpus=shipped.gpus, engine=shipped.engine)
        runs = [run for group in groups for run in self._runs(group)]
        self.ignored = [row for run in runs for row in _unbelievable(run)]
        used = {row.id for run in runs for row in run.rows}
        self.unused = [row for row in rows if row.basis is not Basis.PUBLISHED and row.id not in used]
        self.vendors = {
            shipped.gpus[row.gpu].vendor for run in runs for row in run.rows if row.basis is not Basis.SIMULATED
        }
        kept = [run.take([run.far or abs(r) <= UNBELIEVABLE for r in run.log_ratios.tolist()]) for run in runs]
        self.runs = [run for run in kept if run is not None]
        self._by_cell: dict[Cell, list[Run]] = defaultdict(list)
        for run in self.runs:
            self._by_cell[run.cell].append(run)
        self._apart = {cell: found for cell, runs in self._by_cell.items() if (found := apart(runs))}
        alone = {id(run) for found in self._apart.values() for run in found}
        spreading = (run for run in self.runs if run.basis is not Basis.SIMULATED and id(run) not in alone)
        self._anchors = [anchor for run in spreading for anchor in _anchors(run)]
        self._first_texts = _by_cell(shipped)

    def grounds(
        self, deployments: Sequence[Deployment], *, grid: FloatArray, cycles_s: FloatArray, lengths: Lengths
    ) -> list[Grounds]:
        """Return what the evidence says about each deployment.

        `grid` holds requests in service, `cycles_s` what the model says a request takes with that many in service;
        shape (deployments, grid).
        """
        cells = [cell_of(deployment) for deployment in deployments]
        single, batched = (self._believe(cells, batched=batched) for batched in (False, True))
        mixed = mix(single, batched, grid=grid)
        factors, log_sds = np.exp(mixed.log_factors), np.sqrt(mixed.variances)
        return [
            ground(
                self.speaking(cell, lengths),
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

    def _believe(self, cells: Sequence[Cell], *, batched: bool) -> list[Belief]:
        """Return the belief about each cell: by all anchors, or by its own alone where those stand apart."""
        shared = believe([cell.in_regime(batched=batched) for cell in cells], self._anchors)
        return [
            believe([cell.in_regime(batched=batched)], [a for run in self._apart[cell] for a in _anchors(run)])[0]
            if cell in self._apart
            else belief
            for cell, belief in zip(cells, shared, strict=True)
        ]

    def speaking(self, cell: Cell, lengths: Lengths) -> list[Run]:
        """Return the runs that say how fast a cell is for requests of such lengths."""
        runs = self._apart.get(cell) or (r for r in self._by_cell[cell] if r.basis is not Basis.SIMULATED)
        return strongest(runs, lengths)

    def first_texts(self, cell: Cell) -> list[ProfiledRun]:
        """Return the user's runs that show the time to first token of a cell: open loops, and closed ones with one in flight.

        They are real ones, or simulated ones where the cell rests on such.
        """
        simulated = any(run.basis is Basis.SIMULATED for run in self._apart.get(cell, ()))
        return [run for run in self._first_texts.get(cell, ()) if (run.basis is Basis.SIMULATED) is simulated]

    def own_steps(self, model: ModelSpec, content: Content) -> OwnSteps | None:
        """Return the denoising steps that the user's fresh runs of a model counted on a content; None without such runs.

        Those of the engine version in question are taken before others: the sampler is the engine's.
        """
        known = Known(self._shipped.models, self._shipped.gpus, self._shipped.engine)
        runs = [
            run
            for run in self._shipped.own.canvases
            if run.conditions.content is content and model_of(run.conditions, known) == model and not self._is_old(run)
        ]
        return steps_shown([run for run in runs if self.is_fitting(run)] or runs, content)

    def is_fitting(self, run: ProfiledRun) -> bool:
        """Return whether a run is fresh and of the engine version in question, which simulated ones always count as."""
        engine, conditions = self._shipped.engine, run.conditions
        current = (conditions.engine, conditions.engine_version) == (engine.name, engine.version)
        return (current or run.basis is Basis.SIMULATED) and not self._is_old(run)

    def _is_old(self, run: ProfiledRun) -> bool:
        return self._is_stale(run.basis, run.measured_at.date())

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """What the runs say of cells near and far, but for those that speak for their own cell alone."""
        return tuple(self._anchors)

    def draw(self, places: Sequence[Place], *, draws: int, seed: int) -> FloatArray:
        """Return draws of the log of true over estimated speed of some places, all at once; shape (places, draws)."""
        return draw_log_speeds(places, self._anchors, draws=draws, seed=seed)

    def stands_apart(self, cell: Cell) -> bool:
        """Return whether a cell rests on its own runs alone, and shares no error with others."""
        return cell in self._apart

    def _runs(self, group: RowGroup) -> list[Run]:
        """Return the rows of a group by cell, source, engine version and age."""
        engine = self._shipped.engine
        faster = -log_ratios(group, constants=self._shipped.constants)
        members: dict[tuple[Cell, str, bool, bool], list[int]] = defaultdict(list)
        for i, (row, deployment) in enumerate(zip(group.rows, group.deployments, strict=True)):
            source = f"{row.set_name}/{row.basis}/{row.engine_version}"
            current = (row.engine, row.engine_version) == (engine.name, engine.version)
            current = current or row.basis is Basis.SIMULATED
            members[cell_of(deployment), source, current, self._is_stale(row.basis, row.date)].append(i)
        runs = [
            Run(cell, tuple(group.rows[i] for i in indices), faster[indices], current, stale)
            for (cell, _, current, stale), indices in members.items()
        ]
        return [replace(run, far=agrees_far_off(run)) for run in runs]

    def _is_stale(self, basis: Basis, day: date) -> bool:
        return basis is Basis.MEASURED and (self._today - day).days > STALE_DAYS


def cell_of(deployment: Deployment) -> Cell:
    """Return the cell a deployment belongs to."""
    return Cell(deployment.contender, deployment.checkpoint.name, deployment.gpu.name, deployment.tensor_parallel)


def _by_cell(shipped: Shipped) -> dict[Cell, list[ProfiledRun]]:
    known = Known(shipped.models, shipped.gpus, shipped.engine)
    found: dict[Cell, list[ProfiledRun]] = defaultdict(list)
    for run in (*shipped.own.at_rates, *shipped.own.one_in_flight):
        conditions = run.conditions
        model, checkpoint = model_of(conditions, known), checkpoint_of(conditions, known)
        if model and checkpoint:
            contender = f"{model.name}+{conditions.speculative}" if conditions.speculative else model.name
            found[Cell(contender, checkpoint.name, conditions.gpu, conditions.tensor_parallel)].append(run)
    return found


def apart(runs: Iterable[Run]) -> list[Run]:
    """Return the runs of a cell that speak for it alone, and then say all of it: far ones, or simulated ones.

    Simulated runs of a cell that the user has measured step back.
    """
    listed = list(runs)
    measured = [run for run in listed if run.basis is Basis.MEASURED]
    if any(run.far for run in measured):
        return measured
    return [] if measured else [run for run in listed if run.basis is Basis.SIMULATED]


def strongest(runs: Iterable[Run], lengths: Lengths) -> list[Run]:
    """Return the user's own fresh runs of this version, and of weaker ones the rows that none stronger stands for.

    A row stands for weaker ones near its level. One of other lengths than those asked about does not stand for one of the
    right lengths.
    """
    listed = list(runs)
    kept = []
    for run in listed:
        stronger = [row for other in listed if other.rank < run.rank for row in other.rows]
        alike = {level_of(row) for row in stronger if lengths.resemble(row)}
        levels = {level_of(row) for row in stronger}
        kept.append(run.take([not near(level_of(row), alike if lengths.resemble(row) else levels) for row in run.rows]))
    return [run for run in kept if run is not None]


def agrees_far_off(run: Run) -> bool:
    """Return whether our own profiler saw a speed three times off the model at several levels that agree on it."""
    far = [
        (level_of(row), ratio)
        for row, ratio in zip(run.rows, run.log_ratios.tolist(), strict=True)
        if abs(ratio) > UNBELIEVABLE and isinstance(row, OwnMeasurement) and row.tool == PROFILER
    ]
    ratios = [ratio for _, ratio in far]
    return len({level for level, _ in far}) > 1 and max(ratios) - min(ratios) <= AGREEING


def _unbelievable(run: Run) -> Iterator[Measurement]:
    pairs = zip(run.rows, run.log_ratios.tolist(), strict=True)
    return (row for row, ratio in pairs if not run.far and abs(ratio) > UNBELIEVABLE)


def _anchors(run: Run) -> Iterator[Anchor]:
    """Yield what a run says about one stream, and what about many at once."""
    for batched in (False, True):
        part = run.take([(level > 1) is batched for level in run.levels.tolist()])
        if part is not None:
            yield Anchor(
                cell=run.cell.in_regime(batched=batched),
                basis=run.basis,
                log_ratios=tuple(part.log_ratios.tolist()),
                same_version=run.current,
                url=part.rows[0].source_url,
                stale=run.stale,
                log_sd=_log_sd(part),
            )


def _log_sd(run: Run) -> float:
    """Return the scatter of the rows of a run: root mean square of what their repeats leave."""
    sds = [row.log_sd if isinstance(row, OwnMeasurement) else RUN_LOG_SD for row in run.rows]
    return float(np.sqrt(np.mean(np.square(sds))))
