"""Recommendations that were written as JSON, by this version or another one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from advisor.catalog.faults import dotted, first_fault
from advisor.catalog.texts import read_text
from advisor.domain.answer import SCHEMA_VERSION, Recommendation
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "write one with `advisor recommend --qps 20 -f json -o answer.json`"


def read_answer(path: Path) -> Recommendation:
    """Read the JSON of a recommendation. Fields that a later version added are left aside.

    Raises
    ------
    DataError
        If the file cannot be read, is no JSON, is of another schema version, or is no recommendation.
    """
    return answer_in(read_text(path), where=str(path))


def answer_in(text: str, *, where: str) -> Recommendation:
    """Return the recommendation that a text in JSON holds; `where` names the text in errors.

    Raises
    ------
    DataError
        If it is no JSON, is of another schema version, or is no recommendation.
    """
    try:
        body = json.loads(text)
    except json.JSONDecodeError as problem:
        raise DataError(f"{where}:{problem.lineno}:{problem.colno}", f"is no JSON: {problem.msg}", hint=_HINT) from None
    if isinstance(body, dict):
        body = body.get("recommendation", body)  # a review holds the recommendation that it is about
    if not isinstance(body, dict) or not {"decision", "question", "candidates"} <= set(body):
        raise DataError(where, "is not a recommendation", hint=_HINT)
    version = body.get("schema_version")
    if version != SCHEMA_VERSION:
        told = "names no schema version" if version is None else f"is of schema version {version!r}"
        raise DataError(where, f"{told}, this advisor reads version {SCHEMA_VERSION}", hint=_HINT)
    return _valid(body, where=where)


def _valid(body: dict[str, Any], *, where: str) -> Recommendation:
    try:
        return Recommendation.model_validate(body)
    except ValidationError as problem:
        unknown = [fault["loc"] for fault in problem.errors(include_url=False) if fault["type"] == "extra_forbidden"]
        if unknown:
            return _valid(_without(body, unknown), where=where)
        location, sentence = first_fault(problem)
        raise DataError(where, f"field {dotted(location)}: {sentence}", hint=_HINT) from None


def _without(body: dict[str, Any], unknown: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the body without the fields at some places, which are added by a later version of the same schema."""
    for *place, name in unknown:
        holder: Any = body
        for step in place:
            holder = holder[step]
        del holder[name]
    return body
