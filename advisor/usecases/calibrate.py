"""`advisor calibrate`: fit the constants of the physics to the published measurements, and write them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor import catalog
from advisor.domain.judged import Calibration, Constant
from advisor.errors import DataError
from advisor.physics.constants import Constants
from advisor.physics.shape import shape_of
from advisor.usecases.fitting import fit_constants, kernel_priors
from advisor.usecases.grounding.rows import group_rows, log_ratios

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.catalog import Prior
    from advisor.usecases.grounding.rows import RowGroup

KERNEL_MODEL = "gemma-4-26b-a4b"
"""Model whose expert shape the kernel timings were taken with."""


def calibrate(*, profiles: Path | None, write: bool) -> Calibration:
    """Fit the constants to the usable published rows; `write` replaces `calibration/constants.yaml`."""
    root = profiles or catalog.profiles_root()
    groups = published_groups(root)
    constants = fit_constants(groups, priors=fitted_priors(root))
    residuals = np.concatenate([log_ratios(group, constants=constants) for group in groups])
    log_sd = float(np.sqrt(np.mean(residuals**2)))
    gpus = {row.gpu for group in groups for row in group.rows}
    path = _write(root, constants, rows=len(residuals), gpus=len(gpus), log_sd=log_sd) if write else None
    return Calibration(
        fitted_at=datetime.now(UTC).date(),
        constants=_lines(constants),
        rows=len(residuals),
        gpus=len(gpus),
        log_sd=log_sd,
        written_to=str(path) if path else None,
    )


def published_groups(root: Path) -> list[RowGroup]:
    """Return the published rows that the estimator can be fitted to and judged on."""
    return group_rows(
        catalog.read_measurements(root),
        models=catalog.read_models(root),
        gpus=catalog.read_gpus(root),
        engine=catalog.read_newest_engine(root),
    )


def fitted_priors(root: Path) -> Mapping[str, Prior]:
    """Return the priors of all constants, those of the expert kernels fitted to kernel timings first."""
    shape = shape_of(catalog.read_models(root)[KERNEL_MODEL])
    return kernel_priors(
        catalog.read_kernels(root), shape=shape, gpus=catalog.read_gpus(root), priors=catalog.read_priors(root)
    )


def _lines(constants: Constants) -> tuple[Constant, ...]:
    return tuple(
        Constant(name=name, value=getattr(constants, name), unit=Constants.unit(name), meaning=Constants.meaning(name))
        for name in Constants.names()
    )


def _write(root: Path, constants: Constants, *, rows: int, gpus: int, log_sd: float) -> Path:
    path = root / "calibration" / "constants.yaml"
    head = (
        "Fitted by `advisor calibrate`; do not edit by hand.\n"
        f"{rows} published rows on {gpus} GPU types, log sd of the residuals {log_sd:.3f}."
    )
    values = {name: float(getattr(constants, name)) for name in Constants.names()}
    meanings = {name: f"{Constants.meaning(name)} [{Constants.unit(name)}]" for name in values}
    scratch = path.with_suffix(".new")
    try:
        scratch.write_text(catalog.constants_document(values, head=head, meanings=meanings), encoding="utf-8")
        os.replace(scratch, path)  # noqa: PTH105 - one atomic step on every platform
    except OSError as problem:
        raise DataError(str(path), f"cannot be written: {problem.strerror}") from None
    return path
