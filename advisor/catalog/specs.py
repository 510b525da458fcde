"""Models, GPUs and engine versions: one YAML file each, called by the name inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from advisor.catalog.documents import read_document
from advisor.catalog.texts import list_files
from advisor.domain.engine import EngineSpec
from advisor.domain.gpu import GpuSpec
from advisor.domain.model import ModelSpec
from advisor.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.domain.daily import DailyProfile
    from advisor.domain.workload import Workload

NamedT = TypeVar("NamedT", bound="ModelSpec | GpuSpec | EngineSpec | Workload | DailyProfile")


def read_models(root: Path) -> dict[str, ModelSpec]:
    """Read all models, by name."""
    return read_folder(root / "models", ModelSpec)


def read_gpus(root: Path) -> dict[str, GpuSpec]:
    """Read all GPUs, by name."""
    return read_folder(root / "gpus", GpuSpec)


def read_engines(root: Path) -> dict[str, EngineSpec]:
    """Read all engine versions, by ``vllm-0.33.0``."""
    return read_folder(root / "engines", EngineSpec)


def read_model(root: Path, name: str) -> ModelSpec:
    """Read one model."""
    return read_named(root / "models", name, ModelSpec)


def read_gpu(root: Path, name: str) -> GpuSpec:
    """Read one GPU."""
    return read_named(root / "gpus", name, GpuSpec)


def read_engine(root: Path, name: str) -> EngineSpec:
    """Read one engine version, such as ``vllm-0.33.0``."""
    return read_named(root / "engines", name, EngineSpec)


def read_newest_engine(root: Path, engine: str = "vllm") -> EngineSpec:
    """Read the newest version of an engine, and no other file.

    Raises
    ------
    UnknownNameError
        If there is no version of it.
    """
    names = [name for name in spec_names(root, "engines") if name.rpartition("-")[0] == engine]
    if not names:
        raise UnknownNameError("engine", engine, spec_names(root, "engines"))
    return read_engine(root, max(names, key=lambda name: _version_order(name.rpartition("-")[2])))


def newest_engine(engines: Mapping[str, EngineSpec]) -> EngineSpec:
    """Return the engine with the highest version number.

    Raises
    ------
    ValueError
        If there is none.
    """
    return max(engines.values(), key=lambda engine: _version_order(engine.version))


def spec_names(root: Path, kind: str) -> tuple[str, ...]:
    """Return the names in a folder of the profiles (``gpus``, ``models``...), without opening a file."""
    return tuple(path.stem for path in list_files(root / kind, ".yaml"))


def read_folder(folder: Path, kind: type[NamedT]) -> dict[str, NamedT]:
    """Read every YAML file of a folder, by name."""
    return {path.stem: _read_checked(path, kind) for path in list_files(folder, ".yaml")}


def read_named(folder: Path, name: str, kind: type[NamedT]) -> NamedT:
    """Read one YAML file of a folder.

    Raises
    ------
    UnknownNameError
        If no file has that name.
    """
    files = {path.stem: path for path in list_files(folder, ".yaml")}
    if name not in files:
        raise UnknownNameError(folder.name.removesuffix("s"), name, files)
    return _read_checked(files[name], kind)


def _read_checked(path: Path, kind: type[NamedT]) -> NamedT:
    spec = read_document(path, kind)
    name = f"{spec.name}-{spec.version}" if isinstance(spec, EngineSpec) else spec.name
    if name != path.stem:
        raise DataError(str(path), f"describes {name!r}", hint="call the file by the name inside")
    return spec


def _version_order(version: str) -> tuple[tuple[int, int | str], ...]:
    return tuple((1, int(part)) if part.isdigit() else (0, part) for part in version.split("."))
