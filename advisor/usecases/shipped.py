"""What a question is answered from: models, GPUs, the engine, constants and published measurements, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.errors import DataError
from advisor.physics.constants import Constants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.measurement import Measurement
    from advisor.domain.model import ModelSpec


@dataclass(frozen=True, slots=True)
class Shipped:
    """Facts of the profile folder; offers and workloads are read where they are needed."""

    root: Path
    models: Mapping[str, ModelSpec]
    gpus: Mapping[str, GpuSpec]
    engine: EngineSpec
    constants: Constants
    measurements: tuple[Measurement, ...]


def open_profiles(profiles: Path | None, *, database: str | None = None) -> Shipped:
    """Read the facts. Measurements of the user's database come beside the published ones.

    Raises
    ------
    DataError
        If a file is missing or malformed.
    """
    root = profiles or catalog.profiles_root()
    return Shipped(
        root=root,
        models=catalog.read_models(root),
        gpus=catalog.read_gpus(root),
        engine=catalog.read_newest_engine(root),
        constants=constants_of(root),
        measurements=(*catalog.read_measurements(root), *_own_measurements(database)),
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


def _own_measurements(database: str | None) -> tuple[Measurement, ...]:
    from advisor import store  # noqa: PLC0415 - only a run with a database pays for SQLAlchemy

    url = database or store.default_url()
    if not store.exists(url):
        if database is not None:
            raise DataError(database or "--db", "there is no such database", hint="check --db, or leave it out")
        return ()
    return store.read_measurements(url)
