"""What one event of a completion says, and how later ones like it are known without decoding them.

The events of a stream differ in little but the text. Once one has been decoded, a `Pattern` of the bytes before and
after its text recognizes the next. This is no guess: it is kept only if a trial text put between the two, decoded in
full, yields the same event with that text in the same place. Then the text is one JSON string there, and every other body
of a JSON string in that place yields the same event but for its text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

ALSO_TEXT = ("reasoning_content", "reasoning", "tool_calls", "function_call")
TRIAL = "~"

_TEXT_BEGINS = re.compile(rb'"(?:content|text)": ?"')
_TEXT = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*')
_raw_decode = json.JSONDecoder().raw_decode
_plain = re.compile(rb'[ !#-\[\]-~]*(?:\\["\\/bfnrt][ !#-\[\]-~]*)*').fullmatch


class EventError(Exception):
    """An event that is not what a completion may send."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says: whether it has text, whether it has choices, why it ends, its usage, its error."""

    text: bool = False
    choices: bool = False
    finish: str = ""
    usage: dict[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The bytes around the text of an event."""

    before: bytes
    after: bytes

    def matches(self, data: bytes) -> bool:
        """Say whether an event is the decoded one but for its text, which is not empty."""
        start, end = len(self.before), len(data) - len(self.after)
        return (
            start < end
            and data.startswith(self.before)
            and data.endswith(self.after)
            and _plain(data, start, end) is not None
        )


def decode(data: bytes) -> dict[str, Any]:
    """Return an event as an object.

    Raises
    ------
    EventError
        If it is none.
    """
    try:
        text = data.decode()
        event, end = _raw_decode(text) if text.startswith("{") else (None, 0)
        if end != len(text):  # space around it, or something else
            event = json.loads(text)
    except (ValueError, RecursionError):
        raise EventError(f"no JSON: {data[:200]!r}") from None
    if not isinstance(event, dict):
        raise EventError(f"no object: {data[:200]!r}")
    return event


def read(event: dict[str, Any]) -> Said:
    """Return what an event says.

    Raises
    ------
    EventError
        If a field of it is of another kind than it must be.
    """
    if event.get("error"):
        return Said(error=_message(event["error"]))
    choices, usage = event.get("choices") or [], event.get("usage") or None
    if not isinstance(choices, list):
        raise EventError(f"choices are {choices!r}")
    text, finish = False, ""
    for choice in choices:
        if not isinstance(choice, dict):
            raise EventError(f"a choice is {choice!r}")
        text = text or _has_text(choice)
        finish = str(choice.get("finish_reason") or finish)
    if usage is not None and not _counts(usage):
        raise EventError(f"usage is {usage!r}")
    return Said(text, bool(choices), finish, usage)


def pattern_of(data: bytes, event: dict[str, Any]) -> Pattern | None:
    """Return a pattern that recognizes events that differ from a decoded one in their text alone; None if there is none."""
    begins = _TEXT_BEGINS.search(data)
    if begins is None:
        return None
    text = _TEXT.match(data, begins.end())
    pattern = Pattern(data[: begins.end()], data[text.end() if text else begins.end() :])
    try:
        tried = json.loads(pattern.before + TRIAL.encode() + pattern.after)
    except ValueError:
        return None
    return pattern if tried == _with_text(event, TRIAL) else None


def _with_text(event: dict[str, Any], text: str) -> dict[str, Any] | None:
    """Return an event of one choice with another text; None if it is of another form."""
    match event:
        case {"choices": [{"delta": {"content": str()} as delta} as choice]}:
            return {**event, "choices": [{**choice, "delta": {**delta, "content": text}}]}
        case {"choices": [{"text": str()} as choice]}:
            return {**event, "choices": [{**choice, "text": text}]}
    return None


def _has_text(choice: dict[str, Any]) -> bool:
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return bool(choice.get("text"))
    return bool(delta.get("content")) or any(delta.get(key) for key in ALSO_TEXT)


def _counts(usage: Any) -> bool:
    """Say whether a usage counts tokens, as far as it names them."""
    return isinstance(usage, dict) and _count(usage.get("prompt_tokens")) and _count(usage.get("completion_tokens"))


def _count(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _message(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return str(message or error)
