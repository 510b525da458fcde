"""Workloads: the shipped ones, and a user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.documents import read_document
from advisor.catalog.specs import read_folder, read_named
from advisor.domain.workload import Workload
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def read_workloads(root: Path) -> dict[str, Workload]:
    """Read all shipped workloads, by name."""
    return {
        name: _checked(root / "workloads" / f"{name}.yaml", workload)
        for name, workload in read_folder(root / "workloads", Workload).items()
    }


def read_workload(root: Path, name: str) -> Workload:
    """Read one shipped workload."""
    return _checked(root / "workloads" / f"{name}.yaml", read_named(root / "workloads", name, Workload))


def read_workload_file(path: Path) -> Workload:
    """Read a workload from a user's YAML file.

    Raises
    ------
    DataError
        If the file is bad, or gives neither two length laws nor pairs, or both.
    """
    return _checked(path, read_document(path, Workload))


def _checked(path: Path, workload: Workload) -> Workload:
    laws = (workload.input is not None) + (workload.output is not None)
    if (laws, bool(workload.pairs)) not in {(2, False), (0, True)}:
        raise DataError(str(path), "needs either input and output, or pairs", hint="see the shipped workloads")
    return workload
