"""Everything that is judged, in one table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.validation_summary import NamedError, PartLeftOut, Statistic, Target
from advisor.usecases.validating import table
from advisor.usecases.validating.judging_errors import Asked, JudgedPart, Topic, lines_of, sizes_of
from advisor.usecases.validating.table import PARTS, validate_all

if TYPE_CHECKING:
    from pathlib import Path

TOPIC = Topic("example", "all", "published", "speed")
CHEAP = ("estimator", "curves", "imports")


def test_every_part_of_the_product_is_in_the_table() -> None:
    assert set(PARTS) == {"estimator", "curves", "queueing", "decide", "imports"}


@pytest.mark.parametrize("part", CHEAP)
def test_one_part_is_judged_with_all_its_cases(part: str) -> None:
    answer = validate_all(profiles=None, part=part)
    assert {line.part for line in answer.lines} == {case.part for case in answer.cases} == {part}
    assert sum(line.errors.cases for line in answer.lines) == len(answer.cases)
    assert {peer.part for peer in answer.peers} <= {part}
    assert answer.left_out == ()


def test_all_parts_stand_in_one_table_without_their_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Asked] = []

    def judged(asked: Asked) -> JudgedPart:
        heard.append(asked)
        return JudgedPart(lines_of(TOPIC, [NamedError(case="one", error=0.1)]), notes=("told",))

    def left_out(_: Asked) -> PartLeftOut:
        return PartLeftOut(part="other", reason="there is no data")

    monkeypatch.setattr(table, "PARTS", {"example": judged, "other": left_out, "empty": lambda _: JudgedPart(())})
    answer = validate_all(profiles=None, seed=3)
    assert [line.judged for line in answer.lines] == ["all"]
    assert answer.cases == ()
    assert [(one.part, one.reason) for one in answer.left_out] == [
        ("other", "there is no data"),
        ("empty", "these profiles hold nothing to judge it on"),
    ]
    assert "told" in answer.notes
    assert (heard[0].quick, heard[0].seed, answer.quick, answer.seed) == (True, 3, True, 3)
    assert not validate_all(profiles=None, full=True).quick


def test_profiles_without_measurements_leave_curves_out(tmp_path: Path) -> None:
    answer = validate_all(profiles=tmp_path, part="curves")
    assert not answer.lines
    assert not answer.peers
    assert [one.part for one in answer.left_out] == ["curves"]


@given(errors=st.lists(st.floats(-0.9, 9.0), min_size=1, max_size=30))
def test_sizes_are_ordered_and_know_no_sign(errors: list[float]) -> None:
    sizes = sizes_of(errors)
    assert sizes is not None
    assert sizes.median <= sizes.p90 + 1e-12
    assert sizes.p90 <= sizes.worst + 1e-12
    assert sizes.worst == max(map(abs, errors))
    assert sizes == sizes_of([-error for error in errors])


def test_no_case_makes_no_line() -> None:
    assert sizes_of([]) is None
    assert lines_of(TOPIC, []) == ()


@pytest.mark.parametrize(("statistic", "kept"), [("median", True), ("mean", False), ("p90", False), ("worst", False)])
def test_a_target_is_kept_by_the_statistic_that_it_is_set_for(statistic: str, kept: bool) -> None:
    named = [NamedError(case=f"case {i}", error=error) for i, error in enumerate((0.01, -0.02, 0.03, -0.5))]
    target = Target(statistic=Statistic(statistic), at_most=0.03, source="a test")
    (line,) = lines_of(TOPIC, named, rules=[("rule", [0.2]), ("silent rule", [])], target=target)
    assert line.kept is kept
    assert math.isclose(line.bias, -0.12)
    assert [one.error for one in line.worst_cases] == [-0.5, 0.03, -0.02]
    assert [rule.errors is None for rule in line.rules] == [False, True]
