"""One request and its answer, as a connection sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.timing import Failure, Phase, RequestTiming
from advisor.loadgen.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.loadgen.connection import Connection, Take

OK = 200
MOST_OF_A_REFUSAL = 400


class Exchange:
    """A request to a completions endpoint: due, sent, answered. Times are those of `perf_counter`.

    `due_s` is when it could be sent: the intended time, or that at which a held-back request was let go; `begun_s` when we got
    round to it, and `sent_s` when its bytes left, on a new connection once that was open. `ended` is called once, when the
    answer is whole or has failed.
    """

    __slots__ = (
        "_forced", "asked_tokens", "begun_s", "connection", "detail", "due_s", "ended", "failure", "index", "intended_s", "over_s",
        "phase", "refusal", "reply", "request", "sent_s", "status", "stream",
    )  # fmt: skip

    def __init__(
        self, index: int, request: bytes, *, asked_tokens: int, forced: bool, ended: Callable[[Exchange], None]
    ) -> None:
        self.index, self.request, self.asked_tokens, self._forced, self.ended = (
            index,
            request,
            asked_tokens,
            forced,
            ended,
        )
        self.phase = Phase.MEASURED
        self.stream = 0
        self.intended_s = self.due_s = self.begun_s = 0.0
        self.sent_s: float | None = None
        self.over_s: float | None = None
        self.status = 0
        self.reply = Reply()
        self.refusal = b""
        self.failure = ""
        self.detail = ""
        self.connection: Connection | None = None

    @property
    def wanted(self) -> bool:
        """Whether an answer is still waited for."""
        return self.over_s is None

    def sent(self, connection: Connection, now_s: float) -> None:
        """Say that the bytes of the request have left."""
        self.connection, self.sent_s, self.request = connection, now_s, b""

    def answered(self, status: int) -> Take:
        """Say that the head of the answer has come; return what takes the pieces of the body."""
        self.status = status
        return self.reply.feed if status == OK else self._refuse

    def whole(self, now_s: float) -> None:
        """Say that the answer has ended as HTTP wants it."""
        if self.status == OK:
            self.reply.end(now_s, asked_tokens=self.asked_tokens, forced=self._forced)
            self._over(self.reply.failure, self.reply.detail, now_s)
        else:
            self._over(f"http_{self.status}", self.refusal.decode(errors="replace")[:MOST_OF_A_REFUSAL], now_s)

    def broken(self, failure: Failure, detail: str, now_s: float) -> None:
        """Say that the answer will not come, or not in full; what came after the stream's own end marker is no loss."""
        if self.reply.done and self.status == OK:
            self.whole(now_s)
        elif self.reply.failure:  # what the server said went before
            self._over(self.reply.failure, self.reply.detail, now_s)
        else:
            self._over(failure, detail, now_s)

    def abandon(self, failure: Failure, detail: str, now_s: float) -> None:
        """Give the request up: its connection is closed, so that nothing is left running behind."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.drop()
        self.broken(failure, detail, now_s)

    @property
    def heard_s(self) -> float:
        """When something was last heard: an event, or the sending itself."""
        return self.reply.event_s or self.sent_s or self.due_s

    @property
    def connecting_s(self) -> float:
        """How long it waited for a connection: next to nothing on an open one, the set-up of TCP and TLS on a new one."""
        return 0.0 if self.sent_s is None else self.sent_s - self.begun_s

    @property
    def succeeded(self) -> bool:
        """Whether the answer is whole."""
        return self.over_s is not None and not self.failure

    def timing(self, origin_s: float) -> RequestTiming:
        """Return what is kept of it, on the clock of the run."""
        reply = self.reply
        return RequestTiming(
            index=self.index,
            phase=self.phase,
            intended_s=self.intended_s - origin_s,
            sent_s=(self.due_s if self.sent_s is None else self.sent_s) - origin_s,
            first_s=None if reply.first_s is None else reply.first_s - origin_s,
            last_s=None if reply.last_s is None else reply.last_s - origin_s,
            input_tokens=reply.tokens("prompt_tokens"),
            cached_tokens=reply.cached_tokens,
            asked_tokens=self.asked_tokens,
            output_tokens=reply.tokens("completion_tokens"),
            events=reply.events,
            failure=self.failure,
            detail=self.detail,
        )

    def _refuse(self, piece: bytes, _now_s: float) -> None:
        if len(self.refusal) < MOST_OF_A_REFUSAL:
            self.refusal += piece

    def _over(self, failure: str, detail: str, now_s: float) -> None:
        if self.over_s is None:
            self.over_s, self.failure, self.detail = now_s, str(failure), detail
            self.connection = None
            self.ended(self)
