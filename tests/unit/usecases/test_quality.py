"""Quality in the decision, on the shipped profiles: floors, cost per success, mistakes and cascades."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.quality_question import CascadeTerms, Grades, QualityTerms
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.usecases.passing import too_few_passed
from advisor.usecases.qualifying.costs import mistakes_of
from tests.shipped import DENSE, DIFFUSION, GEMMA, answer, question

if TYPE_CHECKING:
    from advisor.domain.answer import Recommendation
    from advisor.domain.quality_answer import ModelCost, QualityDecision

CHECK = CascadeTerms(checker="tests", check_usd=Decimal("0.000001"), right_share=0.9)
OWN = (
    Grades(model=GEMMA, passed=90, graded=100, tasks=100),
    Grades(model=DIFFUSION, passed=60, graded=100, tasks=50),
)
TIGHT, LOOSE = "e2e:p95<800ms", "e2e:p95<12s"


def asked(slo: str, *, qps: float = 10, **terms: Any) -> Recommendation:
    """Return the answer to a question about H100s by formulas alone, with some terms of quality."""
    more = {name: terms.pop(name) for name in ("models", "min_quality", "max_gpus") if name in terms}
    quality = QualityTerms(**terms) if terms else None
    return answer(question(qps, slo, simulate=False, draws=0, quality=quality, **more))


def decided(shown: Recommendation) -> QualityDecision:
    assert shown.quality_decision is not None
    return shown.quality_decision


def costs(shown: Recommendation) -> dict[str, ModelCost]:
    return {cost.model: cost for cost in decided(shown).costs}


def test_nothing_is_said_of_quality_unless_it_is_asked_for() -> None:
    assert asked(LOOSE).quality_decision is None


def test_terms_without_a_floor_leave_the_decision_as_it_is() -> None:
    plain, rated = asked(TIGHT), asked(TIGHT, grades=OWN, mistake_usd=Decimal(1), cascade=CHECK)
    assert rated.decision == plain.decision
    assert rated.candidates == plain.candidates


def test_a_floor_leaves_out_the_model_that_does_not_reach_it_and_says_how_many_answers_would() -> None:
    shown = asked(TIGHT, qps=1, grades=OWN, min_pass_share=0.8, models=(GEMMA, DIFFUSION))
    (line,) = [line for line in shown.rejected if line.constraint == "quality"]
    assert line.deployment == DIFFUSION
    assert line.reason.startswith("60 of 100 graded answers passed (60 %, 50.2 % to 69.1 % with 95 % confidence)")
    assert "P(pass rate >= 80 %) is " in line.reason
    assert line.reason.endswith("more in a row would have to pass")
    by_model = {rate.model: rate for rate in decided(shown).pass_rates}
    reaching = by_model[GEMMA].reaches_floor_share
    assert reaching is not None
    assert reaching > 0.99
    assert DIFFUSION not in costs(shown)


def test_the_scores_of_a_model_that_is_left_out_are_still_shown_beside_the_other() -> None:
    for shown in (asked(LOOSE, grades=OWN, min_pass_share=0.8), asked(LOOSE, min_quality={"mmlu-pro": 80.0})):
        assert all({GEMMA, DIFFUSION} <= set(line.scores) for line in shown.quality if line.benchmark != "IFEval")
        assert DIFFUSION not in shown.best_by_model


def test_a_rate_above_the_floor_takes_more_answers_like_these() -> None:
    terms = QualityTerms(grades=(Grades(model=GEMMA, passed=18, graded=20, tasks=20),), min_pass_share=0.8)
    assert too_few_passed(GEMMA, terms).endswith("; 5 more graded answers that pass as often would settle it otherwise")


def test_a_model_without_grades_does_not_reach_a_floor() -> None:
    terms = QualityTerms(grades=OWN[:1], min_pass_share=0.8)
    assert too_few_passed(GEMMA, terms) == ""
    said = too_few_passed(DIFFUSION, terms)
    assert said == "none of its answers is graded; 6 more in a row would have to pass"
    assert too_few_passed(DIFFUSION, QualityTerms(grades=OWN[:1])) == ""
    assert too_few_passed(DIFFUSION, None) == ""


def test_a_floor_that_no_model_reaches_is_infeasible() -> None:
    with pytest.raises(InfeasibleError) as raised:
        asked(LOOSE, grades=OWN, min_pass_share=0.99)
    assert "quality: " in raised.value.hint


def test_the_cost_of_a_success_is_that_of_a_request_over_the_pass_rate_with_the_ends_of_its_interval() -> None:
    shown = asked(LOOSE, grades=OWN)
    plan, cost = shown.best_by_model[GEMMA], costs(shown)[GEMMA]
    assert plan is not None
    assert cost.usd_per_success is not None
    assert cost.usd_per_success_low is not None
    assert cost.usd_per_success_high is not None
    assert float(cost.usd_per_request) == pytest.approx(float(plan.usd_per_hour) / 36_000, rel=1e-6)
    assert float(cost.usd_per_success) == pytest.approx(float(cost.usd_per_request) / 0.9, rel=1e-6)
    assert cost.usd_per_success_low < cost.usd_per_success < cost.usd_per_success_high
    assert cost.usd_with_mistakes is None


def test_a_benchmark_gives_published_rates_with_their_page() -> None:
    found = decided(asked(LOOSE, success_benchmark="aime"))
    rates = {rate.model: rate for rate in found.pass_rates}
    assert {rate.basis for rate in rates.values()} == {Basis.PUBLISHED}
    assert (rates[GEMMA].pass_share, rates[DIFFUSION].pass_share) == (0.883, 0.691)
    assert all(rate.source.startswith("AIME 2026") and rate.source_url and rate.date for rate in rates.values())
    assert any("stands for your tasks" in note for note in found.notes)


def test_a_benchmark_that_is_no_share_or_is_unknown_is_wrong_use() -> None:
    with pytest.raises(InputError, match="OmniDocBench is no share of tasks that pass, but edit distance"):
        asked(LOOSE, success_benchmark="omnidocbench")
    with pytest.raises(UnknownNameError, match="unknown benchmark 'sat'"):
        asked(LOOSE, success_benchmark="sat")


def test_a_price_of_mistakes_turns_a_decision_for_the_cheaper_model_that_passes_less_often() -> None:
    shown = asked(TIGHT, grades=OWN, mistake_usd=Decimal("0.05"))
    found = decided(shown).mistakes
    assert found is not None
    assert (found.plain_model, found.cheaper_model, found.differs, found.flips_to) == (DIFFUSION, GEMMA, True, GEMMA)
    assert found.flips_at_usd is not None
    ours, others = costs(shown)[DIFFUSION], costs(shown)[GEMMA]
    gap = (others.usd_per_request - ours.usd_per_request) / Decimal("0.3")
    assert float(found.flips_at_usd) == pytest.approx(float(gap), rel=1e-6)
    assert "which differs from the plain decision for diffusiongemma-26b-a4b" in found.sentence


def test_mistakes_that_cost_nothing_leave_the_plain_decision() -> None:
    found = decided(asked(TIGHT, grades=OWN, mistake_usd=Decimal(0))).mistakes
    assert found is not None
    assert (found.cheaper_model, found.differs) == (DIFFUSION, False)


def test_the_price_that_turns_the_decision_is_told_without_one_being_given() -> None:
    found = decided(asked(TIGHT, grades=OWN)).mistakes
    assert found is not None
    assert (found.mistake_usd, found.cheaper_model, found.differs) == (None, None, None)
    assert found.sentence.startswith("Above $")
    assert found.sentence.endswith(f"per mistake {GEMMA} costs less in total than {DIFFUSION}.")


def test_no_price_turns_a_decision_for_the_model_that_passes_most() -> None:
    found = decided(asked(LOOSE, grades=OWN)).mistakes
    assert found is not None
    assert (found.flips_at_usd, found.flips_to) == (None, None)
    assert found.sentence.startswith("No price of a mistake turns the decision")


def test_without_a_pass_rate_of_the_chosen_model_nothing_is_set_against_it() -> None:
    shown = asked(LOOSE, grades=OWN[1:], mistake_usd=Decimal(1))
    found = decided(shown).mistakes
    assert found is not None
    assert (found.cheaper_model, found.flips_at_usd) == (None, None)
    assert found.sentence.startswith(f"No pass rate of {GEMMA} is known")
    assert mistakes_of([cost for cost in decided(shown).costs if cost.model == GEMMA], GEMMA, None) is None


def test_a_cascade_sizes_the_second_fleet_for_what_is_rejected() -> None:
    shown = asked(LOOSE, qps=60, grades=OWN, cascade=CHECK)
    cascade = decided(shown).cascade
    assert cascade is not None
    assert (cascade.first_model, cascade.second_model) == (DIFFUSION, GEMMA)
    assert cascade.accepted_share == pytest.approx(0.9 * 0.6 + 0.1 * 0.4)
    alone = asked(LOOSE, qps=60 * (1 - cascade.accepted_share), models=(GEMMA,)).decision.candidate
    first = shown.best_by_model[DIFFUSION]
    assert first is not None
    both = float(first.usd_per_hour + alone.usd_per_hour) / 60 / 3600 + 0.000001
    assert float(cascade.usd_per_request) == pytest.approx(both, rel=1e-6)
    assert cascade.worst_e2e_p95_ms == pytest.approx(first.latency.e2e_p95_ms + alone.latency.e2e_p95_ms)
    assert cascade.pays is (cascade.usd_per_request < (cascade.second_alone_usd_per_request or 0)) is False
    assert cascade.cost_share is not None
    assert cascade.pays_below_share is not None
    assert cascade.cost_share > cascade.pays_below_share
    assert "it does not pay" in cascade.sentence


def test_a_check_that_costs_more_than_it_saves_says_so_without_a_share_below_zero() -> None:
    dear = CHECK.model_copy(update={"check_usd": Decimal("0.5")})
    cascade = decided(asked(LOOSE, grades=OWN, cascade=dear)).cascade
    assert cascade is not None
    assert (cascade.pays_below_share or 0) < 0
    assert "No price of the first model makes it pay: the check alone costs more" in cascade.sentence
    assert "less than" not in cascade.sentence


def test_a_probability_that_rounds_to_nothing_is_told_as_under_a_tenth_of_a_percent() -> None:
    terms = QualityTerms(grades=(Grades(model=GEMMA, passed=10, graded=100, tasks=100),), min_pass_share=0.8)
    assert "P(pass rate >= 80 %) is under 0.1 %, 90 % is wanted" in too_few_passed(GEMMA, terms)


def test_a_cascade_with_mistakes_is_set_against_the_second_model_with_mistakes() -> None:
    cascade = decided(asked(LOOSE, grades=OWN, cascade=CHECK, mistake_usd=Decimal(10))).cascade
    assert cascade is not None
    assert cascade.pass_share > 0.9
    assert cascade.pays_with_mistakes
    assert "With mistakes $" in cascade.sentence


def test_a_cascade_is_offered_where_the_second_model_alone_meets_nothing_only_if_its_share_does() -> None:
    found = decided(asked("e2e:p95<600ms", grades=OWN, cascade=CHECK))
    assert found.cascade is None
    assert found.no_cascade.startswith(f"{GEMMA} at ")
    assert "no deployment meets e2e p95 <= 600 ms" in found.no_cascade


def test_floors_do_not_keep_a_model_out_of_a_cascade() -> None:
    cascade = decided(asked(LOOSE, grades=OWN, min_pass_share=0.8, cascade=CHECK)).cascade
    assert cascade is not None
    assert cascade.first_model == DIFFUSION


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"grades": OWN[:1]}, "it takes a diffusion and an autoregressive model with pass rates of both"),
        ({"grades": OWN, "models": (GEMMA, DENSE)}, "it takes a diffusion and an autoregressive model"),
        ({"grades": OWN, "max_gpus": 1}, f"{GEMMA} finds none of the 1 GPU(s) left by the first fleet"),
    ],
)
def test_where_there_is_no_cascade_it_is_said_why(terms: dict[str, Any], why: str) -> None:
    found = decided(asked(LOOSE, qps=0.5, cascade=CHECK, **terms))
    assert found.cascade is None
    assert found.no_cascade.startswith(why)


def test_grades_of_another_model_and_of_repeated_tasks_are_remarked_on() -> None:
    notes = decided(asked(LOOSE, grades=(*OWN, Grades(model=DENSE, passed=1, graded=1, tasks=1)))).notes
    assert any(note.startswith(f"grades of {DENSE} are not used") for note in notes)
    assert any(note.startswith(f"100 answers of {DIFFUSION} are to 50 tasks") for note in notes)
    assert any("no plan to repeat" in note for note in notes)


@pytest.mark.parametrize(("passed", "overlapping"), [(85, True), (60, False)])
def test_grades_that_do_not_tell_which_model_passes_more_often_are_remarked_on(passed: int, overlapping: bool) -> None:
    grades = (OWN[0], Grades(model=DIFFUSION, passed=passed, graded=100, tasks=100))
    notes = decided(asked(LOOSE, grades=grades)).notes
    assert any("do not tell yet which passes more often" in note for note in notes) is overlapping
