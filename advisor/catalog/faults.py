"""What pydantic found wrong, as one sentence about one field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]

_SENTENCES = {"missing": "is missing", "extra_forbidden": "is not a known field"}


def first_fault(problem: ValidationError) -> tuple[Location, str]:
    """Return where the first error is, and its sentence, which counts the others."""
    faults = [fault for fault in problem.errors(include_url=False) if not _follows(fault, problem)]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return faults[0]["loc"], _sentence(faults[0]) + more


def _follows(fault: ErrorDetails, problem: ValidationError) -> bool:
    """Say whether an error only says that a list is too short because its entries are wrong, which others say."""
    where = fault["loc"]
    within = (other["loc"] for other in problem.errors(include_url=False) if len(other["loc"]) > len(where))
    return fault["type"] == "too_short" and any(inner[: len(where)] == where for inner in within)


def dotted(location: Location) -> str:
    """Return a location as ``checkpoints.0.name``."""
    return ".".join(str(part) for part in location)


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] in _SENTENCES:
        return _SENTENCES[fault["type"]]
    if fault["type"].startswith("union_tag"):
        return _untagged(fault)
    if fault["input"] == "":
        return "is empty"
    message = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
    given = fault["input"]
    return message if isinstance(given, dict | list) else f"{message[0].lower()}{message[1:]}, not {given!r}"


def _untagged(fault: ErrorDetails) -> str:
    """Say that an entry lacks the field that tells its kind, or names a kind that is none."""
    told = fault["ctx"]
    field = told["discriminator"].strip("'")
    if "tag" not in told:
        return f"lacks {field}, which says what it is"
    return f"{field} is {told['tag']!r}, not one of {told['expected_tags'].replace(chr(39), '')}"
