"""Replies in the shape of the protocol: one event for each iteration that wrote something, or one body at the end."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from advisor.demo.words import text

if TYPE_CHECKING:
    from advisor.demo.asked import Asked

FINGERPRINT: Final = "simulated"
DONE: Final = b"data: [DONE]\n\n"

_KINDS = {
    (True, True): ("chatcmpl", "chat.completion.chunk"),
    (True, False): ("chatcmpl", "chat.completion"),
    (False, True): ("cmpl", "text_completion"),
    (False, False): ("cmpl", "text_completion"),
}


class Reply:
    """What one client gets. `put` returns the bytes for what was written; `first_s` and `asked_s` are for the clock's owner."""

    __slots__ = ("_after", "_before", "_head", "_tail", "asked", "asked_s", "first_s", "reason", "written")

    def __init__(self, asked: Asked, *, number: int, reason: str, asked_s: float) -> None:
        prefix, kind = _KINDS[asked.chat, asked.streams]
        self.asked, self.reason, self.asked_s = asked, reason, asked_s
        self.first_s: float | None = None
        self.written = 0
        self._head: dict[str, Any] = {
            "id": f"{prefix}-simulated-{number}",
            "object": kind,
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": FINGERPRINT,
        }
        opened = "data: " + json.dumps(self._head, separators=(",", ":"))[:-1]
        opening, self._after = _CHOICE[asked.chat]
        self._before = opened + opening
        self._tail = "}\n\n"

    def put(self, tokens: int, *, done: bool) -> bytes:
        """Return the bytes that show the next tokens; nothing yet where the reply comes whole at its end."""
        start, self.written = self.written, self.written + tokens
        if not self.asked.streams:
            return self._whole() if done else b""
        reason = f'"{self.reason}"' if done else "null"
        usage = self._usage() if self.asked.counts_always else ""
        event = f"{self._before}{text(start, tokens)}{self._after}{reason}}}]{usage}{self._tail}"
        if start == 0 and self.asked.chat:
            event = self._role() + event
        return event.encode() + (self._end() if done else b"")

    def _role(self) -> str:
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
        counts = {"usage": self._counts(0)} if self.asked.counts_always else {}
        return _event({**self._head, "choices": [choice], **counts})

    def _end(self) -> bytes:
        counts = _event({**self._head, "choices": [], "usage": self._counts(self.written)})
        return (counts.encode() if self.asked.counts_usage else b"") + DONE

    def _usage(self) -> str:
        prompt = self.asked.wish.prompt_tokens
        return f',"usage":{{"prompt_tokens":{prompt},"total_tokens":{prompt + self.written},"completion_tokens":{self.written}}}'

    def _counts(self, written: int) -> dict[str, int]:
        prompt = self.asked.wish.prompt_tokens
        return {"prompt_tokens": prompt, "total_tokens": prompt + written, "completion_tokens": written}

    def _whole(self) -> bytes:
        written: str = json.loads(f'"{text(0, self.written)}"')
        said = {"message": {"role": "assistant", "content": written}} if self.asked.chat else {"text": written}
        choice = {"index": 0, **said, "logprobs": None, "finish_reason": self.reason, "stop_reason": None}
        return json.dumps({**self._head, "choices": [choice], "usage": self._counts(self.written)}).encode()


_CHOICE = {
    True: (',"choices":[{"index":0,"delta":{"content":"', '"},"logprobs":null,"finish_reason":'),
    False: (',"choices":[{"index":0,"text":"', '","logprobs":null,"finish_reason":'),
}


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, separators=(',', ':'))}\n\n"


def error(message: str, *, kind: str, status: int, field: str | None = None) -> dict[str, Any]:
    """Return an error in the shape of the protocol."""
    return {"error": {"message": message, "type": kind, "param": field, "code": status}}


def error_event(message: str) -> bytes:
    """Return the events that end a stream whose engine failed: an error inside a reply that began well."""
    return _event(error(message, kind="InternalServerError", status=500)).encode() + DONE
