"""Which input changes the choice, arranged for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report import grounds
from advisor.report.document import Sentence, Tone
from advisor.report.figures import money
from advisor.report.recommendation import asked
from advisor.report.sensitivity_levers import section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.sensitivity import Sensitivity
    from advisor.report.document import Document


def arrange(answer: Sensitivity, *, explain: bool) -> Document:
    """Return the report of a sensitivity."""
    return (
        Sentence(answer.summary, Tone.HEADLINE),
        Sentence(f"Asked: {asked(answer.question)}.", Tone.FAINT),
        Sentence(
            f"Cheapest by formula: {answer.plan}, {money(answer.usd_per_hour)}/h. Speeds are {answer.basis}.",
            Tone.FAINT,
        ),
        *section(answer.levers),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def records(answer: Sensitivity) -> Iterator[dict[str, object]]:
    """Yield one flat record per input, costs of both ends by model."""
    for lever in answer.levers:
        flat = lever.model_dump(mode="json", exclude={"low", "high"})
        for end, line in (("low", lever.low), ("high", lever.high)):
            flat[f"{end}_value"] = line.value
            flat[f"{end}_leader"] = line.leader
            for cost in line.costs:
                flat[f"{end}_usd_per_hour_{cost.model}"] = None if cost.usd_per_hour is None else str(cost.usd_per_hour)
        yield flat
