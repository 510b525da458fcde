"""Why a run of the user says nothing: neither of the speed at a level, nor of the time to first token at a rate.

To add a reason, write one function, and enter it in `SKIPS` and `KINDS`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.measurement import UNTOLD
from advisor.usecases.grounding.recognizing import checkpoint_of, model_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.grounding.recognizing import Known

MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Skipped:
    """A run that says nothing: a kind of reason (`KINDS`), and what it is about."""

    run: ProfiledRun
    kind: str
    about: tuple[str, ...]


def in_words(skipped: Iterable[Skipped]) -> str:
    """Say how many runs count for nothing and why, grouped; nothing where all count."""
    listed = list(skipped)
    kinds = Counter(one.kind for one in listed)
    about = {kind: Counter(what for one in listed if one.kind == kind for what in one.about) for kind in kinds}
    return ", ".join(f"{count} {KINDS[kind]}{_told(about[kind])}" for kind, count in kinds.most_common())


def _told(counts: Counter[str]) -> str:
    """Return what is counted, in brackets, the most frequent first."""
    told = [f"{what} {count}" if count > 1 else what for what, count in counts.most_common(MOST_TOLD)]
    more = ["..."] if len(counts) > MOST_TOLD else []
    return f" ({', '.join([*told, *more])})" if told else ""


def why_not(run: ProfiledRun, known: Known) -> Skipped | None:
    """Return why a run counts for nothing, or None where it counts."""
    looked = ((kind, look(run, known)) for kind, look in SKIPS.items())
    return next((Skipped(run, kind, about) for kind, about in looked if about is not None), None)


def _discarded(run: ProfiledRun, _: Known) -> tuple[str, ...] | None:
    return (run.discarded,) if run.discarded else None


def _void(run: ProfiledRun, _: Known) -> tuple[str, ...] | None:
    return None if run.verdict.valid else tuple(reason.partition(":")[0] for reason in run.verdict.reasons)


def _model(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    return None if model_of(run.conditions, known) else (run.conditions.model,)


def _gpu(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    gpu = known.gpus.get(run.conditions.gpu)
    return None if gpu is not None and gpu.bf16_flops is not None else (run.conditions.gpu,)


def _drafter(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    name, model = run.conditions.speculative, model_of(run.conditions, known)
    wanting = name and model and name not in {drafter.name for drafter in model.drafters}
    return (name,) if name and wanting else None


def _engine(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    engine = run.conditions.engine
    foreign = engine and engine.lower() != known.engine.name and run.basis is not Basis.SIMULATED
    return (engine,) if foreign else None


def _precision(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    checkpoint = checkpoint_of(run.conditions, known)
    rule = checkpoint and known.engine.kernel_rule(known.gpus[run.conditions.gpu].arch, checkpoint.precision)
    told = run.conditions.precision or (checkpoint.precision if checkpoint else UNTOLD)
    return None if rule and rule.kernel else (f"{told} on {run.conditions.gpu}",)


def _lengths(run: ProfiledRun, _: Known) -> tuple[str, ...] | None:
    return None if run.figures.input_tokens_mean and run.figures.output_tokens_mean else ()


def _canvases(run: ProfiledRun, known: Known) -> tuple[str, ...] | None:
    model = model_of(run.conditions, known)
    return () if model and model.canvas and run.figures.canvas is None else None


def _no_level(run: ProfiledRun, _: Known) -> tuple[str, ...] | None:
    anchors = isinstance(run.load, OpenLoad) and run.figures.ttft_ms is not None
    return None if anchors or isinstance(run.load, ClosedLoad) else (run.load.kind,)


SKIPS: Mapping[str, Callable[[ProfiledRun, Known], tuple[str, ...] | None]] = {
    "discarded": _discarded,
    "void": _void,
    "model": _model,
    "gpu": _gpu,
    "drafter": _drafter,
    "engine": _engine,
    "precision": _precision,
    "lengths": _lengths,
    "canvases": _canvases,
    "no_level": _no_level,
}
"""Why a run counts for nothing, in this order: what it is about, or None where the reason does not apply."""

KINDS = {
    "discarded": "discarded",
    "void": "void",
    "model": "of a model that no profile describes",
    "gpu": "on a GPU that no profile describes in full",
    "drafter": "with a drafter that the profile of the model does not have",
    "engine": "of another engine",
    "precision": "in a precision that is not known to run",
    "lengths": "without token counts",
    "canvases": "without denoising steps",
    "no_level": "under a load that shows no speed at a level",
}
"""The reasons in words, after a number."""
