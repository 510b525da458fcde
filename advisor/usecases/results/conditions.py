"""Under what an imported run was made: what its file says and what the user says, which must not contradict each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from advisor import catalog
from advisor.domain.model import Precision
from advisor.domain.profiled import RunConditions
from advisor.errors import DataError, InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.catalog.results import Told, ToldRun
    from advisor.domain.model import Checkpoint, ModelSpec
    from advisor.domain.workload import Workload

OPTIONS = {
    "model": "--model",
    "gpu": "--gpu",
    "precision": "--precision",
    "tensor_parallel": "--tensor-parallel",
    "slots": "--slots",
    "engine": "--engine",
    "engine_version": "--engine-version",
    "speculative": "--speculative",
    "content": "--content",
    "workload": "--workload",
    "measured_at": "--date",
}
"""The options that say what a file may say too."""

_RESOLVED = frozenset({"model", "gpu"})
"""What file and user may call by different names."""

_ZONES_DAYS = 1
"""Days by which a date that is told without a time zone may differ."""


@dataclass(frozen=True, slots=True)
class Described:
    """What the profiles describe, and what the engine is called where only its version is given."""

    models: Mapping[str, ModelSpec]
    gpus: Sequence[str]
    workloads: Mapping[str, Workload]
    engine: str


def conditions_of(run: ToldRun, given: Told, described: Described) -> tuple[RunConditions, ModelSpec]:
    """Return the conditions of a run, and the model that it is about.

    Raises
    ------
    DataError
        If the file says one thing and an option another, or what is needed is said by neither.
    UnknownNameError
        If an option names a model, GPU or drafter that no profile describes.
    """
    told = combine(run, given)
    model = _model(run, given, described.models)
    called = next((name for name in (run.told.checkpoint, run.told.model) if name not in {None, model.name}), "")
    checkpoint = _checkpoint(model, called or "")
    precision = _precision(run, told, checkpoint)
    if checkpoint and precision not in {None, checkpoint.precision}:
        called = ""  # quantized while it was loaded: the name would say another precision
    workload = described.workloads.get(told.workload or "")
    conditions = RunConditions(
        model=model.name,
        gpu=_gpu(run, given, described.gpus),
        checkpoint=called or "",
        precision=precision,
        tensor_parallel=told.tensor_parallel or 1,
        engine=(told.engine or (described.engine if told.engine_version else "")).lower(),
        engine_version=told.engine_version or "",
        speculative=_speculative(told, given, model),
        max_num_seqs=told.slots,
        max_num_batched_tokens=told.token_budget,
        workload=told.workload or "",
        content=told.content or (workload.content if workload and not run.kept else None),
        lengths=told.lengths,
    )
    return conditions, model


def combine(run: ToldRun, given: Told) -> Told:
    """Return what a file and the user say together; model and GPU as the user calls them.

    Raises
    ------
    DataError
        If they contradict each other.
    """
    said: dict[str, Any] = {}
    for name in (field.name for field in fields(given)):
        by_file, by_user = getattr(run.told, name), getattr(given, name)
        if None not in {by_file, by_user} and name not in _RESOLVED and not _agree(by_file, by_user):
            raise _contradiction(run, name, by_file, by_user)
        said[name] = by_file if by_user is None or (name == "measured_at" and by_file is not None) else by_user
    return replace(given, **said)


def _agree(by_file: Any, by_user: Any) -> bool:
    if isinstance(by_file, datetime) and isinstance(by_user, datetime):
        return abs((by_file.date() - by_user.date()).days) <= _ZONES_DAYS
    return str(by_file).lower() == str(by_user).lower()


def _contradiction(run: ToldRun, name: str, by_file: Any, by_user: Any) -> DataError:
    said = [f"{told:%Y-%m-%d}" if isinstance(told, datetime) else str(told) for told in (by_file, by_user)]
    return DataError(
        run.where,
        f"says {name.replace('_', ' ')} {said[0]}, and {OPTIONS[name]} says {said[1]}",
        hint=f"leave {OPTIONS[name]} out, or import this file without the others",
    )


def _untold(run: ToldRun, what: str, option: str, *, known: str = "") -> InputError:
    return InputError(f"{run.where}: does not say {what}{known}", hint=f"say it with {option}")


def _model(run: ToldRun, given: Told, models: Mapping[str, ModelSpec]) -> ModelSpec:
    named = models[catalog.resolve("model", given.model, models)] if given.model else None
    said = run.told.model or run.told.checkpoint
    found = _called(said, models) or _called(run.told.checkpoint, models)
    if named and found and named is not found:
        raise _contradiction(run, "model", said if said == found.name else f"{said} ({found.name})", named.name)
    if named or found:
        return named or found  # type: ignore[return-value]  # one of them is there
    told = f": it calls it {said!r}" if said else ""
    raise _untold(run, "which of the known models was measured", "--model (advisor models lists them)", known=told)


def _called(name: str | None, models: Mapping[str, ModelSpec]) -> ModelSpec | None:
    """Return the model that goes by a name: its own, that of one of its checkpoints, or the last part of that."""
    wanted = (name or "").lower()
    for model in models.values():
        checkpoints = [checkpoint.name.lower() for checkpoint in model.checkpoints]
        if wanted in {model.name.lower(), *checkpoints, *(full.rpartition("/")[2] for full in checkpoints)}:
            return model
    return None


def _checkpoint(model: ModelSpec, name: str) -> Checkpoint | None:
    """Return the checkpoint that goes by a name, or by the last part of it where only one does."""
    wanted = name.lower()
    matching = [c for c in model.checkpoints if wanted in {c.name.lower(), c.name.lower().rpartition("/")[2]}]
    return matching[0] if len(matching) == 1 else None


def _precision(run: ToldRun, told: Told, checkpoint: Checkpoint | None) -> Precision | None:
    """Return the precision that is told, else that of the checkpoint. Only full-precision weights can be served in another."""
    if checkpoint is None or run.kept:
        return told.precision
    if told.precision not in {None, checkpoint.precision} and checkpoint.precision is not Precision.BF16:
        said = f"{checkpoint.precision} ({checkpoint.name})"
        raise _contradiction(run, "precision", said, told.precision)
    return told.precision or checkpoint.precision


def _speculative(told: Told, given: Told, model: ModelSpec) -> str | None:
    drafters = [drafter.name for drafter in model.drafters]
    if given.speculative and given.speculative not in drafters:
        raise UnknownNameError(f"drafter of {model.name}", given.speculative, drafters)
    return told.speculative


def _gpu(run: ToldRun, given: Told, gpus: Sequence[str]) -> str:
    """Return the GPU. Where a file's own word for it fits several, the SXM one is meant, as everywhere, or the user says."""
    said = run.told.gpu
    fitting = _fitting(said, gpus) if said else list(gpus)
    if given.gpu:
        named = catalog.resolve("GPU", given.gpu, gpus)
        if fitting and named not in fitting:
            raise _contradiction(run, "gpu", said, named)
        return named
    usual = [gpu for gpu in fitting if "-sxm-" in gpu]
    if said and 1 in {len(fitting), len(usual)}:
        return fitting[0] if len(fitting) == 1 else usual[0]
    told = f": it calls it {said!r}, which fits {', '.join(fitting) or 'none that is known'}" if said else ""
    raise _untold(run, "which GPU was measured", "--gpu (advisor gpus lists them)", known=told)


def _fitting(said: str, gpus: Sequence[str]) -> list[str]:
    """Return the GPUs that a word may mean: all of its parts, such as a100 and 80g, are a part of the name or begin one."""
    parts = [part for part in re.split(r"[-_ ]", said.lower()) if part not in _MAKERS]
    exact = [gpu for gpu in gpus if set(parts) <= set(gpu.split("-"))]
    return exact or [gpu for gpu in gpus if all(any(own.startswith(part) for own in gpu.split("-")) for part in parts)]


_MAKERS = frozenset({"", "nvidia", "amd", "instinct"})
