"""The wire: connections used again, bodies of any framing, and a name for each way in which an answer breaks off."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from advisor.domain.timing import Failure
from advisor.errors import InputError
from advisor.loadgen.address import read_address
from advisor.loadgen.client import Client
from advisor.loadgen.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

STREAM = (
    b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"completion_tokens":1}}\n\n'
    b"data: [DONE]\n\n"
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(STREAM), STREAM)


class Raw:
    """A server that writes given bytes for each request, in given pieces, and then may close."""

    def __init__(self, *answers: bytes, piece: int = 1 << 20, closes: bool = False) -> None:
        self._answers, self._piece, self._closes = list(answers), piece, closes
        self.heads: list[bytes] = []
        self.connections = 0
        self.port = 0
        self.asked = asyncio.Event()
        self._serving: list[asyncio.Task[None]] = []

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._serving.append(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while self._answers:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                answer = self._answers.pop(0)
                for at in range(0, len(answer), self._piece):
                    writer.write(answer[at : at + self._piece])
                    await writer.drain()
                    await asyncio.sleep(0)
                if self._closes:
                    break
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Client]:
        server = await asyncio.start_server(self, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        client = Client(read_address(f"http://127.0.0.1:{self.port}"), api_key="k3y")
        try:
            yield client
        finally:
            await client.close()
            server.close()
            await asyncio.gather(*self._serving)


async def exchange(client: Client, *, path: str = "/v1/x") -> Exchange:
    done: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
    client.send(Exchange(0, client.request(path), asked_tokens=1, forced=True, ended=done.set_result))
    return await asyncio.wait_for(done, 20)


def run(raw: Raw, what: Callable[[Client], Awaitable[list[Exchange]]]) -> list[Exchange]:
    async def inside() -> list[Exchange]:
        async with raw.serve() as client:
            return await what(client)

    return asyncio.run(inside())


async def one(client: Client) -> list[Exchange]:
    return [await exchange(client)]


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 20])
def test_an_answer_in_pieces_of_any_size_is_the_same(piece: int) -> None:
    (seen,) = run(Raw(CHUNKED, piece=piece), one)
    assert (seen.failure, seen.status, seen.reply.events, seen.reply.tokens("completion_tokens")) == ("", 200, 1, 1)


def test_a_connection_is_used_again() -> None:
    raw = Raw(*[CHUNKED] * 3)

    async def three(client: Client) -> list[Exchange]:
        return [await exchange(client) for _ in range(3)]

    assert [seen.failure for seen in run(raw, three)] == ["", "", ""]
    assert raw.connections == 1


def test_as_many_connections_as_requests_in_flight() -> None:
    raw = Raw(*[CHUNKED] * 3)

    async def three(client: Client) -> list[Exchange]:
        return await asyncio.gather(*(exchange(client) for _ in range(3)))

    assert [seen.failure for seen in run(raw, three)] == ["", "", ""]
    assert raw.connections == 3


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    raw = Raw(CHUNKED, CHUNKED, closes=True)

    async def two(client: Client) -> list[Exchange]:
        first = await exchange(client)
        await asyncio.sleep(0.05)
        return [first, await exchange(client)]

    assert [seen.failure for seen in run(raw, two)] == ["", ""]
    assert raw.connections == 2


@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_a_body_that_ends_with_the_connection_is_whole(head: bytes) -> None:
    (seen,) = run(Raw(head + STREAM, closes=True), one)
    assert (seen.failure, seen.reply.events) == ("", 1)


def test_a_body_shorter_than_announced_is_a_close_mid_stream() -> None:
    (seen,) = run(Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\ndata: {}\n\n", closes=True), one)
    assert seen.failure == Failure.CLOSED


def test_a_close_after_the_end_marker_loses_nothing() -> None:
    (seen,) = run(Raw(CHUNKED.removesuffix(b"0\r\n\r\n"), closes=True), one)
    assert seen.failure == ""


def test_a_close_before_any_answer_is_told() -> None:
    (seen,) = run(Raw(b"", closes=True), one)
    assert seen.failure == Failure.CLOSED


def test_what_is_no_http_is_malformed() -> None:
    (seen,) = run(Raw(b"SSH-2.0-OpenSSH\r\n\r\n", closes=True), one)
    assert seen.failure == Failure.MALFORMED


def test_a_refused_connection_has_its_name() -> None:
    async def refused() -> Exchange:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        client = Client(read_address(f"http://127.0.0.1:{port}"))
        try:
            return await exchange(client)
        finally:
            await client.close()

    assert asyncio.run(refused()).failure == Failure.REFUSED


def test_encryption_that_the_server_does_not_speak_is_told() -> None:
    def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def encrypted() -> Exchange:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        client = Client(read_address(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        try:
            return await exchange(client)
        finally:
            await client.close()
            server.close()
            await asyncio.sleep(0.01)

    seen = asyncio.run(encrypted())
    assert seen.failure in {Failure.REFUSED, Failure.RESET}
    assert seen.detail


def test_a_refusal_keeps_what_the_server_said() -> None:
    (seen,) = run(Raw(b"HTTP/1.1 429 Too Many\r\nContent-Length: 9\r\n\r\nslow down"), one)
    assert (seen.failure, seen.detail) == ("http_429", "slow down")


def test_requests_carry_host_and_key() -> None:
    raw = Raw(CHUNKED)
    run(raw, one)
    assert f"Host: 127.0.0.1:{raw.port}\r\n".encode() in raw.heads[0]
    assert b"Authorization: Bearer k3y\r\n" in raw.heads[0]


def test_an_abandoned_request_closes_its_connection_and_is_told_once() -> None:
    ends: list[str] = []
    raw = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")

    async def abandon(client: Client) -> list[Exchange]:
        call = Exchange(0, client.request("/v1/x"), asked_tokens=1, forced=True, ended=lambda e: ends.append(e.failure))
        client.send(call)
        await raw.asked.wait()
        call.abandon(Failure.STALLED, "too long", 1.0)
        await asyncio.sleep(0.02)
        return [call]

    (call,) = run(raw, abandon)
    assert ends == [Failure.STALLED]
    assert call.connection is None


def test_a_key_that_no_header_may_carry_is_refused() -> None:
    with pytest.raises(InputError, match="API key"):
        Client(read_address("http://h"), api_key="a\r\nb")


@pytest.mark.parametrize(
    ("url", "authority", "root", "api"),
    [
        ("http://h:8000", "h:8000", "", "/v1"),
        ("http://h:8000/", "h:8000", "", "/v1"),
        ("http://h/v1", "h", "", "/v1"),
        ("https://h/gate/v1/", "h", "/gate", "/gate/v1"),
        ("https://h:8443/gate", "h:8443", "/gate", "/gate/v1"),
        ("http://[::1]:80/api/v4", "[::1]", "/api", "/api/v4"),
    ],
)
def test_an_address_is_read_with_its_prefix(url: str, authority: str, root: str, api: str) -> None:
    address = read_address(url)
    assert (address.authority, address.root, address.api) == (authority, root, api)


@pytest.mark.parametrize("url", ["", "h:8000", "ftp://h", "http://", "http://h:port", "http://h:99999", "localhost"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="no address of a server"):
        read_address(url)
