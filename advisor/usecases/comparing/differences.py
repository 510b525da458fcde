"""What differs between two recommendations, by cause: the question, prices, evidence, facts, code, candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.comparison import Cause, Change
from advisor.usecases.comparing.question_changes import NOTHING, differing_fields
from advisor.usecases.plan_changes import candidate_changes, offers_of, plans_of, rejection_changes, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from advisor.domain.answer import Candidate, CitedSource, OfferLine, QualityLine, Recommendation
    from advisor.domain.knowledge import Knowledge

_DIGEST_CHARACTERS = 12
_EVIDENCE_KINDS = frozenset({"measurement", "availability", "startup", "daily"})
"""Sources of what was observed; those of prices stand with the offers, and the others are of facts."""


def changes(before: Recommendation, after: Recommendation) -> tuple[Change, ...]:
    """Return all that differs, in the order of `Cause`; what says the same in words is no change."""
    return tuple(
        Change(cause=cause, what=what, before=was, after=now)
        for cause, differing in DIFFERING.items()
        for what, was, now in differing(before, after)
        if was != now
    )


Difference = tuple[str, str | None, str | None]
"""What differs, what it was, and what it is."""

SourceKey = tuple[str, str, str]
"""Kind, title and address of a source."""


def _question(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    yield from differing_fields(before.question, after.question)


def _prices(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    """Yield the offers of plans in both answers that have another price or date."""
    were, are = offers_of(before), offers_of(after)
    for key in [key for key in were if key in are]:
        gpu, *_ = key
        offer = were[key]
        what = f"{offer.provider} {offer.instance_type} ({gpu}), {offer.region}, {offer.price_basis}"
        yield what, _price(offer), _price(are[key])


def _price(offer: OfferLine) -> str:
    return f"${offer.usd_per_hour_each:,.4f}/h each, {offer.confidence} price of {offer.as_of}"


def _evidence(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    were, are = plans_of(before), plans_of(after)
    for key in [key for key in were if key in are]:
        title = title_of(were[key])
        for what, told in _EVIDENCE_OF_A_PLAN.items():
            yield f"{title}: {what}", told(were[key]), told(are[key])
    yield "own runs that count", _digest(before), _digest(after)
    if before.known and after.known:
        yield "own runs known", _known(before.known), _known(after.known)
    yield from _sources(_cited(before.sources, observed=True), _cited(after.sources, observed=True))


_EVIDENCE_OF_A_PLAN: dict[str, Callable[[Candidate], str]] = {
    "basis": lambda plan: str(plan.basis),
    "spread of throughput": lambda plan: f"{plan.spread * 100:.1f} %",
    "evidence points": lambda plan: f"{plan.evidence_points}",
}


def _digest(answer: Recommendation) -> str:
    return answer.evidence_digest[:_DIGEST_CHARACTERS] or NOTHING


def _known(known: Knowledge) -> str:
    return f"{known.runs} and {known.rows} single rows"


def _shortened(known: Knowledge) -> str:
    return known.profiles_digest[:_DIGEST_CHARACTERS] or NOTHING


def _sources(were: set[SourceKey], are: set[SourceKey]) -> Iterator[Difference]:
    """Yield the sources that are gone, or new."""
    for kind, title, url in sorted(were ^ are):
        told = f"{title} ({url})" if url else title
        yield f"source of {kind}", *((told, None) if (kind, title, url) in were else (None, told))


def _cited(sources: Iterable[CitedSource], *, observed: bool) -> set[SourceKey]:
    """Return the sources of observations, or those of facts; those of prices are told with the offers."""
    return {
        (source.kind, source.title, source.url or "")
        for source in sources
        if source.kind != "price" and (source.kind in _EVIDENCE_KINDS) is observed
    }


def _facts(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    were, are = plans_of(before), plans_of(after)
    for key in [key for key in were if key in are]:
        title = title_of(were[key])
        for what, told in _FACTS_OF_A_PLAN.items():
            yield f"{title}: {what}", told(were[key]), told(are[key])
    if before.known and after.known:
        yield "profiles (digest)", _shortened(before.known), _shortened(after.known)
    yield from _scores(before, after)
    same = [key for key in were if key in are]
    facts = [{s for key in same for s in _cited(plans[key].sources, observed=False)} for plans in (were, are)]
    yield from _sources(*facts)


_FACTS_OF_A_PLAN: dict[str, Callable[[Candidate], str]] = {
    "engine": lambda plan: f"{plan.engine} {plan.engine_version}",
    "checkpoint": lambda plan: f"{plan.checkpoint} ({plan.kernel.replace('_', '-')})",
}


def _scores(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    """Yield the published scores that differ, of models that both answers compare."""
    were, are = _score_lines(before), _score_lines(after)
    models = {model for line in were.values() for model in line.scores} & {
        model for line in are.values() for model in line.scores
    }
    for benchmark in dict.fromkeys((*were, *are)):
        for model in sorted(models):
            yield f"{benchmark} of {model}", _score(were.get(benchmark), model), _score(are.get(benchmark), model)


def _score_lines(answer: Recommendation) -> dict[str, QualityLine]:
    return {line.benchmark: line for line in answer.quality}


def _score(line: QualityLine | None, model: str) -> str | None:
    return None if line is None or model not in line.scores else f"{line.scores[model]:g} {line.unit}".strip()


def _code(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    yield "version of advisor", _version(before), _version(after)


def _version(answer: Recommendation) -> str:
    return answer.advisor_version or "not told"


def _candidates(before: Recommendation, after: Recommendation) -> Iterator[Difference]:
    yield from candidate_changes(before, after)
    yield from rejection_changes(before, after)


DIFFERING: dict[Cause, Callable[[Recommendation, Recommendation], Iterator[Difference]]] = {
    Cause.QUESTION: _question,
    Cause.PRICE: _prices,
    Cause.EVIDENCE: _evidence,
    Cause.FACTS: _facts,
    Cause.CODE: _code,
    Cause.CANDIDATES: _candidates,
}
