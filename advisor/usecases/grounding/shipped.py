"""What a question is answered from: models, GPUs, the engine, constants and published measurements, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.basis import Basis
from advisor.domain.knowledge import Knowledge
from advisor.errors import DataError
from advisor.physics.constants import Constants
from advisor.usecases.grounding.own_runs import NO_RUNS, OwnRuns, own_rows
from advisor.usecases.grounding.recognizing import Known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.measurement import Measurement
    from advisor.domain.model import ModelSpec
    from advisor.domain.profiled import ProfiledRun


@dataclass(frozen=True, slots=True)
class Shipped:
    """Facts of the profile folder; offers and workloads are read where they are needed.

    `measurements` are the published ones and the user's; `own` says what became of the runs of the user's database.
    """

    root: Path
    models: Mapping[str, ModelSpec]
    gpus: Mapping[str, GpuSpec]
    engine: EngineSpec
    constants: Constants
    measurements: tuple[Measurement, ...]
    own: OwnRuns = NO_RUNS
    rows_and_runs: tuple[int, int] = (0, 0)
    allow_simulated: bool = False

    @property
    def known(self) -> Knowledge:
        """How much there is to know here, so that an answer can be given again."""
        rows, runs = self.rows_and_runs
        return Knowledge(
            profiles_digest=catalog.digest_of(self.root), rows=rows, runs=runs, allow_simulated=self.allow_simulated
        )


def open_profiles(
    profiles: Path | None, *, database: str | None = None, allow_simulated: bool = False, known: Knowledge | None = None
) -> Shipped:
    """Read the facts. Measurements of the user's database come beside the published ones, simulated ones only if allowed.

    `known` limits what is taken from the database to its first so many rows and runs.

    Raises
    ------
    DataError
        If a file is missing or malformed, or the database cannot be read.
    """
    root = profiles or catalog.profiles_root()
    models, gpus = catalog.read_models(root), catalog.read_gpus(root)
    engine = catalog.read_newest_engine(root)
    entered, runs = _kept(database, known)
    counted = [row for row in entered if allow_simulated or row.basis is not Basis.SIMULATED]
    own = own_rows(runs, Known(models, gpus, engine), allow_simulated=allow_simulated)
    left_out = own.simulated_left_out + len(entered) - len(counted)
    return Shipped(
        root=root,
        models=models,
        gpus=gpus,
        engine=engine,
        constants=constants_of(root),
        measurements=(*catalog.read_measurements(root), *counted, *own.rows),
        own=replace(own, simulated_left_out=left_out),
        rows_and_runs=(len(entered), len(runs)),
        allow_simulated=allow_simulated,
    )


def constants_of(root: Path) -> Constants:
    """Return the fitted constants of a profile folder."""
    values = catalog.read_constants(root)
    missing = sorted(set(Constants.names()) - set(values))
    unknown = sorted(set(values) - set(Constants.names()))
    if missing or unknown:
        raise DataError(
            str(root / "calibration" / "constants.yaml"),
            f"lacks {', '.join(missing) or 'nothing'} and has unknown {', '.join(unknown) or 'nothing'}",
            hint="run `advisor calibrate` to write it anew",
        )
    return Constants(**values)


def _kept(database: str | None, known: Knowledge | None) -> tuple[tuple[Measurement, ...], tuple[ProfiledRun, ...]]:
    """Return what a database holds: single rows that were entered, and runs."""
    from advisor import store  # noqa: PLC0415 - only a run with a database pays for SQLAlchemy

    url = database or store.default_url()
    if not store.exists(url):
        if database is not None:
            raise DataError(database or "--db", "there is no such database", hint="check --db, or leave it out")
        return (), ()
    entered, runs = store.read_measurements(url), store.read_runs(url)
    return (entered, runs) if known is None else (entered[: known.rows], runs[: known.runs])
