"""One connection of a client: HTTP/1.1 in, replies out, one request after another."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httptools

from advisor.demo.asked import RefusedError
from advisor.demo.replies import error, error_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.demo.asked import Asked
    from advisor.demo.job import Job
    from advisor.demo.service import Service

MOST_BODY_BYTES: Final = 32 * 2**20
MOST_UNREAD_BYTES: Final = 8 * 2**20
"""What may wait for a client that does not read, before it is given up."""

SERVER: Final = "advisor-demo"
JSON, EVENTS = "application/json", "text/event-stream; charset=utf-8"


@dataclass(slots=True)
class Call:
    """One HTTP request."""

    method: str = ""
    path: str = ""
    body: bytearray = field(default_factory=bytearray)
    keeps_alive: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    body: bytes
    status: int = 200
    kind: str = JSON


class Connection(asyncio.Protocol):
    """Parses requests, lets `handle` answer or understand them, and writes what the service hands out.

    A client that goes away, or reads nothing, ends its request. Requests that come before the answer to the last one wait.
    """

    def __init__(self, service: Service, handle: Callable[[Call], Answer | Asked]) -> None:
        self._service, self._handle = service, handle
        self._parser: Any = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._call = Call()
        self._calls: deque[Call] = deque()
        self._serving: Call | None = None
        self._job: Job | None = None
        self._streams = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport
        self._transport.set_write_buffer_limits(high=MOST_UNREAD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(RefusedError("no protocol but HTTP/1.1 is spoken here"))
        except httptools.HttpParserError as problem:
            self._refuse(RefusedError(f"this is no HTTP/1.1: {problem}"))

    def eof_received(self) -> bool:
        """Close: a client that sends no more has left, as vLLM sees it."""
        return False

    def pause_writing(self) -> None:
        """Give up a client that does not read."""
        self._transport.abort()

    def connection_lost(self, problem: Exception | None) -> None:
        """Drop the request of the client that is gone."""
        del problem
        self._parser = None  # the two hold each other, and nobody may come to collect them
        self._calls.clear()
        if self._job:
            self._service.leave(self._job)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._call = Call()

    def on_url(self, url: bytes) -> None:
        """Note the path."""
        self._call.path += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Let a client that asks first send its body."""
        if name.lower() == b"expect" and value.lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Gather the body."""
        if len(self._call.body) + len(body) > MOST_BODY_BYTES:
            self._transport.abort()
            return
        self._call.body += body

    def on_message_complete(self) -> None:
        """Answer the request, or let it wait for its turn."""
        self._call.method = self._parser.get_method().decode()
        self._call.path = self._call.path.partition("?")[0]
        self._call.keeps_alive = self._parser.should_keep_alive()
        self._calls.append(self._call)
        self._next()

    def take(self, body: bytes, *, done: bool) -> None:
        """Write the next part of the reply."""
        if not self._streams:
            if done:
                self._finish(_whole(Answer(body), keeps_alive=self._keeps_alive))
            return
        framed = b"%x\r\n%b\r\n" % (len(body), body)
        if done:
            self._finish(framed + b"0\r\n\r\n")
        else:
            self._transport.write(framed)

    def fail(self, message: str) -> None:
        """End the reply with an error: an event where the stream has begun, else a status."""
        if self._streams:
            self.take(error_event(message), done=True)
        else:
            self._refuse(RefusedError(message, status=500))

    @property
    def _keeps_alive(self) -> bool:
        return self._serving is not None and self._serving.keeps_alive

    def _next(self) -> None:
        if self._serving is not None or not self._calls or self._transport.is_closing():
            return
        self._serving = self._calls.popleft()
        try:
            answer = self._handle(self._serving)
            if isinstance(answer, Answer):
                self._finish(_whole(answer, keeps_alive=self._keeps_alive))
            else:
                self._begin(answer)
        except RefusedError as refusal:
            self._refuse(refusal)

    def _begin(self, asked: Asked) -> None:
        self._streams = asked.streams
        self._job = self._service.ask(asked, self)
        if asked.streams:
            self._transport.write(_head(200, EVENTS, ["transfer-encoding: chunked"], keeps_alive=self._keeps_alive))

    def _refuse(self, refusal: RefusedError) -> None:
        shown = error(str(refusal), kind=refusal.kind, status=refusal.status, field=refusal.field)
        answer = Answer(json.dumps(shown).encode(), status=refusal.status)
        self._finish(_whole(answer, keeps_alive=self._keeps_alive))

    def _finish(self, last: bytes) -> None:
        self._transport.write(last)
        if not self._keeps_alive:
            self._transport.close()
        self._serving, self._job, self._streams = None, None, False
        if self._calls:
            asyncio.get_running_loop().call_soon(self._next)


def _head(status: int, kind: str, more: list[str], *, keeps_alive: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"server: {SERVER}",
        f"content-type: {kind}",
        *more,
        f"connection: {'keep-alive' if keeps_alive else 'close'}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _whole(answer: Answer, *, keeps_alive: bool) -> bytes:
    length = f"content-length: {len(answer.body)}"
    return _head(answer.status, answer.kind, [length], keeps_alive=keeps_alive) + answer.body
