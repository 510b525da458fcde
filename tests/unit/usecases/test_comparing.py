"""What changed between two recommendations, told by cause, and what part of the question changed the price."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.comparison import Cause
from advisor.domain.knowledge import Knowledge
from advisor.domain.question import Question
from advisor.domain.slo import parse_slo
from advisor.errors import InfeasibleError, InputError
from advisor.usecases.comparing.attributing import attribute, check_repeatable
from advisor.usecases.comparing.compare import compared, summary
from advisor.usecases.comparing.differences import changes
from advisor.usecases.comparing.question_changes import groups_that_differ, in_words
from advisor.usecases.plan_changes import plans_of
from tests.samples import CHOSEN, QUESTION, RECOMMENDATION

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.answer import Candidate, Recommendation

LATER = date(2000, 2, 3)


def asked(**fields: Any) -> Recommendation:
    """Return the sample as the answer to another question."""
    return RECOMMENDATION.model_copy(update={"question": QUESTION.model_copy(update=fields)})


def chosen(plan: Candidate, **more: Any) -> Recommendation:
    """Return the sample with another plan in the place of the chosen one."""
    others = {name: plan if best == CHOSEN else best for name, best in RECOMMENDATION.best_by_contender.items()}
    models = {name: plan if best == CHOSEN else best for name, best in RECOMMENDATION.best_by_model.items()}
    return RECOMMENDATION.model_copy(
        update={
            "decision": RECOMMENDATION.decision.model_copy(update={"candidate": plan}),
            "candidates": (plan, *RECOMMENDATION.candidates[1:]),
            "best_by_contender": others,
            "best_by_model": models,
            **more,
        }
    )


def repriced(usd: str) -> Candidate:
    offer = CHOSEN.offer.model_copy(update={"usd_per_hour_each": Decimal(usd), "as_of": LATER})
    return CHOSEN.model_copy(update={"offer": offer, "usd_per_hour": Decimal(usd) * offer.shapes})


def told(before: Recommendation, after: Recommendation, cause: Cause) -> dict[str, tuple[str | None, str | None]]:
    return {c.what: (c.before, c.after) for c in changes(before, after) if c.cause is cause}


def test_an_answer_does_not_differ_from_itself() -> None:
    assert changes(RECOMMENDATION, RECOMMENDATION) == ()


def test_each_field_of_the_question_that_differs_is_told_with_what_it_was() -> None:
    longer = QUESTION.workload.model_copy(update={"cached_prompt_share": 0.5})
    after = asked(qps=60.0, workload=longer, slo=parse_slo("e2e:p99<4s"), max_gpus=8)
    assert told(RECOMMENDATION, after, Cause.QUESTION) == {
        "workload.cached_prompt_share": ("0", "0.5"),
        "qps": ("50", "60"),
        "slo": ("ttft p95 <= 500 ms, e2e p95 <= 12 s", "e2e p99 <= 4 s"),
        "max_gpus": ("none", "8"),
    }


def test_the_same_offer_at_another_price_or_date_is_a_change_of_price() -> None:
    ((what, (was, now)),) = told(RECOMMENDATION, chosen(repriced("30")), Cause.PRICE).items()
    assert what == "example-cloud example-8x (example-gpu-80gb), example-1, on-demand"
    assert (was, now) == ("$32.0000/h each, list price of 2000-01-02", "$30.0000/h each, list price of 2000-02-03")


def test_evidence_of_the_same_plan_is_compared() -> None:
    after = chosen(
        CHOSEN.model_copy(update={"spread": 0.05, "evidence_points": 15}), evidence_digest="abcdef0123456789"
    )
    found = told(RECOMMENDATION, after, Cause.EVIDENCE)
    assert ("18.0 %", "5.0 %") in found.values()
    assert found["own runs that count"] == ("none", "abcdef012345")
    assert found[next(what for what in found if what.endswith("evidence points"))] == ("14", "15")


def test_a_source_of_measurements_that_is_gone_is_told() -> None:
    left = tuple(s for s in RECOMMENDATION.sources if s.title != "Example run 2")
    after = RECOMMENDATION.model_copy(update={"sources": left})
    found = told(RECOMMENDATION, after, Cause.EVIDENCE)
    assert found == {"source of measurement": ("Example run 2 (https://measurements.example/2)", None)}


def test_another_engine_is_a_fact_and_another_version_is_code() -> None:
    after = chosen(CHOSEN.model_copy(update={"engine_version": "0.0.2"}), advisor_version="9.9")
    (engine,) = told(RECOMMENDATION, after, Cause.FACTS).values()
    assert engine == ("example-engine 0.0.1", "example-engine 0.0.2")
    assert told(RECOMMENDATION, after, Cause.CODE) == {"version of advisor": ("not told", "9.9")}


def test_a_plan_that_left_says_why_it_was_rejected() -> None:
    title = "example-ar-26b+example-mtp fp8 on example-gpu-80gb"
    lost = RECOMMENDATION.rejected[0].model_copy(
        update={"deployment": title, "contender": CHOSEN.contender, "constraint": "latency", "reason": "too slow"}
    )
    without = chosen(RECOMMENDATION.candidates[1], rejected=(*RECOMMENDATION.rejected, lost))
    found = told(RECOMMENDATION, without, Cause.CANDIDATES)
    was, now = found[f"{title}, on-demand"]
    assert was == "6 x 64 slots at example-cloud, $32.00/h, chosen"
    assert now == "rejected: latency: too slow"


def test_a_reason_of_rejection_that_changed_is_told() -> None:
    other = RECOMMENDATION.rejected[0].model_copy(update={"reason": "needs more"})
    after = RECOMMENDATION.model_copy(update={"rejected": (other, *RECOMMENDATION.rejected[1:])})
    ((what, (was, now)),) = told(RECOMMENDATION, after, Cause.CANDIDATES).items()
    assert what == f"rejected {other.deployment}"
    assert was is not None
    assert was.startswith("memory: weights need 120.0")
    assert now == "memory: needs more"


def test_every_plan_that_is_shown_is_compared_once() -> None:
    assert len(plans_of(RECOMMENDATION)) == 3


@pytest.mark.parametrize(
    ("usd", "said"),
    [("30", "-$1,460.00 per month, -6.2 %"), ("32", "$0.00 per month."), ("34", "+$1,460.00 per month")],
)
def test_the_summary_says_the_difference_of_money_with_its_sign(usd: str, said: str) -> None:
    plan = repriced(usd)
    month = plan.usd_per_hour * 730
    after = compared(chosen(plan.model_copy(update={"usd_per_month": month})), "b")
    sentence = summary(compared(RECOMMENDATION, "a"), after)
    assert sentence.startswith("The choice remains example-ar-26b+example-mtp: 6 x ")
    assert said in sentence


def test_every_field_of_a_question_belongs_to_one_step() -> None:
    fields: dict[str, Any] = {field: object() for field in Question.model_fields}
    nothing, other = QUESTION.model_copy(update=dict.fromkeys(fields)), QUESTION.model_copy(update=fields)
    named = [field for group in groups_that_differ(nothing, other).values() for field in group]
    assert sorted(named) == sorted(fields)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        ((), "none"),
        (True, "yes"),
        (0.25, "0.25"),
        ({"mmlu": 75.0}, "mmlu=75"),
        (QUESTION.workload.input, "512 tokens (cv 0.5)"),
        (tuple(range(1200)), "1,200 entries"),
    ],
)
def test_values_of_a_question_are_told_as_a_reader_writes_them(value: object, words: str) -> None:
    assert in_words(value) == words


def costing(law: Callable[[Question], Decimal]) -> Callable[..., Recommendation]:
    """Return a stand-in that answers with a price which a law gives."""

    def ask(question: Question, _: Knowledge | None = None) -> Recommendation:
        plan = CHOSEN.model_copy(update={"usd_per_hour": law(question)})
        return chosen(plan, question=question)

    return ask


def by_load_and_limit(question: Question) -> Decimal:
    """Return a price in which load and limit act together."""
    return Decimal(question.qps) * len(question.slo) + (question.max_gpus or 0)


@given(
    qps=st.integers(1, 100),
    other_qps=st.integers(1, 100),
    limits=st.sampled_from(["e2e:p95<1s", "e2e:p95<1s;ttft:p95<1s"]),
    most=st.integers(1, 9),
    drift=st.integers(-9, 9),
)
def test_prices_steps_and_the_rest_add_up_to_the_whole_change(
    qps: int, other_qps: int, limits: str, most: int, drift: int
) -> None:
    ask = costing(by_load_and_limit)
    before = ask(QUESTION.model_copy(update={"qps": float(qps)}))
    asked_later = QUESTION.model_copy(update={"qps": float(other_qps), "slo": parse_slo(limits), "max_gpus": most})
    after = costing(lambda question: by_load_and_limit(question) + drift)(asked_later)
    found = attribute(before, after, ask=ask)
    steps = [step.in_turn_change_usd_per_hour or Decimal(0) for step in found.substitutions]
    assert found.rest_change_usd_per_hour == drift
    whole = after.decision.candidate.usd_per_hour - before.decision.candidate.usd_per_hour
    assert sum(steps) + (found.price_change_usd_per_hour or 0) + drift == whole
    assert [step.group for step in found.substitutions][-1] == "candidates"


def test_a_single_cause_has_the_same_effect_alone_and_in_turn() -> None:
    ask = costing(by_load_and_limit)
    (step,) = attribute(ask(QUESTION), ask(asked(qps=60.0).question), ask=ask).substitutions
    assert step.alone_change_usd_per_hour == step.in_turn_change_usd_per_hour == 20
    assert (step.group, step.fields) == ("load", ("qps",))


def test_a_change_of_price_alone_leaves_no_rest_where_todays_book_has_it() -> None:
    after = chosen(repriced("30"))
    found = attribute(RECOMMENDATION, after, ask=lambda *_: after)
    assert found.price_change_usd_per_hour == -2
    assert found.first_question_today_usd_per_hour == 30
    assert (found.substitutions, found.rest_change_usd_per_hour) == ((), Decimal(0))


def test_runs_that_only_the_second_answer_knew_are_a_step_of_their_own_and_come_first() -> None:
    def ask(question: Question, known: Knowledge | None) -> Recommendation:
        usd = by_load_and_limit(question) - (known.runs if known else 0)
        return chosen(CHOSEN.model_copy(update={"usd_per_hour": usd}), question=question, known=known)

    before, after = ask(QUESTION, Knowledge(runs=2)), ask(asked(qps=60.0).question, Knowledge(runs=7, rows=1))
    runs, load = attribute(before, after, ask=ask).substitutions
    assert runs.group == "own runs"
    assert runs.alone_change_usd_per_hour == -5
    assert load.alone_usd_per_hour == 118
    assert load.in_turn_usd_per_hour == 113
    assert told(before, after, Cause.EVIDENCE)["own runs known"] == ("2 and 0 single rows", "7 and 1 single rows")


def test_runs_of_today_count_where_an_answer_does_not_tell_what_it_knew() -> None:
    knew: list[Knowledge | None] = []

    def ask(question: Question, known: Knowledge | None) -> Recommendation:
        knew.append(known)
        return costing(by_load_and_limit)(question)

    attribute(chosen(CHOSEN, known=Knowledge(runs=2)), asked(qps=60.0), ask=ask)
    assert set(knew) == {None}


def test_a_step_that_nothing_meets_has_no_effect_and_says_why() -> None:
    ask = costing(by_load_and_limit)

    def picky(question: Question, _: Knowledge | None) -> Recommendation:
        if question.qps > 55:
            raise InfeasibleError("no deployment meets it")
        return ask(question)

    after = ask(QUESTION.model_copy(update={"qps": 60.0, "max_gpus": 3}))
    load, candidates = attribute(ask(QUESTION), after, ask=picky).substitutions
    assert (load.alone_change_usd_per_hour, load.problem) == (None, "no deployment meets it")
    assert candidates.in_turn_change_usd_per_hour is None
    assert candidates.alone_change_usd_per_hour == 3


def test_the_question_of_a_trace_cannot_be_answered_again_from_its_json() -> None:
    traced = QUESTION.workload.model_copy(update={"pairs": ((10, 20),), "input": None, "output": None})
    with pytest.raises(InputError, match=r"a\.json was made from the trace example-chat"):
        check_repeatable(asked(workload=traced), "a.json", hint="")
    check_repeatable(asked(workload=traced, burstiness=1.0), "a.json", hint="")


def test_an_answer_of_before_is_told_from_one_of_later() -> None:
    earlier = RECOMMENDATION.model_copy(update={"generated_at": RECOMMENDATION.generated_at - timedelta(days=1)})
    assert compared(earlier, "a").generated_at < compared(RECOMMENDATION, "b").generated_at
