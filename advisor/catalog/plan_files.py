"""Plans that `advisor recommend --format json` has written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from advisor.catalog.faults import dotted, first_fault
from advisor.catalog.texts import read_text
from advisor.domain.planned import Planned
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "write a plan with `advisor recommend --qps 20 -f json -o plan.json`"


def read_plan(path: Path) -> Planned:
    """Read the JSON of a recommendation: what it decided, and the load that this is for.

    Raises
    ------
    DataError
        If the file cannot be read, is no JSON, is of another version, or decides nothing.
    """
    try:
        body = json.loads(read_text(path))
    except json.JSONDecodeError as problem:
        raise DataError(f"{path}:{problem.lineno}:{problem.colno}", f"is no JSON: {problem.msg}", hint=_HINT) from None
    if not isinstance(body, dict) or "decision" not in body:
        raise DataError(str(path), "holds no decision of a recommendation", hint=_HINT)
    try:
        return Planned.model_validate(body)
    except ValidationError as problem:
        location, sentence = first_fault(problem)
        raise DataError(str(path), f"field {dotted(location)}: {sentence}", hint=_HINT) from None
