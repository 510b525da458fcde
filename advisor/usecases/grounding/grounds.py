"""What the speed of one deployment rests on: its own rows, what other cells say, and the spread that is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.answer import CitedSource
from advisor.domain.basis import Basis
from advisor.domain.measurement import OwnMeasurement
from advisor.evidence import fit_curve
from advisor.evidence.curve import LEVELS_NEEDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.domain.measurement import Measurement
    from advisor.evidence import Belief, Cell

    FloatArray = NDArray[np.float64]

SIMILAR_LENGTHS = 2.0
"""Rows speak for a workload itself, not only for the speed of the cell, if lengths differ by at most this factor."""

SIMILAR_LEVEL = 2.0
"""Rows speak for loads down to this factor below their lowest level, and up to their highest."""

OTHER_LENGTHS_LOG_SD = 0.10
"""Spread added where a cell was observed, but never with lengths like these (assumed, as large as a cell's own)."""

DISTANCE_LOG_SD = 0.08
"""Spread per e-fold of distance from the nearest observed level (assumed)."""

OUTSIDE_LOG_SD = 0.10
"""Spread added outside the observed levels (assumed, as large as a cell's own)."""

BATCHED_FROM = 8.0
"""Requests in service from which a deployment counts as batched; below, one stream and batched are mixed."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean tokens of a workload's requests."""

    input_tokens: float
    output_tokens: float

    def resemble(self, row: Measurement | Lengths) -> bool:
        """Return whether a row was taken with lengths like these."""
        ratios = (row.input_tokens / self.input_tokens, row.output_tokens / self.output_tokens)
        return all(1.0 / SIMILAR_LENGTHS <= ratio <= SIMILAR_LENGTHS for ratio in ratios)


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of one source in one cell: levels, and how much faster than the model each was.

    `current` says whether they are of the engine version in question, `stale` whether they are old, and `far` whether
    they are so far from the model that they speak for their own cell alone.
    """

    cell: Cell
    rows: tuple[Measurement, ...]
    log_ratios: FloatArray
    current: bool = True
    stale: bool = False
    far: bool = False

    @property
    def basis(self) -> Basis:
        """How the rows are known."""
        return self.rows[0].basis

    @property
    def rank(self) -> int:
        """How near this is to what is asked about: 0 the user's own fresh runs of this version, 1 older ones, 2 others."""
        if self.basis is Basis.PUBLISHED:
            return 2
        return 0 if self.current and not self.stale else 1

    @property
    def own(self) -> tuple[OwnMeasurement, ...]:
        """The rows that are runs of the user's database."""
        return tuple(row for row in self.rows if isinstance(row, OwnMeasurement))

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs of the user's database behind the rows."""
        return tuple(name for row in self.own for name in row.run_ids)

    @property
    def levels(self) -> FloatArray:
        """Requests in service of each row."""
        return np.array([level_of(row) for row in self.rows], dtype=np.float64)

    def take(self, keep: Sequence[bool]) -> Run | None:
        """Return some of the rows as a run of their own, or None where none is left."""
        rows = tuple(row for row, kept in zip(self.rows, keep, strict=True) if kept)
        return replace(self, rows=rows, log_ratios=self.log_ratios[np.array(keep)]) if rows else None


def level_of(row: Measurement) -> int:
    """Return the requests in service of a row: those in flight, as far as there are slots."""
    return min(row.concurrency, row.slots)


def near(level: float, others: Iterable[float]) -> bool:
    """Return whether a level lies within `SIMILAR_LEVEL` of one of the others."""
    return any(1.0 / SIMILAR_LEVEL <= level / other <= SIMILAR_LEVEL for other in others)


def covers(levels: Sequence[float], in_service: float) -> bool:
    """Return whether levels speak for a load: from somewhat below the lowest to the highest."""
    return bool(levels) and min(levels) / SIMILAR_LEVEL <= in_service <= max(levels)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Factors on the modeled speed and the log sd that is left, on a grid of requests in service."""

    grid: FloatArray
    factors: FloatArray
    log_sds: FloatArray
    lengths: Lengths
    own_runs: tuple[Run, ...]

    def log_sd_at(self, in_service: float) -> float:
        """Return the standard deviation of the logarithm of the speed at a load."""
        return float(np.interp(np.log(max(in_service, 1.0)), np.log(self.grid), self.log_sds))

    @property
    def measured_up_to(self) -> float:
        """Most requests in service at which this cell was ever observed; 0 if never."""
        return max((float(run.levels.max()) for run in self.own_runs), default=0.0)

    @property
    def speaking_runs(self) -> list[Run]:
        """The runs that the speed rests on: their rows with lengths like the workload's, or all where there are none."""
        return alike(self.own_runs, self.lengths) or list(self.own_runs)

    @property
    def points(self) -> int:
        """Rows of this very cell."""
        return sum(len(run.rows) for run in self.own_runs)

    def basis_at(self, in_service: float) -> Basis:
        """Return how the speed at a load is known: by rows of this cell near that load with lengths like these.

        Where the cell rests on simulated runs, everything in it does.
        """
        if any(run.basis is Basis.SIMULATED for run in self.own_runs):
            return Basis.SIMULATED
        speaking = [row for run in self.own_runs for row in run.rows if self.lengths.resemble(row)]
        if covers([level_of(row) for row in speaking if row.basis is Basis.MEASURED], in_service):
            return Basis.MEASURED
        return Basis.PUBLISHED if covers([level_of(row) for row in speaking], in_service) else Basis.MODELED

    def sources(self) -> tuple[CitedSource, ...]:
        """Return where the rows of this cell come from, one entry per page, and one per campaign of the user."""
        newest = {
            (row.source_url, "" if row.source_url else _campaign(row)): row for run in self.own_runs for row in run.rows
        }
        return tuple(
            CitedSource(
                kind="measurement",
                title=campaign or f"{row.set_name}: {row.model} on {row.gpu}",
                url=url or None,
                date=row.date,
            )
            for (url, campaign), row in newest.items()
        )


def _campaign(row: Measurement) -> str:
    """Name a campaign of the user, with what ran and what measured it."""
    tool = f", measured by {row.tool}" if isinstance(row, OwnMeasurement) and row.tool else ""
    simulated = " (SIMULATED)" if row.basis is Basis.SIMULATED else ""
    what = row.model if row.speculative is None else f"{row.model}+{row.speculative}"
    return f"own runs, campaign {row.set_name}{simulated}: {what} on {row.gpu}, {row.engine_in_words}{tool}"


@dataclass(frozen=True, slots=True)
class Mixed:
    """What all evidence together believes, on a grid of requests in service: log factors and variances.

    Arrays are (deployments, grid). One stream and batches are mixed over the logarithm of the load.
    """

    log_factors: FloatArray
    variances: FloatArray


def batched_share(in_service: FloatArray) -> FloatArray:
    """Return how far a load counts as batched: 0 for one request in service, 1 from `BATCHED_FROM` on."""
    return np.asarray(np.clip(np.log(in_service) / np.log(BATCHED_FROM), 0.0, 1.0), dtype=np.float64)


def mix(single: Sequence[Belief], batched: Sequence[Belief], *, grid: FloatArray) -> Mixed:
    """Return the beliefs about one stream and about batches, mixed for every number in service."""
    share = batched_share(grid)
    ends = [
        (np.log([b.factor for b in beliefs])[:, None], np.square([b.log_sd for b in beliefs])[:, None])
        for beliefs in (single, batched)
    ]
    (one, one_variance), (many, many_variance) = ends
    return Mixed((1.0 - share) * one + share * many, (1.0 - share) * one_variance + share * many_variance)


def ground(
    runs: Sequence[Run],
    *,
    log_factors: FloatArray,
    variances: FloatArray,
    grid: FloatArray,
    cycle_s: FloatArray,
    lengths: Lengths,
) -> Grounds:
    """Return what one deployment rests on: its own rows where they show two levels or more, else the belief.

    Rows with lengths like the workload's are taken before all others.
    """
    resembling = alike(runs, lengths)
    speaking = resembling or list(runs)
    if not resembling:
        variances = variances + OTHER_LENGTHS_LOG_SD**2
    variances = variances + _distance_variance(speaking, grid=grid)
    shown = own_factors(speaking, grid=grid, cycle_s=cycle_s)
    if shown is not None:
        variances = variances + _scatter(speaking, grid=grid, factors=shown)
    factors = np.asarray(np.exp(log_factors), dtype=np.float64) if shown is None else shown
    return Grounds(grid, factors, np.sqrt(variances), lengths, tuple(runs))


def alike(runs: Iterable[Run], lengths: Lengths) -> list[Run]:
    """Return the rows of runs that were taken with such lengths, still by run."""
    return [part for run in runs if (part := run.take([lengths.resemble(row) for row in run.rows]))]


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
    if len(distinct) == 1:
        return None
    within = np.clip(grid, distinct[0], distinct[-1])
    if len(distinct) < LEVELS_NEEDED:
        means = [float(log_ratios[levels == level].mean()) for level in distinct]
        return np.asarray(np.exp(np.interp(np.log(within), np.log(distinct), means)), dtype=np.float64)
    shown_s = np.interp(levels, grid, cycle_s) / np.exp(log_ratios)
    curve = fit_curve(levels, levels / shown_s)
    return np.asarray(np.interp(within, grid, cycle_s) / curve.cycle_s(within), dtype=np.float64)


def _distance_variance(runs: Sequence[Run], *, grid: FloatArray) -> FloatArray:
    """Return the variance that comes with the distance to the nearest observed level, and with leaving their range."""
    levels = sorted({float(level) for run in runs for level in run.levels.tolist()})
    away = np.abs(np.log(grid[:, None] / np.array(levels)[None, :])).min(axis=1)
    outside = np.array([not covers(levels, n) for n in grid.tolist()])
    return np.asarray((DISTANCE_LOG_SD * away) ** 2 + OUTSIDE_LOG_SD**2 * outside, dtype=np.float64)


def _scatter(runs: Sequence[Run], *, grid: FloatArray, factors: FloatArray) -> float:
    """Return the variance of the mean of the rows around the factors drawn through them: disagreement widens."""
    misses = [run.log_ratios - np.interp(run.levels, grid, np.log(factors)) for run in runs]
    return float(np.mean(np.concatenate(misses) ** 2)) / len(runs)
