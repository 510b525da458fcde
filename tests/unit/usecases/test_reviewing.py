"""What a review makes of a recommendation: grade, alternatives, money, risks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.basis import Basis
from advisor.domain.certainty import Sureness
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.question import ALL_RENTED, Question
from advisor.domain.review import Cover, Grade, Outcome, PriceStanding, Review, Role, Subject
from advisor.domain.slo import parse_slo
from advisor.errors import ReviewError
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.reviewing.money import money_lines
from advisor.usecases.reviewing.review import fit_prices, review
from tests.samples.recommendations import CERTAINTY, CHOSEN, RECOMMENDATION, WORKLOAD
from tests.samples.reviews import REVIEW, review_of

NEWS = date(2026, 11, 23)
PLAIN = {"simulate": False, "draws": 0, "top_n": 2}


def asked(**changes: Any) -> Question:
    told = {"qps": 20, "workload": WORKLOAD, "slo": parse_slo("e2e:p95<12s"), "today": NEWS, **PLAIN}
    return Question(**{**told, **changes})


@cache
def usual() -> Review:
    question = asked(price_bases=ALL_RENTED)
    return answered(question)


def answered(question: Question, *, with_sensitivity: bool = False, **cover: Any) -> Review:
    return review(question, profiles=None, database=None, cover=Cover(**cover), with_sensitivity=with_sensitivity)


def test_every_gpu_type_every_price_basis_and_both_models_are_accounted_for() -> None:
    shipped = open_profiles(None)
    lines = usual().alternatives
    assert {line.name for line in lines if line.subject is Subject.GPU} == set(shipped.gpus)
    assert {line.name for line in lines if line.subject is Subject.PRICE_BASIS} == set(ALL_RENTED)
    compared = [name for name, model in shipped.models.items() if model.compared_by_default]
    names = {line.name for line in lines if line.subject is Subject.MODEL}
    assert all(any(name == model or name.startswith(f"{model}+") for name in names) for model in compared)


def test_every_alternative_that_was_not_chosen_has_its_reason() -> None:
    assert all(line.reason.endswith(".") for line in usual().alternatives)
    for line in usual().alternatives:
        assert (line.usd_per_month is None) is (line.outcome in {Outcome.IMPOSSIBLE, Outcome.NOT_PRICED})


def test_the_chosen_plan_is_chosen_once_of_each_kind_and_none_is_cheaper() -> None:
    chosen = [line for line in usual().alternatives if line.outcome is Outcome.CHOSEN]
    assert sorted(line.subject for line in chosen) == sorted({Subject.MODEL, Subject.GPU, Subject.PRICE_BASIS})
    cost = usual().recommendation.decision.candidate.usd_per_month
    assert {line.usd_per_month for line in chosen} == {cost}
    priced = [line.usd_per_month for line in usual().alternatives if line.usd_per_month is not None]
    assert min(priced) >= cost * Decimal("0.98")


def test_the_figures_are_those_of_the_recommendation() -> None:
    plan = usual().recommendation.decision.candidate
    by_period = {line.hours: line.usd for line in usual().money}
    assert by_period[1] == plan.usd_per_hour.quantize(Decimal("0.01"))
    assert by_period[730] == plan.usd_per_month
    assert usual().costs[0].effective_usd == min(line.effective_usd for line in usual().costs)
    assert next(line for line in usual().costs if line.role is Role.CHOSEN).plan == plan


@given(st.decimals(min_value="0.0001", max_value="100000", places=4))
def test_money_over_a_period_is_the_price_per_hour_times_its_hours(usd_per_hour: Decimal) -> None:
    for line in money_lines(CHOSEN.model_copy(update={"usd_per_hour": usd_per_hour})):
        assert abs(line.usd - usd_per_hour * line.hours) <= Decimal("0.005")


def test_a_range_that_was_not_drawn_is_not_shown() -> None:
    undrawn = money_lines(CHOSEN.model_copy(update={"outlook": None}))
    assert {(line.low_usd, line.high_usd) for line in undrawn} == {(None, None)}


def test_prices_that_are_too_old_are_refused_with_one_line() -> None:
    with pytest.raises(
        ReviewError, match=r"^not fit for a review: the price of .* days old, 90 are allowed"
    ) as refused:
        answered(asked(today=date(2027, 6, 1)))
    assert "--draft" in refused.value.hint
    assert refused.value.exit_code == 6


def test_second_hand_prices_are_refused() -> None:
    with pytest.raises(ReviewError, match="second-hand"):
        answered(asked(include_secondary=True, gpus=("gb200",)))


def test_an_alternative_at_a_price_that_is_unfit_says_so() -> None:
    found = answered(asked(include_secondary=True))
    line = next(x for x in found.alternatives if x.name.startswith("gb200"))
    assert line.reason.endswith("Its price is unfit for a review: second-hand.")


def test_a_draft_takes_them_and_says_what_is_wrong() -> None:
    draft = answered(asked(today=date(2027, 6, 1)), draft=True)
    assert draft.grade is Grade.DRAFT
    assert draft.unfit
    assert any(line.standing is PriceStanding.UNFIT for line in draft.prices)


def test_a_draft_that_was_asked_for_is_one_even_if_nothing_is_wrong() -> None:
    assert answered(asked(), draft=True).grade is Grade.DRAFT
    assert answered(asked()).grade is Grade.REVIEW


def test_speeds_of_the_demo_engine_are_no_ground_for_a_signature() -> None:
    simulated = CHOSEN.model_copy(update={"basis": Basis.SIMULATED})
    decision = RECOMMENDATION.decision.model_copy(update={"candidate": simulated})
    with pytest.raises(ReviewError, match="demo engine"):
        fit_prices(RECOMMENDATION.model_copy(update={"decision": decision}), open_profiles(None), draft=False)


def test_an_own_price_stands_beside_a_list_price() -> None:
    found = answered(asked(gpus=("h100-sxm",), own_usd_per_gpu_hour={"h100-sxm": Decimal("2.10")}))
    chosen = next(line for line in found.prices if line.role is Role.CHOSEN)
    assert (chosen.contracted_usd_per_hour, chosen.list_usd_per_hour) == (Decimal("2.10"), None)
    beside = next(line for line in found.prices if line.role is Role.REFERENCE)
    assert beside.list_usd_per_hour
    assert beside.confidence is Confidence.LIST
    assert beside.seller is not Seller.OWN
    assert "buying GPUs" not in {line.name for line in found.alternatives}


def test_a_question_about_one_gpu_type_lists_that_one_alone() -> None:
    found = answered(asked(gpus=("h100-sxm",)))
    assert [line.name for line in found.alternatives if line.subject is Subject.GPU] == ["h100-sxm-80gb"]


@pytest.mark.parametrize(
    ("sureness", "opening"),
    [
        (Sureness.TOO_CLOSE, "Too close to call; "),
        (Sureness.EQUAL, "The models cost the same; "),
        (Sureness.CLEAR, RECOMMENDATION.decision.reason),
    ],
)
def test_a_decision_that_is_none_is_not_dressed_up(sureness: Sureness, opening: str) -> None:
    known = CERTAINTY.model_copy(update={"sureness": sureness})
    assert review_of(RECOMMENDATION.model_copy(update={"certainty": known})).answered.startswith(opening)


def test_without_draws_it_says_that_nothing_is_known_of_sureness() -> None:
    assert usual().sureness is None
    assert "not known" in usual().sure_in_words


def test_risks_have_a_trigger_an_action_and_an_owner() -> None:
    assert {"capacity", "price_age", "license"} <= {line.code for line in usual().risks}
    for line in usual().risks:
        assert line.trigger
        assert line.action
        assert line.owner in usual().signers


def test_a_spot_price_is_a_risk_and_a_commitment_locks_in() -> None:
    codes = {}
    for basis in (PriceBasis.SPOT, PriceBasis.RESERVED_1Y):
        offer = CHOSEN.offer.model_copy(update={"price_basis": basis})
        decision = RECOMMENDATION.decision.model_copy(update={"candidate": CHOSEN.model_copy(update={"offer": offer})})
        codes[basis] = {line.code for line in review_of(RECOMMENDATION.model_copy(update={"decision": decision})).risks}
    assert "spot" in codes[PriceBasis.SPOT]
    assert "lock_in" in codes[PriceBasis.RESERVED_1Y]
    assert not {"spot", "lock_in"} & {line.code for line in REVIEW.risks}


def test_every_assumption_has_a_date_a_source_and_an_impact() -> None:
    for line in usual().assumptions:
        assert line.source
        assert line.impact
        assert line.confidence


def test_what_would_change_the_answer_names_the_other_model_and_the_load() -> None:
    codes = {line.code for line in REVIEW.changes}
    assert {"price_of_plan", "price_of_model", "load", "speed"} <= codes


def test_the_sensitivity_is_told_where_an_assumption_is() -> None:
    found = answered(asked(gpus=("h100-sxm",)), with_sensitivity=True)
    assert {"qps", "output-tokens"} <= {lever.name for lever in found.sensitivity}
    rate = next(line for line in found.assumptions if line.name == "request rate")
    assert "10 to 40 requests/s" in rate.impact
    assert found.recommendation.sensitivity == ()


def test_a_question_about_one_model_has_no_sensitivity_and_says_why() -> None:
    found = answered(asked(models=("gemma-4-26b",)), with_sensitivity=True)
    assert found.sensitivity == ()
    assert found.sensitivity_note.startswith("None: only one model")


def test_it_knows_how_to_get_its_figures_again() -> None:
    at = usual().repetition
    assert at.profiles_digest
    assert at.reproduce[-1] == "advisor reproduce review.json"
