"""What a question is about: the models and GPUs it allows, and how good the models are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.answer import QualityLine, Rejected
from advisor.domain.basis import Basis
from advisor.errors import UnknownNameError
from advisor.usecases.passing import too_few_passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question
    from advisor.usecases.grounding.shipped import Shipped


def allowed_models(question: Question, shipped: Shipped) -> tuple[list[ModelSpec], list[Rejected]]:
    """Return the models to compare, and those that a quality floor rules out."""
    wanted = compared_models(question, shipped)
    floors = {benchmark_named(name, wanted): floor for name, floor in question.min_quality.items()}
    judged = [(model, _below_floor(model, floors) or too_few_passed(model.name, question.quality)) for model in wanted]
    refused = [
        Rejected(deployment=model.name, contender=model.name, constraint="quality", reason=reason)
        for model, reason in judged
        if reason
    ]
    return [model for model, reason in judged if not reason], refused


def compared_models(question: Question, shipped: Shipped) -> list[ModelSpec]:
    """Return the models that a question names, or those compared by default; floors of quality left aside.

    Raises
    ------
    UnknownNameError
        If there is no model of a name.
    """
    names = [name for text in question.models for name in catalog.resolve_all("model", text, shipped.models)]
    return [shipped.models[name] for name in dict.fromkeys(names)] or [
        model for model in shipped.models.values() if model.compared_by_default
    ]


def benchmark_named(name: str, models: Iterable[ModelSpec]) -> str:
    """Return the benchmark that a name, or the start of one, means.

    Raises
    ------
    UnknownNameError
        If it means none, or several.
    """
    known = {score.benchmark.lower(): score.benchmark for model in models for score in model.scores}
    folded = {key.replace(" ", "-"): value for key, value in known.items()}
    matching = [value for key, value in folded.items() if key.startswith(name.lower().replace(" ", "-"))]
    if len(matching) != 1:
        raise UnknownNameError("benchmark", name, folded)
    return matching[0]


def _below_floor(model: ModelSpec, floors: dict[str, float]) -> str:
    for benchmark, floor in floors.items():
        score = next((s for s in model.scores if s.benchmark == benchmark), None)
        if score is None:
            return f"no published {benchmark} score"
        if (score.value < floor) if score.higher_is_better else (score.value > floor):
            return f"{benchmark} is {score.value:g}, asked for {floor:g}"
    return ""


def allowed_gpus(question: Question, shipped: Shipped) -> tuple[list[GpuSpec], list[Rejected]]:
    """Return the GPUs to consider. Vendors that no measurement covers are left out unless a GPU is named."""
    names = [name for text in question.gpus for name in catalog.resolve_all("GPU", text, shipped.gpus)]
    if names:
        return [shipped.gpus[name] for name in dict.fromkeys(names)], []
    real = (row for row in shipped.measurements if row.basis is not Basis.SIMULATED)
    covered = {shipped.gpus[row.gpu].vendor for row in real if row.gpu in shipped.gpus}
    outside = [gpu for gpu in shipped.gpus.values() if gpu.vendor not in covered]
    reason = (
        "no measurement covers this vendor, so the estimator is not valid there; name it in --gpus to see it anyway"
    )
    refused = [Rejected(deployment=g.name, contender="all", constraint="validity", reason=reason) for g in outside]
    return [gpu for gpu in shipped.gpus.values() if gpu.vendor in covered], refused


def quality_of(models: Sequence[ModelSpec]) -> tuple[QualityLine, ...]:
    """Return each benchmark that any of the models has a published score of."""
    lines: dict[str, QualityLine] = {}
    for model in models:
        for score in model.scores:
            known = lines.get(score.benchmark)
            lines[score.benchmark] = QualityLine(
                benchmark=score.benchmark,
                unit=score.unit,
                higher_is_better=score.higher_is_better,
                scores={**(known.scores if known else {}), model.name: score.value},
                source_url=score.source.url,
                date=score.source.date,
            )
    return tuple(lines.values())
