"""One HTTP/1.1 connection: writes a request, hands on its answer with the time at which bytes came, and is used again.

Built on `asyncio.Protocol` and httptools (the parser of Node.js), because between the socket and the clock there is then
nothing but the parser: a time is taken first thing in `data_received`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

import httptools

from advisor.domain.timing import Failure

BOUNDED = frozenset({b"content-length", b"transfer-encoding"})


Take = Callable[[bytes, float], None]


class Call(Protocol):
    """What a connection carries: a request, and whoever takes its answer."""

    request: bytes

    @property
    def wanted(self) -> bool:
        """Whether an answer is still waited for."""

    def sent(self, connection: Connection, now_s: float) -> None:
        """Say that the bytes of the request have left."""

    def answered(self, status: int) -> Take:
        """Say that the head of the answer has come; return what takes the pieces of the body."""

    def whole(self, now_s: float) -> None:
        """Say that the answer has ended as HTTP wants it."""

    def broken(self, failure: Failure, detail: str, now_s: float) -> None:
        """Say that the answer will not come, or not in full."""


class Pool(Protocol):
    """Whoever keeps connections."""

    def freed(self, connection: Connection) -> None:
        """Take back a connection that may carry the next call."""

    def lost(self, connection: Connection) -> None:
        """Learn that a connection is gone."""


class Connection(asyncio.Protocol):
    """A connection of a pool, that carries one call at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._call: Call | None = None
        self._take: Take = _ignore
        self._now_s = 0.0
        self._headed = self._bounded = self._complete = self._stays = False
        self.idle_since_s = 0.0

    @property
    def usable(self) -> bool:
        """Whether the connection is open and carries nothing."""
        return self._transport is not None and not self._transport.is_closing() and self._call is None

    @property
    def peer(self) -> str:
        """The numeric address of the server."""
        return str(self._transport.get_extra_info("peername")[0]) if self._transport is not None else ""

    def carry(self, call: Call) -> None:
        """Send a request; its answer goes to the call."""
        assert self._transport is not None  # noqa: S101 - the pool hands out open connections alone
        self._call = call
        self._headed = self._bounded = self._complete = False
        self._transport.write(call.request)
        call.sent(self, perf_counter())

    def drop(self) -> None:
        """Close at once; the call that it carries hears nothing more."""
        self._call, self._take = None, _ignore
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close an idle connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (of asyncio)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP and TLS transports are
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take bytes (of asyncio); the time of all that they bring is now."""
        self._now_s = perf_counter()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as problem:
            self._break(Failure.MALFORMED, f"no HTTP: {problem}")
            return
        if self._complete:
            self._finish(reusable=self._stays)

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn that the connection is gone (of asyncio): by a reset, or by a close that may end an unbounded body."""
        self._now_s = perf_counter()
        self._pool.lost(self)
        if exc is not None:
            self._break(Failure.RESET, str(exc) or type(exc).__name__)
        elif self._headed and not self._bounded:
            self._finish(reusable=False)
        else:
            self._break(Failure.CLOSED, "the server closed the connection")

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Take a header (of httptools)."""
        if name.lower() in BOUNDED:
            self._bounded = True

    def on_headers_complete(self) -> None:
        """Learn that the head is whole (of httptools)."""
        self._headed = True
        if self._call is not None:
            self._take = self._call.answered(self._parser.get_status_code())

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body (of httptools)."""
        self._take(body, self._now_s)

    def on_message_complete(self) -> None:
        """Learn that the answer is whole (of httptools)."""
        self._complete, self._stays = True, self._parser.should_keep_alive()

    def _finish(self, *, reusable: bool) -> None:
        call, self._call = self._call, None
        self._complete = False
        if reusable:
            self._pool.freed(self)
        else:
            self.close()
        if call is not None:
            call.whole(self._now_s)

    def _break(self, failure: Failure, detail: str) -> None:
        call, self._call = self._call, None
        self.drop()
        if call is not None:
            call.broken(failure, detail, self._now_s)


def _ignore(_piece: bytes, _now_s: float) -> None:
    """Take what nobody waits for."""
