"""How often the answers of each model pass: by the user's own grades, or else by a published benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.quality_answer import PassRate
from advisor.errors import InputError
from advisor.planning.quality import SURE_SHARE, more_all_passing, more_at_this_rate, reaches, wilson
from advisor.report.figures import probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.model import ModelSpec, Score
    from advisor.domain.quality_question import Grades, QualityTerms


def too_few_passed(model: str, terms: QualityTerms | None) -> str:
    """Return why a model does not reach the pass rate that is asked for, or nothing.

    It does where P(pass rate >= floor) is at least `SURE_SHARE` after its graded answers.
    """
    if terms is None or terms.min_pass_share is None:
        return ""
    floor = terms.min_pass_share
    found = next((grades for grades in terms.grades if grades.model == model), None)
    passed, graded = (found.passed, found.graded) if found else (0, 0)
    sure = reaches(passed, graded, floor)
    if found is not None and sure >= SURE_SHARE:
        return ""
    wanted = f"P(pass rate >= {percent(floor)}) is {probability(sure)}, {percent(SURE_SHARE)} is wanted"
    seen = f"{_seen(found)}: {wanted}" if found else "none of its answers is graded"
    return f"{seen}; {_settled(passed, graded, floor)}"


def _seen(grades: Grades) -> str:
    low, high = wilson(grades.passed, grades.graded)
    share = grades.passed / grades.graded
    return (
        f"{grades.passed} of {grades.graded} graded answers passed ({percent(share)}, {percent(low)} to {percent(high)} "
        "with 95 % confidence)"
    )


def _settled(passed: int, graded: int, floor: float) -> str:
    """Say how many more graded answers would let the model in after all."""
    at_this_rate, in_a_row = more_at_this_rate(passed, graded, floor), more_all_passing(passed, graded, floor)
    row = (
        "no number that could be graded would do"
        if in_a_row is None
        else f"{in_a_row:,} more in a row would have to pass"
    )
    if at_this_rate is not None:
        return f"{at_this_rate:,} more graded answers that pass as often would settle it otherwise"
    return f"at this rate no number of answers settles it otherwise, {row}" if graded else row


def percent(share: float) -> str:
    """Return a share as a percentage of three digits."""
    return f"{share * 100:.3g} %"


def pass_rates(terms: QualityTerms, models: Sequence[ModelSpec], *, benchmark: str | None) -> dict[str, PassRate]:
    """Return the pass rate of each model that has one: of own grades where there are any, else of the benchmark.

    Both are never mixed: a published score and own grades are about different tasks.

    Raises
    ------
    InputError
        If the benchmark is no share of tasks that pass.
    """
    if terms.grades:
        own = {grades.model: _own(grades, terms) for grades in terms.grades}
        return {model.name: own[model.name] for model in models if model.name in own}
    scores = [(model.name, s) for model in models for s in model.scores if s.benchmark == benchmark]
    return {name: _published(name, score) for name, score in scores}


def _own(grades: Grades, terms: QualityTerms) -> PassRate:
    low, high = wilson(grades.passed, grades.graded)
    floor = terms.min_pass_share
    return PassRate(
        model=grades.model,
        pass_share=grades.passed / grades.graded,
        low_share=low,
        high_share=high,
        passed=grades.passed,
        graded=grades.graded,
        tasks=grades.tasks,
        floor_share=floor,
        reaches_floor_share=None if floor is None else reaches(grades.passed, grades.graded, floor),
        basis=Basis.MEASURED,
        source=f"own grades, {terms.grades_file}" if terms.grades_file else "own grades",
        source_url=None,
        date=None,
    )


def _published(model: str, score: Score) -> PassRate:
    if score.unit != "%" or not score.higher_is_better:
        what = score.unit if score.unit != "%" else "a share that fails"
        raise InputError(
            f"--success-benchmark: {score.benchmark} is no share of tasks that pass, but {what}",
            hint="name a benchmark that counts solved tasks, such as mmlu-pro",
        )
    return PassRate(
        model=model,
        pass_share=round(score.value / 100, 6),
        low_share=None,
        high_share=None,
        passed=None,
        graded=None,
        tasks=None,
        basis=Basis.PUBLISHED,
        source=f"{score.benchmark}, {score.source.title}" if score.source.title else score.benchmark,
        source_url=score.source.url,
        date=score.source.date,
    )
