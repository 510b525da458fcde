"""Reading the graded answers of a user's own evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.catalog.grades import read_grades

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.quality_question import Grades


def graded(path: Path, *, profiles: Path | None) -> tuple[Grades, ...]:
    """Return how many graded answers of each model passed.

    Raises
    ------
    DataError
        If the file cannot be read, or a row of it cannot be; the line and the column are named.
    """
    return read_grades(path, catalog.spec_names(profiles or catalog.profiles_root(), "models"))
