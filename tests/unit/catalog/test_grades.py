"""Graded answers in a CSV, and what is said of one that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.catalog.grades import read_grades
from advisor.domain.quality_question import Grades
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("example-ar-26b", "example-diffusion-26b")
HEADER = "model,task,passed\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "grades.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_are_counted_by_model_and_tasks_once(tmp_path: Path) -> None:
    rows = "example-ar-26b,a,true\nexample-diffusion,a,0\nexample-ar-26b,a,False\nexample-ar-26b,b,1\n"
    ours, others = read_grades(written(tmp_path, HEADER + rows), MODELS)
    assert ours == Grades(model="example-ar-26b", passed=2, graded=3, tasks=2)
    assert others == Grades(model="example-diffusion-26b", passed=0, graded=1, tasks=1)


def test_columns_may_come_in_any_order_and_others_are_left_aside(tmp_path: Path) -> None:
    (found,) = read_grades(written(tmp_path, "note,passed,model,task\nfine,TRUE,example-ar-26b,a\n"), MODELS)
    assert (found.passed, found.graded) == (1, 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ":1: is empty"),
        (HEADER, ":1: has no graded answers under its header"),
        ("model,task\n", ":1: column passed: is missing"),
        (
            HEADER + "example-ar-26b,a,true\nexample-ar-26b,b,maybe\n",
            ":3: column passed: is not true, false, 1 or 0: 'maybe'",
        ),
        (HEADER + "example-ar-26b,a,\n", ":2: column passed: is not true, false, 1 or 0: ''"),
        (HEADER + "gpt,a,true\n", ":2: column model: unknown model 'gpt'"),
        (HEADER + f"{'g' * 5000},a,true\n", f":2: column model: unknown model '{'g' * 40}…'"),
        (HEADER + f"example-ar-26b,a,{'9' * 5000}\n", f":2: column passed: is not true, false, 1 or 0: '{'9' * 40}…'"),
        (
            HEADER + "example,a,true\n",
            ":2: column model: model 'example' could be example-ar-26b, example-diffusion-26b",
        ),
        (HEADER + "example-ar-26b, ,true\n", ":2: column task: is empty"),
        (HEADER + "example-ar-26b,a\n", ":2: has 2 values under 3 columns"),
    ],
)
def test_a_bad_file_is_one_line_with_line_and_column(text: str, problem: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as raised:
        read_grades(path, MODELS)
    assert str(raised.value) == f"{path}{problem}"
