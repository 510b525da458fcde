"""Constants of the physics: what is believed before fitting, what was fitted, and the kernel timings in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.catalog.documents import load_yaml
from advisor.catalog.tables import read_table
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KERNEL_COLUMNS = (
    "gpu",
    "precision",
    "engine",
    "engine_version",
    "kernel",
    "tokens",
    "layer_ms",
    "date",
    "source_url",
    "excluded",
)
EXCLUDED_COLUMNS = (
    "id",
    "model",
    "checkpoint",
    "precision",
    "gpu",
    "engine",
    "engine_version",
    "concurrency",
    "metric",
    "value",
    "date",
    "source_url",
    "reason",
)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a constant before fitting: a value, the standard deviation of its logarithm, why, and from where."""

    value: float
    log_sd: float
    from_kernels: bool
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class KernelTiming:
    """Time of one mixture-of-experts layer [s] for `tokens` tokens on one GPU."""

    gpu: str
    precision: str
    tokens: int
    layer_s: float


def read_priors(root: Path) -> dict[str, Prior]:
    """Read the priors of all constants, by name."""
    path = root / "calibration" / "priors.yaml"
    return {
        name: Prior(
            value=_number(path, name, entry, "value"),
            log_sd=_number(path, name, entry, "log_sd"),
            from_kernels=bool(entry.get("kernels")),
            why=str(entry.get("why", "")),
            source=str(entry.get("source", "")),
        )
        for name, entry in _constants(path).items()
    }


def read_constants(root: Path) -> dict[str, float]:
    """Read the fitted constants, by name.

    Raises
    ------
    DataError
        If the file is missing or malformed; `advisor calibrate` writes it anew.
    """
    path = root / "calibration" / "constants.yaml"
    return {name: _number(path, name, entry, "value") for name, entry in _constants(path).items()}


def read_kernels(root: Path) -> list[KernelTiming]:
    """Read the usable kernel timings: the rows without a reason for exclusion."""
    timings = []
    for path in sorted((root / "kernels").glob("*.csv")):
        table = read_table(path, KERNEL_COLUMNS)
        for cells in table.rows:
            row = dict(zip(table.columns, cells, strict=True))
            if not row["excluded"]:
                layer_s = float(row["layer_ms"]) / 1e3
                timings.append(KernelTiming(row["gpu"], row["precision"], int(row["tokens"]), layer_s))
    return timings


def read_excluded(root: Path) -> list[dict[str, str]]:
    """Read the published rows that the estimator is not judged on, each with its reason."""
    rows = []
    for path in sorted((root / "measurements" / "excluded").glob("*.csv")):
        table = read_table(path, EXCLUDED_COLUMNS)
        rows += [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    return rows


def constants_document(values: Mapping[str, float], *, head: str, meanings: Mapping[str, str]) -> str:
    """Return the text of `constants.yaml`: one entry per constant, with what it means."""
    entries = [f"  {name}:  # {meanings[name]}\n    value: {value:.6g}\n" for name, value in values.items()]
    return "".join(f"# {line}\n" for line in head.splitlines()) + "constants:\n" + "".join(entries)


def _constants(path: Path) -> dict[str, dict[str, Any]]:
    entries = load_yaml(path).get("constants")
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise DataError(f"{path}: field constants", "should map each constant to its value")
    return entries


def _number(path: Path, name: str, entry: Mapping[str, Any], key: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise DataError(f"{path}: field constants.{name}.{key}", f"should be a positive number, not {value!r}")
    return float(value)
