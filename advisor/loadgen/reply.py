"""One streamed reply: when its text came, how many tokens it had, and whether it is whole."""

from __future__ import annotations

from advisor.domain.timing import Failure
from advisor.loadgen.deltas import EventError, Pattern, decode, pattern_of, read
from advisor.loadgen.events import EventSplitter

DONE = b"[DONE]"
CUT_SHORT = frozenset({"abort", "error"})
LEARN_AT = 6
"""Decoded events with text after which a pattern is looked for; replies of a canvas or two never get there."""

Fault = tuple[str, str]


class Reply:
    """Takes the body of a stream as it arrives. Times are those at which bytes were received."""

    __slots__ = (
        "_decoded", "_pattern", "_splitter", "_start", "choices", "detail", "done", "event_s", "events", "failure",
        "finish", "first_s", "last_s", "told_early", "usage",
    )  # fmt: skip

    def __init__(self) -> None:
        self._splitter = EventSplitter()
        self._pattern: Pattern | None = None
        self._decoded = 0
        self._start = b""
        self.first_s: float | None = None
        self.last_s: float | None = None
        self.event_s: float | None = None
        self.events = 0
        self.choices = False
        self.finish = ""
        self.done = False
        self.told_early = False
        self.usage: dict[str, object] = {}
        self.failure = ""
        self.detail = ""

    def feed(self, piece: bytes, now_s: float) -> None:
        """Take the next bytes of the body."""
        if not self._start:
            self._start = piece[:200]
        for data in self._splitter.feed(piece):
            self._take(data, now_s)

    def end(self, now_s: float, *, asked_tokens: int, forced: bool) -> None:
        """Say that the body ended cleanly; a reply that is not whole has failed."""
        for data in self._splitter.finish():
            self._take(data, now_s)
        if not self.failure:
            self.failure, self.detail = self._lacks(asked_tokens if forced else 0)

    def tokens(self, name: str) -> int:
        """Return a count of the last usage, 0 where it was not told."""
        count = self.usage.get(name)
        return count if isinstance(count, int) else 0

    @property
    def cached_tokens(self) -> int:
        """Tokens of the prompt that came from the server's cache, as far as it told."""
        details = self.usage.get("prompt_tokens_details")
        count = details.get("cached_tokens") if isinstance(details, dict) else None
        return count if isinstance(count, int) else 0

    def _take(self, data: bytes, now_s: float) -> None:
        self.event_s = now_s
        if self._pattern is not None and self._pattern.matches(data):
            self.events += 1
            self.last_s = now_s
        elif data == DONE:
            self.done = True
        else:
            self._decode(data, now_s)

    def _decode(self, data: bytes, now_s: float) -> None:
        try:
            event = decode(data)
            said = read(event)
        except EventError as problem:
            self._fail(Failure.MALFORMED, str(problem))
            return
        if said.error:
            self._fail(Failure.ERROR_EVENT, said.error)
        self.choices = self.choices or said.choices
        self.finish = said.finish or self.finish
        self.told_early = self.told_early or (said.usage is not None and said.choices)
        self.usage = said.usage or self.usage
        if said.text:
            self._text(now_s)
            self._decoded += 1
            if self._decoded % LEARN_AT == 0:
                self._pattern = pattern_of(data, event)
        elif said.finish and self.first_s is None:  # a reply of nothing but an end
            self.first_s = self.last_s = now_s

    def _text(self, now_s: float) -> None:
        self.events += 1
        self.last_s = now_s
        if self.first_s is None:
            self.first_s = now_s

    def _fail(self, failure: Failure, detail: str) -> None:
        if not self.failure:
            self.failure, self.detail = failure.value, detail

    def _lacks(self, least_tokens: int) -> Fault:
        """Return what a cleanly ended reply lacks, as failure and detail; empty if it is whole."""
        tokens = self.tokens("completion_tokens")
        if self.event_s is None:
            empty = not self._start.strip()
            return (Failure.TRUNCATED, "no event") if empty else (Failure.MALFORMED, f"no event in {self._start!r}")
        if not self.choices:
            return Failure.EMPTY_CHOICES, "every event had empty choices"
        if not self.finish or self.finish in CUT_SHORT:
            return Failure.TRUNCATED, f"finish_reason is {self.finish!r}"
        if "completion_tokens" not in self.usage:
            return Failure.NO_USAGE, "the stream told no usage"
        if tokens < least_tokens:
            return Failure.TRUNCATED, f"{tokens} of {least_tokens} tokens"
        return "", ""
