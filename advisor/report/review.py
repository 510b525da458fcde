"""A review, arranged for those who sign: the decision first, then all that it rests on, the signatures last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.domain.review import Grade, PriceStanding
from advisor.report import chosen, grounds, quality, review_tables, sureness
from advisor.report.document import Facts, Section, Sentence, Spans, Table, Tone
from advisor.report.figures import counted, money, number, share
from advisor.report.recommendation import asked
from advisor.report.review_tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.review import Review
    from advisor.report.document import Block, Document

DRAFT = "DRAFT"
NO_NAME = "not named"


def arrange(review: Review, *, explain: bool) -> Document:
    """Return the whole document, headed by its title; it always explains itself."""
    del explain
    return Section(titled(review)), *body(review)


def titled(review: Review) -> str:
    """Return the title, with the word that marks a draft."""
    return f"{DRAFT}: {review.title}" if review.grade is Grade.DRAFT else review.title


def banner(review: Review) -> str:
    """Return what stands on every page: the word that marks a draft, else nothing."""
    return DRAFT if review.grade is Grade.DRAFT else ""


def running(review: Review) -> str:
    """Return what stands at the top of each page of paper: the question, its day, and what answered it."""
    question = review.recommendation.question
    limits = ", ".join(str(limit) for limit in question.limits)
    load = f"{number(question.qps)} requests/s of {question.workload.name}, {limits}"
    return f"{load}; asked on {question.today}; {_maker(review)}"


def metadata(review: Review) -> dict[str, str]:
    """Return what a file says of itself, by the names that HTML has for it."""
    return {
        "author": review.owner or _maker(review),
        "description": review.answered,
        "generator": _maker(review),
        "dcterms.created": review.generated_at.isoformat(timespec="seconds"),
    }


def _maker(review: Review) -> str:
    return f"advisor {review.advisor_version or ''}".strip()


def body(review: Review) -> Document:
    """Return the document without its title, its sections numbered."""
    parts = (
        _decision(review),
        _asked(review),
        _prices(review),
        chosen.chosen_in_detail(review.recommendation),
        _alternatives(review),
        _evidence(review),
        _assumptions(review),
        _units(review),
        _sensitivity(review),
        _commitments(review),
        _risks(review),
        _changes(review),
        _tasks(review),
        (*grounds.quality(review.recommendation), *quality.in_the_decision(review.recommendation)),
        grounds.warnings(review.recommendation.warnings),
        grounds.sources(review.recommendation.sources, explain=True),
        _repetition(review),
        _signatures(review),
    )
    return (*_draft(review), *_numbered(block for part in parts for block in part))


def _draft(review: Review) -> Iterator[Block]:
    if review.grade is Grade.DRAFT:
        yield Sentence("DRAFT: not to be signed.", Tone.WARNING)
        yield from (Sentence(f"Not fit for a review: {fault}.", Tone.WARNING) for fault in review.unfit)


def _numbered(blocks: Iterator[Block]) -> Iterator[Block]:
    number = 0
    for block in blocks:
        if isinstance(block, Section):
            number += 1
            yield replace(block, title=f"{number}. {block.title}")
        else:
            yield block


def _decision(review: Review) -> Iterator[Block]:
    plan = review.recommendation.decision.candidate
    verdict = review.recommendation.decision.verdict.value.replace("_", " ")
    yield Section("Decision")
    yield Sentence(review.answered, Tone.HEADLINE)
    yield Facts(
        (
            ("asked", review.asked),
            ("verdict", verdict),
            ("how sure", review.sure_in_words),
            ("speed is", f"{plan.basis} ({counted(plan.evidence_points, 'point')} of evidence)"),
            ("owner", review.owner or NO_NAME),
            ("date", review.recommendation.question.today.isoformat()),
            ("prices", _validity(review)),
            ("currency", f"{review.currency}, nothing converted"),
            ("included", "; ".join(review.included)),
            ("not included", "; ".join(review.excluded)),
        )
    )
    yield review_tables.money_table(review)
    yield Spans(
        "USD per month of each plan, cheapest first (of ties within 2 % the quickest is chosen); "
        "the range holds 90 % of draws",
        tuple(review_tables.spans(review)),
    )


def _validity(review: Review) -> str:
    """Return until when the prices are accepted in a review, and from when on they are to be quoted again."""
    if any(line.standing is PriceStanding.UNFIT for line in review.prices):
        return f"not all are accepted in a review, see Prices; the oldest is of {review.prices_as_of}"
    return f"the oldest is of {review.prices_as_of}; {_accepted(review)}"


def _accepted(review: Review) -> str:
    aged = any(line.standing is PriceStanding.AGING for line in review.prices)
    again = "quote again before signing" if aged else f"quote again if it is signed after {review.prices_fresh_until}"
    return f"accepted until {review.prices_usable_until}; {again}"


def _asked(review: Review) -> Iterator[Block]:
    question = review.recommendation.question
    limits = "; ".join(str(limit) for limit in question.limits)
    yield Section("Load and objectives")
    yield Facts(
        (
            ("load", asked(question)),
            ("objectives", limits),
            ("models", ", ".join(question.models) or "those compared by default"),
            ("GPU types", ", ".join(question.gpus) or "all that are described"),
            ("precisions", ", ".join(question.precisions)),
            ("price bases", ", ".join(question.price_bases)),
            ("headroom", share(question.headroom)),
            ("spares", _spares(review)),
            ("most GPUs", "no limit" if question.max_gpus is None else f"{question.max_gpus}"),
            ("region, residency", "no limit was asked for; each price names its region"),
        )
    )


def _spares(review: Review) -> str:
    question = review.recommendation.question
    if question.availability is not None:
        return f"for {share(question.availability)} availability: {review.recommendation.decision.candidate.spares}"
    return "none asked for" if question.spares is None else f"{question.spares}"


def _prices(review: Review) -> Iterator[Block]:
    yield Section("Prices")
    yield review_tables.price_table(review)
    own = any(line.contracted_usd_per_hour is not None for line in review.prices)
    yield Sentence(
        "Prices are per shape and hour; a shape is paid whole. "
        + ("Contracted prices are your own. " if own else "No contracted price was given (--gpu-cost). ")
        + "Upfront shares are not recorded."
    )
    for reason in dict.fromkeys(line.reason for line in review.prices if line.reason):
        names = ", ".join(
            f"{line.provider} {line.instance_type} ({line.gpu})" for line in review.prices if line.reason == reason
        )
        yield Sentence(f"Warning: {reason}: {names}.", Tone.WARNING)


def _alternatives(review: Review) -> Iterator[Block]:
    yield Section("Alternatives considered")
    yield from review_tables.alternatives(review)
    lost = review.recommendation
    yield Sentence(
        f"Considered: {lost.deployments_considered:,} deployments; {len(lost.rejected):,} of them dropped out:"
    )
    yield from (block for block in grounds.rejected(lost, explain=False) if isinstance(block, Table))


def _evidence(review: Review) -> Iterator[Block]:
    answer = review.recommendation
    plan = answer.decision.candidate
    yield Section("Evidence")
    yield Facts(
        (
            ("throughput", f"{plan.basis}, spread {share(plan.spread)} (one standard deviation)"),
            ("time to first token", plan.latency.ttft_basis),
            ("latencies", f"by {plan.latency.decided_by}"),
            ("size of the fleet", f"by {'simulation' if answer.question.simulate else 'formula, not simulated'}"),
            ("quality", "published scores, not measured on your tasks"),
        )
    )
    yield from (block for block in sureness.sureness(answer) if isinstance(block, Table))


def _assumptions(review: Review) -> Iterator[Block]:
    yield Section("Assumptions")
    yield table(
        ("assumption", "value", "unit", "source", "date", "known", "if it is wrong"),
        (
            (
                line.name,
                line.value,
                line.unit,
                f"{line.source} {line.source_url or ''}".strip(),
                line.date.isoformat(),
                line.confidence,
                line.impact,
            )
            for line in review.assumptions
        ),
        right=("value",),
    )


def _units(review: Review) -> Iterator[Block]:
    yield Section("Unit economics")
    yield review_tables.unit_table(review)
    yield Sentence("Output tokens alone are counted; a request is the fairer unit where replies differ in length.")


def _sensitivity(review: Review) -> Iterator[Block]:
    yield Section("Sensitivity")
    if review.sensitivity:
        yield from review_tables.sensitivity_blocks(review)
    if review.sensitivity_note:
        yield Sentence(review.sensitivity_note)


def _commitments(review: Review) -> Iterator[Block]:
    yield Section("Commitment")
    yield review_tables.commitment_table(review)
    yield from [Sentence(review.commitment_note)] if review.commitment_note else []
    schedule = review.recommendation.decision.candidate.schedule
    if schedule is not None:
        floor, peak = min(schedule.replicas_by_hour), max(schedule.replicas_by_hour)
        yield Sentence(f"Over {schedule.profile} the fleet has {floor} replicas at the least and {peak} at the peak.")


def _risks(review: Review) -> Iterator[Block]:
    yield Section("Risks")
    rows = ((line.risk, line.trigger, line.action, line.owner) for line in review.risks)
    yield table(("risk", "trigger", "then", "owner"), rows)


def _changes(review: Review) -> Iterator[Block]:
    yield Section("What would change the answer")
    yield table(("if", "then"), ((line.what, line.effect) for line in review.changes))


def _tasks(review: Review) -> Iterator[Block]:
    yield Section("To check before sign-off")
    yield table(("done", "what", "how", "owner"), (("[ ]", line.task, line.how, line.owner) for line in review.tasks))


def _repetition(review: Review) -> Iterator[Block]:
    at = review.repetition
    yield Section("How to repeat it")
    yield Facts(
        (
            ("command", at.command),
            ("figures again", " && ".join(at.reproduce)),
            *((("by reproduce", at.reproduce_note),) if at.reproduce_note else ()),
            ("advisor version", at.advisor_version or "not told"),
            ("digest of profiles", at.profiles_digest or "not told"),
            ("digest of own runs", at.evidence_digest or "there were none"),
            ("own rows, runs", f"{at.rows:,}, {at.runs:,}"),
            ("draws, seed", f"{at.draws:,}, {at.seed}"),
            ("made", review.generated_at.isoformat(timespec="seconds")),
        )
    )
    yield Sentence("Keep review.json beside this document: it holds the question and every figure.")


def _signatures(review: Review) -> Iterator[Block]:
    yield Section("Sign-off")
    if review.grade is Grade.DRAFT:
        yield Sentence("DRAFT: not to be signed.", Tone.WARNING)
    plan = review.recommendation.decision.candidate
    yield Sentence(f"For {money(plan.usd_per_month)} per month. Prices: {_validity(review)}.")
    blank = "_" * 18
    yield table(("role", "name", "date", "signature"), ((role, blank, blank, blank) for role in review.signers))
