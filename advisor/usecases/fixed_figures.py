"""The figures that no formula gives, each with its source: what a reader of an answer may want to doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.fixed_figures import AssumptionLine, ConstantLine, FixedFigures
from advisor.physics.constants import Constants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def fixed_figures(profiles: Path | None) -> FixedFigures:
    """Return the constants of the physics, and what is assumed about running replicas.

    Raises
    ------
    DataError
        If a file of the profiles is missing or malformed.
    """
    root = profiles or catalog.profiles_root()
    return FixedFigures(constants=tuple(_constants(root)), assumptions=tuple(_assumptions(root)))


def _constants(root: Path) -> Iterator[ConstantLine]:
    values, priors = catalog.read_constants(root), catalog.read_priors(root)
    for name in Constants.names():
        yield ConstantLine(
            name=name,
            value=values[name],
            unit=Constants.unit(name),
            meaning=Constants.meaning(name),
            prior_value=priors[name].value,
            prior_log_sd=priors[name].log_sd,
            why=priors[name].why,
            source_url=priors[name].source,
        )


def _assumptions(root: Path) -> Iterator[AssumptionLine]:
    operations = catalog.read_operations(root)
    up, starting = operations.availability_source, operations.startup_source
    for basis, share in operations.availability.items():
        yield AssumptionLine(
            name=f"availability of a replica, {basis}",
            value=share,
            unit="share of the time",
            note=up.note,
            source_url=up.url,
            date=up.date,
        )
    yield AssumptionLine(
        name="start of a replica",
        value=operations.startup_s,
        unit="s",
        note=starting.note,
        source_url=starting.url,
        date=starting.date,
    )
