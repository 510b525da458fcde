"""`advisor validate queueing`: how wrong the formulas are on every cell of a grid, beside an event simulation."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context

import numpy as np

from advisor import __version__
from advisor.domain.queue_validation import CellErrors, FigureError, QueueValidation
from advisor.domain.routing import Routing
from advisor.usecases.validating.queueing_grid import (
    AUTOREGRESSIVE,
    DIFFUSION,
    FIGURES,
    FLEETS,
    REPLICAS,
    ROUTED,
    SCVS,
    SINGLE,
    Cell,
    Judged,
    judge,
)

MOST_WORKERS = 2
"""Whoever validates may want to go on working."""

Watch = Callable[[int, int], None]
"""Hears how many cells are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Band:
    """Cells that are judged together: up to a load that the formulas are meant for, or beyond it."""

    name: str
    lowest_load: float
    highest_load: float


BANDS = (Band("up to 0.85", 0.0, 0.85), Band("0.95", 0.86, 0.95))
VALID = BANDS[0].name
ARRIVALS: Mapping[float, str] = {1.0: "Poisson", 4.0: "CV2=4"}

References = Mapping[str, tuple[float, float]]

REFERENCE: Mapping[tuple[str, str, str | None], References] = {
    ("Poisson", VALID, None): {"mean": (0.001, 0.010), "p95": (0.015, 0.047), "p99": (0.018, 0.096)},
    ("Poisson", "0.95", None): {"mean": (0.008, 0.076), "p95": (0.032, 0.150), "p99": (0.043, 0.173)},
    ("CV2=4", VALID, None): {"mean": (0.035, 0.107), "p95": (0.041, 0.130), "p99": (0.075, 0.158)},
    ("CV2=4", "0.95", None): {"mean": (0.019, 0.063), "p95": (0.062, 0.140), "p99": (0.078, 0.177)},
    ("Poisson", VALID, "AR K=256"): {"mean": (0.002, 0.005), "p95": (0.007, 0.022), "p99": (0.014, 0.029)},
    ("Poisson", VALID, "AR K=32"): {"mean": (0.001, 0.004), "p95": (0.004, 0.016), "p99": (0.008, 0.021)},
    ("Poisson", VALID, "diffusion K=4"): {"mean": (0.003, 0.018), "p95": (0.031, 0.046), "p99": (0.060, 0.117)},
    ("Poisson", VALID, "diffusion K=8"): {"mean": (0.001, 0.012), "p95": (0.022, 0.061), "p99": (0.021, 0.091)},
}
"""Median and 90th percentile of the absolute errors that experiment A of the methods found with its own simulation."""

ROUTED_REFERENCE: Mapping[Routing, Mapping[str, float]] = {
    Routing.LEAST_OUTSTANDING: {"mean": 0.006, "p95": 0.010, "p99": 0.019},
    Routing.ROUND_ROBIN: {"mean": 0.007, "p95": 0.004, "p99": 0.007},
    Routing.RANDOM: {"mean": 0.002, "p95": 0.008, "p99": 0.012},
    Routing.POWER_OF_TWO: {"mean": 0.010, "p95": 0.017, "p99": 0.023},
}
"""Medians of experiment B: Poisson arrivals, 2 to 8 replicas."""

TARGETS: Mapping[tuple[str, str], Mapping[str, float]] = {
    ("Poisson", VALID): {"mean": 0.005, "p95": 0.02, "p99": 0.03},
    ("CV2=4", VALID): {"p95": 0.05},
}
"""Medians over all stations that are asked for."""

NOTES = (
    "error = formula / simulation - 1 for the same station, work and arrivals; median and p90 are of its size",
    "noise = median standard error of the simulated p95 over its seeds: differences of that size say nothing",
    "reference = what the study behind these formulas found, against a simulation and size laws of its own",
    "work is constant, exponential, lognormal with CV 1.5, or (diffusion) counts canvases; gaps of CV2=4 follow a gamma law",
    "replicas share their speed equally here; how prompts hold up the others is judged by replaying traces",
)


def validate_queueing(*, quick: bool = False, seed: int = 0, watch: Watch | None = None) -> QueueValidation:
    """Judge the formulas on the whole grid.

    Parameters
    ----------
    quick
        Whether a tenth of the requests is enough.
    seed
        Start of the random numbers, 0 or more.
    watch
        Hears of each cell that is done.
    """
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    judged = judge_all((*SINGLE, *FLEETS), quick=quick, seed=seed, workers=workers, watch=watch)
    return summary(judged, quick=quick, seed=seed)


def judge_all(
    cells: Sequence[Cell], *, quick: bool, seed: int = 0, workers: int = 1, watch: Watch | None = None
) -> list[Judged]:
    """Return how wrong the formulas are on each cell, in the order of the cells; one worker is this process."""
    task = partial(judge, quick=quick, seed=seed)
    results: dict[Cell, Judged] = {}
    for result in map(task, cells) if workers == 1 else _side_by_side(task, cells, workers=workers):
        results[result.cell] = result
        if watch:
            watch(len(results), len(cells))
    return [results[cell] for cell in cells]


def _side_by_side(task: Callable[[Cell], Judged], cells: Sequence[Cell], *, workers: int) -> Iterator[Judged]:
    """Yield results as they come from fresh processes, the longest cells first so that all end together."""
    longest_first = sorted(cells, key=lambda cell: -cell.requests(quick=False))
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    try:
        for future in as_completed([pool.submit(task, cell) for cell in longest_first]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def summary(judged: Sequence[Judged], *, quick: bool, seed: int) -> QueueValidation:
    """Return the errors of some cells, group by group; groups without a cell are left out."""
    return QueueValidation(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        lines=tuple(_single([one for one in judged if one.cell.replicas == 1])),
        fleets=tuple(_fleets([one for one in judged if one.cell.replicas > 1])),
        requests=sum(one.requests for one in judged),
        seed=seed,
        quick=quick,
        notes=NOTES,
    )


def _single(judged: Sequence[Judged]) -> Iterator[CellErrors]:
    for scv in SCVS:
        for band in BANDS:
            of_band = [one for one in judged if one.cell.arrival_scv == scv and _within(one.cell, band)]
            for station in (None, *AUTOREGRESSIVE, *DIFFUSION):
                group = [one for one in of_band if station in {None, one.cell.station}]
                if group:
                    yield _errors_of_one(group, arrivals=ARRIVALS[scv], band=band, station=station)


def _within(cell: Cell, band: Band) -> bool:
    return band.lowest_load <= cell.load <= band.highest_load


def _errors_of_one(group: Sequence[Judged], *, arrivals: str, band: Band, station: str | None) -> CellErrors:
    reference = REFERENCE.get((arrivals, band.name, station), {})
    targets = TARGETS.get((arrivals, band.name), {}) if station is None else {}
    figures = {
        name: _figure(group, name, reference=reference.get(name, (None, None)), target=targets.get(name))
        for name in FIGURES
    }
    return CellErrors(arrivals=arrivals, loads=band.name, station=station, cells=len(group), **figures)


def _fleets(judged: Sequence[Judged]) -> Iterator[CellErrors]:
    """Yield the errors of each rule: over everything, then station by station and fleet by fleet."""
    places = [(None, None), *((station, replicas) for station in ROUTED for replicas in REPLICAS)]
    for scv in SCVS:
        for routing in Routing:
            of_rule = [one for one in judged if one.cell.arrival_scv == scv and one.cell.routing is routing]
            for station, replicas in places:
                group = [one for one in of_rule if (station, replicas) in {(None, None), _place(one.cell)}]
                if group:
                    yield _errors_of_fleet(group, scv=scv, station=station, replicas=replicas)


def _place(cell: Cell) -> tuple[str, int]:
    return cell.station, cell.replicas


def _errors_of_fleet(group: Sequence[Judged], *, scv: float, station: str | None, replicas: int | None) -> CellErrors:
    routing = group[0].cell.routing
    reference = ROUTED_REFERENCE[routing] if scv == 1.0 and station is None else {}
    figures = {name: _figure(group, name, reference=(reference.get(name), None)) for name in FIGURES}
    return CellErrors(
        arrivals=ARRIVALS[scv],
        loads="0.5 to 0.85",
        station=station,
        routing=routing,
        replicas=replicas,
        cells=len(group),
        **figures,
    )


def _figure(
    group: Sequence[Judged], name: str, *, reference: tuple[float | None, float | None], target: float | None = None
) -> FigureError:
    column = FIGURES.index(name)
    errors = np.array([one.errors[column] for one in group])
    return FigureError(
        median=float(np.median(np.abs(errors))),
        p90=float(np.quantile(np.abs(errors), 0.9)),
        bias=float(np.median(errors)),
        noise=float(np.median([one.noises[column] for one in group])),
        reference_median=reference[0],
        reference_p90=reference[1],
        target=target,
    )
