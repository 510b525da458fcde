"""What other tools call a failed request, in our names: ``http_500`` for a status, else what was raised, in small letters."""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNNAMED = "failed"
"""A failure of which nothing is told."""

_STATUS = re.compile(r"\b([45]\d\d)\b")
_RAISED = re.compile(r"(\w*(?:Error|Exception|Timeout|Disconnected))\b")
_PHRASES = {status.phrase.lower(): status.value for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}


def failure_name(said: object) -> str:
    """Return the name of a failure that a tool describes by a status, a reason phrase, an exception or a traceback."""
    text = str(said or "").strip()
    status = _PHRASES.get(text.lower()) or next(iter(_STATUS.findall(text)), None)
    if status is not None:
        return f"http_{status}"
    raised = _RAISED.findall(text)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", raised[-1]).lower() if raised else UNNAMED


def failures(said: Iterable[object]) -> dict[str, int]:
    """Return how many requests failed in which way."""
    return dict(sorted(Counter(map(failure_name, said)).items()))
