"""The client of one server: a pool of connections, measured requests, and small plain ones."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from advisor.domain.timing import Failure
from advisor.errors import InputError
from advisor.loadgen.connection import Connection

if TYPE_CHECKING:
    from advisor.loadgen.address import Address
    from advisor.loadgen.connection import Call, Take

IDLE_S = 3.0
"""An idle connection older than this is not used again: servers close theirs after 5 s, and a request must not race that."""
FETCH_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a small request: `status` 0 stands for none, with the reason as `problem`."""

    status: int
    body: bytes = b""
    problem: str = ""

    def json(self) -> Any:
        """Return the body decoded, None if it is no JSON or the status no success."""
        try:
            return json.loads(self.body) if self.status == 200 else None
        except ValueError:
            return None


class Fetch:
    """A small request whose whole answer is wanted."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.connection: Connection | None = None
        self._status = 0
        self._body: list[bytes] = []

    @property
    def wanted(self) -> bool:
        """Whether an answer is still waited for."""
        return not self.done.done()

    def sent(self, connection: Connection, _now_s: float) -> None:
        """Remember the connection, to close it when time is up."""
        self.connection = connection

    def answered(self, status: int) -> Take:
        """Take the status; the pieces of the body are kept."""
        self._status = status
        return lambda piece, _now_s: self._body.append(piece)

    def whole(self, _now_s: float) -> None:
        """Hand out the answer."""
        self._resolve(Answer(self._status, b"".join(self._body)))

    def broken(self, failure: Failure, detail: str, _now_s: float) -> None:
        """Hand out why there is none."""
        self._resolve(Answer(0, problem=detail or failure))

    def _resolve(self, answer: Answer) -> None:
        if not self.done.done():
            self.done.set_result(answer)


class Client:
    """Sends calls to a server over as many connections as are in flight; a free one is used again.

    None is opened ahead of a run. A closed loop opens all of its connections while it warms up; an open loop opens one more
    whenever more requests are in flight than before, or none was used of late. The set-up is then a part of the latency of
    that request, as it is for a user who comes anew; `RunFigures.connecting_p95_ms` says how much of it there was, and a
    run is flagged where it counts.
    """

    def __init__(self, address: Address, *, api_key: str = "") -> None:
        if not (api_key.isascii() and api_key.isprintable()):
            raise InputError("the API key has characters that no header may carry")
        self._address = address
        self._key = f"Authorization: Bearer {api_key}\r\n" if api_key else ""
        self._tls = ssl.create_default_context() if address.tls else None
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._host = ""

    def request(self, path: str, body: bytes | None = None) -> bytes:
        """Return the bytes of a request: GET, or POST of a JSON body."""
        method = "GET" if body is None else "POST"
        length = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._address.authority}\r\nAccept: */*\r\n{self._key}{length}\r\n"
        return head.encode() + (body or b"")

    def send(self, call: Call) -> None:
        """Send a call: now, if a connection is free, else as soon as a new one is open."""
        now_s = perf_counter()
        while self._free:
            connection = self._free.pop()
            if connection.usable and now_s - connection.idle_since_s < IDLE_S:
                connection.carry(call)
                return
            connection.close()
        task = asyncio.get_running_loop().create_task(self._open(call))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def fetch(self, path: str, body: Any = None, *, within_s: float = FETCH_S) -> Answer:
        """Return the whole answer to a small request."""
        call = Fetch(self.request(path, None if body is None else json.dumps(body).encode()))
        self.send(call)
        try:
            return await asyncio.wait_for(asyncio.shield(call.done), within_s)
        except TimeoutError:
            if call.connection is not None:
                call.connection.drop()
            return Answer(0, problem=f"no answer within {within_s:g} s")

    def freed(self, connection: Connection) -> None:
        """Take back a connection that may carry the next call."""
        connection.idle_since_s = perf_counter()
        self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        self._all.discard(connection)

    async def close(self) -> None:
        """Close every connection, whatever it carries."""
        for task in tuple(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in tuple(self._all):
            connection.drop()
        self._all.clear()
        self._free.clear()
        await asyncio.sleep(0)  # transports close in the next turn of the loop

    async def _open(self, call: Call) -> None:
        try:
            connection = await self._connect()
        except ConnectionRefusedError:
            call.broken(Failure.REFUSED, "connection refused", perf_counter())
        except OSError as problem:
            call.broken(Failure.REFUSED, str(problem) or type(problem).__name__, perf_counter())
        else:
            self._all.add(connection)
            if call.wanted:
                connection.carry(call)
            else:
                self.freed(connection)

    async def _connect(self) -> Connection:
        loop, address = asyncio.get_running_loop(), self._address
        _, connection = await loop.create_connection(
            lambda: Connection(self),
            self._host or address.host,
            address.port,
            ssl=self._tls,
            server_hostname=address.host if self._tls else None,
        )
        if not self._host:  # later connections skip the look-up of the name
            self._host = connection.peer
        return connection
