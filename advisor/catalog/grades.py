"""Graded answers of a user's own evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.names import resolve
from advisor.catalog.tables import Table, read_table
from advisor.domain.quality_question import Grades
from advisor.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

COLUMNS = ("model", "task", "passed")
MEANS = {"true": True, "1": True, "false": False, "0": False}


def read_grades(path: Path, models: Collection[str]) -> tuple[Grades, ...]:
    """Read a CSV with one graded answer per row, summed up by model in the order they come; other columns are left aside.

    A task may come several times, with other answers to it. A start of a model's name will do.

    Raises
    ------
    DataError
        If the file is bad or empty, a model is unknown, a task has no name, or an answer neither passed nor failed.
    """
    table = read_table(path, COLUMNS, extra=True)
    if not table.rows:
        raise DataError(f"{path}:1", "has no graded answers under its header", hint="write one row per answer")
    at = {name: table.columns.index(name) for name in COLUMNS}
    verdicts: dict[str, list[bool]] = {}
    tasks: dict[str, set[str]] = {}
    for row, cells in enumerate(table.rows):
        model = _model(table, row, cells[at["model"]], models)
        verdicts.setdefault(model, []).append(_passed(table, row, cells[at["passed"]]))
        tasks.setdefault(model, set()).add(_task(table, row, cells[at["task"]]))
    return tuple(
        Grades(model=model, passed=sum(found), graded=len(found), tasks=len(tasks[model]))
        for model, found in verdicts.items()
    )


def _model(table: Table, row: int, text: str, models: Collection[str]) -> str:
    try:
        return resolve("model", text, models)
    except InputError as problem:
        raise table.fault(row, "model", str(problem), hint=problem.hint) from None


def _task(table: Table, row: int, text: str) -> str:
    if not text.strip():
        raise table.fault(row, "task", "is empty", hint="name the task, so that it is known which answers share one")
    return text.strip()


def _passed(table: Table, row: int, text: str) -> bool:
    try:
        return MEANS[text.strip().lower()]
    except KeyError:
        raise table.fault(row, "passed", f"is not true, false, 1 or 0: {text!r}") from None
