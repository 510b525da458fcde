"""What a recommendation takes for granted: each figure with its source, and what it does to the answer if it is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.cost import HOURS_PER_MONTH
from advisor.domain.review import AssumptionLine
from advisor.report.figures import counted, money, number, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from advisor.domain.answer import Candidate, CitedSource, Recommendation
    from advisor.domain.certainty import Spread90
    from advisor.domain.model import ModelSpec
    from advisor.domain.question import Question

GIVEN = "given"
ASSUMED = "assumed"
YOUR_QUESTION = "your question"
RISE = "a rise of 10 %"


def assumption_lines(answer: Recommendation, models: Mapping[str, ModelSpec]) -> tuple[AssumptionLine, ...]:
    """Return the assumptions of a recommendation, those of the load first."""
    return (*_of_load(answer), *_of_speed(answer), *_of_content(answer, models), *_of_price(answer), *_of_time(answer))


def _of_load(answer: Recommendation) -> Iterator[AssumptionLine]:
    question, plan = answer.question, answer.decision.candidate
    given = _Given(question)
    yield given.line("request rate", number(question.qps), "requests/s", _more_load(plan, question))
    if question.daily is not None:
        yield given.line("rate in the peak hour", number(question.peak_qps), "requests/s", _more_load(plan, question))
    yield from given.lengths()
    bursts = "1" if question.burstiness is None else f"{question.burstiness:g}"
    yield given.line(
        "burstiness of arrivals",
        "as in the trace" if question.burstiness is None and question.workload.arrival_s else bursts,
        "squared variation of the gaps",
        "Burstier arrivals wait longer: more replicas, or a missed objective. 1 is a Poisson process.",
        confidence=ASSUMED if question.burstiness is None else GIVEN,
    )


def _more_load(plan: Candidate, question: Question) -> str:
    more = one_more(plan)
    if plan.capacity_qps <= question.peak_qps:
        return f"The simulation confirms this rate and no more. {more}"
    return f"The plan keeps the objectives up to {number(plan.capacity_qps)} requests/s by formula. {more}"


def one_more(plan: Candidate) -> str:
    """Return what one more replica costs: nothing where it fits on GPUs that are paid already."""
    if plan.gpus_paid - plan.gpus >= plan.tensor_parallel:
        return "One more replica fits on GPUs that are paid already."
    shapes = -(-plan.tensor_parallel // plan.offer.gpu_count)
    return f"One more replica costs {money(plan.offer.usd_per_hour_each * shapes * HOURS_PER_MONTH)} per month."


class _Given:
    """Lines about the load and its lengths: those of the workload's source where it has one, else the question's."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.work = question.workload

    def line(self, name: str, value: str, unit: str, impact: str, *, confidence: str = GIVEN) -> AssumptionLine:
        return AssumptionLine(
            name=name,
            value=value,
            unit=unit,
            source=YOUR_QUESTION,
            source_url=None,
            date=self.question.today,
            confidence=confidence,
            impact=impact,
        )

    def lengths(self) -> Iterator[AssumptionLine]:
        if self.work.pairs:
            yield self._length("lengths", f"{len(self.work.pairs):,}", "requests of a trace", "As for a length law.")
        for name, law, impact in (
            ("input length, mean", self.work.input, "Longer prompts take longer to read and more memory per request."),
            ("output length, mean", self.work.output, "Work per request grows with it, and so does the fleet."),
        ):
            if law is not None:
                spread = f", spread {law.cv:g}" if law.cv else ""
                yield self._length(name, number(law.mean_tokens), f"tokens{spread}", impact)

    def _length(self, name: str, value: str, unit: str, impact: str) -> AssumptionLine:
        line, source = self.line(name, value, unit, impact), self.work.source
        if source is None:
            return line
        told = {"source": source.title or self.work.name, "source_url": source.url, "date": source.date}
        return line.model_copy(update={**told, "confidence": "published"})


def _of_speed(answer: Recommendation) -> Iterator[AssumptionLine]:
    plan, question = answer.decision.candidate, answer.question
    rows = [source for source in plan.sources if source.kind == "measurement"]
    by = rows[0].title if rows else f"estimate of advisor, {counted(plan.evidence_points, 'point')} of evidence"
    yield AssumptionLine(
        name="saturation of one replica" if plan.replicas == 1 else f"saturation of {plan.replicas} replicas",
        value=number(plan.saturation_qps.value),
        unit=f"requests/s ({number(plan.saturation_qps.low)} to {number(plan.saturation_qps.high)} with 80 %)",
        source=by,
        source_url=rows[0].url if rows else None,
        date=rows[0].date if rows else question.today,
        confidence=plan.basis,
        impact=_speed_impact(plan),
    )
    yield AssumptionLine(
        name="engine version",
        value=plan.engine_version,
        unit=plan.engine,
        source="profiles of this advisor",
        source_url=None,
        date=question.today,
        confidence=ASSUMED,
        impact="Another version may be faster or slower; the checks before sign-off measure the one that is deployed.",
    )


def _speed_impact(plan: Candidate) -> str:
    if plan.outlook is None:
        return "Not drawn (--draws 0): the spread of the cost is not known."
    usd, fleets = plan.outlook.usd_per_hour, plan.outlook.replicas
    return (
        f"90 % of draws need {_span(fleets)}, {_money_span(usd)} per month; the plan is enough in "
        f"{share(plan.outlook.as_planned)} of draws."
    )


def _span(found: Spread90) -> str:
    ends = dict.fromkeys("no number of" if end is None else f"{end:.0f}" for end in (found.p05, found.p95))
    words = " to ".join(ends)
    return "1 replica" if words == "1" else f"{words} replicas"


def _money_span(found: Spread90) -> str:
    ends = [None if end is None else _month(end) for end in (found.p05, found.p95)]
    return " to ".join(dict.fromkeys("not to be had" if end is None else money(end) for end in ends))


def _month(usd_per_hour: float) -> Decimal:
    return Decimal(repr(usd_per_hour)) * HOURS_PER_MONTH


STEPS = "denoising steps"


def _of_content(answer: Recommendation, models: Mapping[str, ModelSpec]) -> Iterator[AssumptionLine]:
    """Yield figures that depend on what replies are made of, for the models that are compared."""
    source = _source("steps", answer.sources)
    for line in answer.explanation:
        if line.figure == STEPS:
            yield AssumptionLine(
                name=f"{STEPS} of {line.contender}",
                value=line.value,
                unit=line.unit,
                source=source.title if source else line.how,
                source_url=source.url if source else None,
                date=source.date if source else answer.question.today,
                confidence=line.basis or GIVEN,
                impact="Steps decide how long a canvas takes: its fleet grows with them.",
            )
    yield from _of_drafter(answer, models)


def _of_drafter(answer: Recommendation, models: Mapping[str, ModelSpec]) -> Iterator[AssumptionLine]:
    plan, content = answer.decision.candidate, answer.question.workload.content
    model = models.get(plan.model)
    for drafter in model.drafters if model else ():
        rate = drafter.accepted_tokens.get(content)
        if drafter.name == plan.speculative and rate is not None:
            yield AssumptionLine(
                name=f"tokens per pass with {drafter.name}",
                value=number(rate.value),
                unit=f"tokens, on {content}",
                source=rate.source.title or drafter.name,
                source_url=rate.source.url,
                date=rate.source.date,
                confidence="published",
                impact="Fewer accepted tokens slow each reply down: the fleet grows.",
            )


def _source(kind: str, sources: Sequence[CitedSource]) -> CitedSource | None:
    return next((source for source in sources if source.kind == kind), None)


def _of_price(answer: Recommendation) -> Iterator[AssumptionLine]:
    plan = answer.decision.candidate
    offer = plan.offer
    yield AssumptionLine(
        name="price of the shape",
        value=f"{offer.usd_per_hour_each:f}",
        unit=f"USD per hour, {offer.price_basis}",
        source=f"{offer.provider} {offer.instance_type}, {offer.region}",
        source_url=offer.source_url,
        date=offer.as_of,
        confidence=offer.confidence,
        impact=f"Moves the rent one for one: {RISE} is {money(plan.usd_per_month / 10)} per month.",
    )


def _of_time(answer: Recommendation) -> Iterator[AssumptionLine]:
    today = answer.question.today
    plan = answer.decision.candidate
    spares = f"{plan.spares}"
    for name, value, unit, impact in (
        (
            "hours of a month",
            f"{HOURS_PER_MONTH}",
            "hours, always on",
            "Rent by the hour falls with the hours switched off.",
        ),
        (
            "price over 3 years",
            "unchanged",
            "",
            "List prices moved by a sixth within weeks in 2026: the 3-year figure is no forecast.",
        ),
        ("load over 3 years", "unchanged", "", "Growth beyond the capacity adds replicas, see the request rate."),
        ("spare replicas", spares, "replicas", _spares(plan)),
        ("currency", "USD", "no conversion", "An invoice in another currency moves with the rate of exchange."),
    ):
        given = name == "spare replicas" and answer.question.spares is not None
        yield _assumed(name, value, unit, impact, today, confidence=GIVEN if given else ASSUMED)


def _spares(plan: Candidate) -> str:
    if plan.one_down_e2e_p95_ms is None:
        return (
            "With one replica down the rest cannot carry the load: --spares 1 or --availability 0.999 sizes for that."
        )
    return f"With one replica down, e2e p95 is {number(plan.one_down_e2e_p95_ms)} ms."


def _assumed(name: str, value: str, unit: str, impact: str, today: date, *, confidence: str) -> AssumptionLine:
    return AssumptionLine(
        name=name,
        value=value,
        unit=unit,
        source="convention of advisor" if confidence == ASSUMED else YOUR_QUESTION,
        source_url=None,
        date=today,
        confidence=confidence,
        impact=impact,
    )
