"""A recommendation, arranged for a reader: the decision first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.routing import Routing
from advisor.report import chosen, grounds, plans, quality, sensitivity_levers, sureness
from advisor.report.document import Sentence, Tone
from advisor.report.figures import counted, fine_share, number, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.question import Question
    from advisor.domain.workload import LengthLaw, Workload
    from advisor.report.document import Document


def arrange(answer: Recommendation, *, explain: bool) -> Document:
    """Return the report of a recommendation."""
    return (
        Sentence(answer.decision.reason, Tone.HEADLINE),
        Sentence(
            f"Asked: {asked(answer.question)}. Considered: {answer.deployments_considered} deployments.", Tone.FAINT
        ),
        *plans.ranked(answer),
        *sureness.sureness(answer),
        *chosen.chosen_in_detail(answer),
        *plans.best_of_each(answer),
        *sensitivity_levers.section(answer.sensitivity),
        *grounds.quality(answer),
        *quality.in_the_decision(answer),
        *grounds.rejected(answer, explain=explain),
        *(grounds.explanation(answer.explanation) if explain else ()),
        *grounds.warnings(answer.warnings),
        *grounds.sources(answer.sources, explain=explain),
    )


def asked(question: Question) -> str:
    """Return the question in words."""
    limits = ", ".join(str(objective) for objective in question.slo)
    if question.attainment is not None:
        limits = (
            f"{', '.join(o.limit_in_words for o in question.slo)} for {fine_share(question.attainment)} of requests"
        )
    parts = [f"{number(question.qps)} qps of {workload_in_words(question.workload)}", *_arrivals(question), limits]
    return "; ".join(parts)


def _arrivals(question: Question) -> Iterator[str]:
    """Yield what is special about arrivals and risk: Poisson arrivals at a constant rate need no word."""
    if question.daily is not None:
        peak = question.daily.peak_share
        yield f"over the hours of {question.daily.name}, {number(question.peak_qps)} qps in the peak hour ({peak:.2f} x)"
    if question.burstiness is not None and question.burstiness != 1:
        yield f"squared variation of the gaps {question.burstiness:g}"
    elif question.burstiness is None and question.workload.arrival_s:
        yield "arrivals as in the trace, stretched to this rate"
    if question.routing is not Routing.LEAST_OUTSTANDING:
        yield f"{question.routing} routing"
    if question.availability is not None:
        yield f"enough replicas up {fine_share(question.availability)} of the time"
    if question.spares:
        yield counted(question.spares, "spare")
    if question.headroom:
        yield f"{share(question.headroom)} headroom"


def workload_in_words(workload: Workload) -> str:
    """Return a workload as ``chat (512 tokens in, 256 tokens out)``."""
    if workload.pairs:
        return f"{workload.name} ({workload.content}, {counted(len(workload.pairs), 'request')} of a trace)"
    laws = ((workload.input, "in"), (workload.output, "out"))
    lengths = ", ".join(_length(law, way) for law, way in laws if law is not None)
    return f"{workload.name} ({workload.content}, {lengths})"


def _length(law: LengthLaw, way: str) -> str:
    spread = f" (cv {law.cv:g})" if law.cv else ""
    return f"{number(law.mean_tokens)} tokens {way}{spread}"


def records(answer: Recommendation) -> Iterator[dict[str, object]]:
    """Yield one flat record per plan, units in the names."""
    for rank, plan in enumerate(answer.candidates, start=1):
        yield {"rank": rank, "chosen": plan == answer.decision.candidate, **_record(plan)}


def _record(plan: Candidate) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in plan.model_dump(mode="json", exclude={"sources", "outlook"}).items():
        flat |= {f"{name}_{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
    return {
        **flat,
        **sureness.outlook_record(plan.outlook),
        "source_urls": [source.url for source in plan.sources if source.url],
    }
