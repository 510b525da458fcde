"""Plain words for replies, one for each token, and the count of the words of a prompt."""

from __future__ import annotations

import json
from typing import Any

PASSAGE = (
    "This reply is simulated . Its words come from one short passage that repeats for as long as tokens are asked for , and "
    "they answer nothing . What is meant to be real is their timing : each word stands for one token and leaves the server "
    "at the moment at which a model on the chosen hardware would have written it , as far as the estimate of its speed is "
    "right . Prompts are counted in the same way , by the words between spaces . So lengths , queues , canvases and steps "
    "can be studied without any accelerator , while the content of the reply stays as it is . "
)
WORDS = tuple(PASSAGE.split())

_SPACED = tuple(json.dumps(f" {word}")[1:-1] for word in WORDS)
_TWICE = _SPACED * 2


def text(start: int, count: int) -> str:
    """Return the tokens from place `start` of a reply on, escaped for a JSON string; the first of a reply has no space."""
    place = start % len(WORDS)
    if count == 1:
        joined = _SPACED[place]
    else:
        rounds, rest = divmod(count, len(WORDS))
        joined = "".join((*_TWICE[place : place + len(WORDS)] * rounds, *_TWICE[place : place + rest]))
    return joined if start else joined[1:]


def counted(value: Any) -> int:
    """Return the tokens of a prompt: words of a text, or the items of a list of token numbers."""
    if isinstance(value, list):
        return len(value)
    return len(value.split())
