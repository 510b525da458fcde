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
    faults = problem.errors(include_url=False)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return faults[0]["loc"], _sentence(faults[0]) + more


def dotted(location: Location) -> str:
    """Return a location as ``checkpoints.0.name``."""
    return ".".join(str(part) for part in location)


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] in _SENTENCES:
        return _SENTENCES[fault["type"]]
    if fault["input"] == "":
        return "is empty"
    message = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
    given = fault["input"]
    return message if isinstance(given, dict | list) else f"{message[0].lower()}{message[1:]}, not {given!r}"
