"""The decisions' lines in the table of validations."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.domain.decide_validation import AskedLine, CoverageLine, DecideValidation, LawLine, PolicyLine, RegretLine
from advisor.usecases.validating.decide_lines import part_of_decide
from advisor.usecases.validating.decide_policies import OURS
from advisor.usecases.validating.decide_summary import START, STOP

LAWS = ("calm", "wild")


def only(kind: Any, **fields: object) -> Any:
    """Return a value with the fields that a line looks at."""
    return kind.model_construct(**fields)


def regret(law: str | None, when: str, realized: float, *, miss: float | None, target: float | None) -> Any:
    return only(RegretLine, law=law, when=when, worlds=5, announced=0.1, realized=realized, miss=miss, target=target)


def coverage(group: str | None, inside: float, *, asked: bool = True) -> Any:
    low, high = (0.85, 0.95) if asked else (None, None)
    return only(CoverageLine, group=group, when=START, figure="price", cases=9, inside=inside, low=low, high=high)


def answer(*, quick: bool = False) -> Any:
    return only(
        DecideValidation,
        asked=(only(AskedLine, question="q", worlds=10),),
        laws=tuple(LawLine(law=law, words="made up") for law in LAWS),
        policies=tuple(
            only(PolicyLine, policy=name, grid_share=share, target_share=2 / 3 if name == OURS else None)
            for name, share in ((OURS, 0.5), ("random", 0.9))
        ),
        regrets=(
            regret(None, START, 0.2, miss=-0.3, target=0.2),
            *(regret(law, START, 0.2, miss=0.9, target=None) for law in LAWS),
            regret(None, STOP, 0.0, miss=None, target=None),
            *(regret(law, STOP, size, miss=None, target=None) for law, size in zip(LAWS, (0.01, 0.03), strict=True)),
        ),
        coverage=(coverage(None, 0.87), coverage("calm", 0.5, asked=False)),
        unseen=(coverage(None, 0.8, asked=False),),
        quick=quick,
    )


def test_what_is_asked_of_decisions_is_kept_or_missed() -> None:
    lines = {line.judged: line for line in part_of_decide(answer()).lines}
    kept = {judged.partition(",")[0]: line.kept for judged, line in lines.items() if line.target}
    assert kept == {"announced extra cost": False, "measurements needed": True, "coverage of 90 % intervals": True}
    assert lines["coverage of 90 % intervals"].errors.worst == pytest.approx(0.03)
    assert lines["coverage on unseen GPU types"].kept is None


def test_choosing_at_once_stands_beside_measuring_as_told() -> None:
    line = part_of_decide(answer()).lines[0]
    assert [one.error for one in line.worst_cases] == [0.03, 0.01]
    (rule,) = line.rules
    assert rule.errors is not None
    assert (rule.rule, rule.errors.worst) == ("nominal cheapest, nothing measured", 0.2)


def test_few_worlds_do_not_tell_whether_a_target_is_kept() -> None:
    lines = part_of_decide(answer(quick=True)).lines
    assert any(line.target for line in lines)
    assert all(line.kept is None for line in lines)
