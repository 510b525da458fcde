"""The server in this process, on a free port and faster than real time, and a plain client for it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

from advisor.demo.server import start
from advisor.demo.setup import Listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from advisor.demo.scheduler import Scheduler
    from advisor.demo.service import Service
    from advisor.demo.setup import EngineSetup

SPEED = 200.0
NAME = "served"


@dataclass(frozen=True)
class Got:
    """An answer: its status, its headers, and its body without any framing."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The events of a stream, `[DONE]` left out; it must be the last."""
        *shown, end, rest = self.body.decode().split("\n\n")
        assert (end, rest) == ("data: [DONE]", "")
        return [json.loads(event.removeprefix("data: ")) for event in shown]

    @property
    def parts(self) -> list[int]:
        """The words of each event with text."""
        choices = [event["choices"][0] for event in self.events if event.get("choices")]
        texts = [choice.get("text", choice.get("delta", {}).get("content")) for choice in choices]
        return [len(text.split()) for text in texts if text]


class Client:
    """One connection, kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, path: str, fields: Any = None, *, headers: str = "") -> Got:
        """Send a request, a POST where it has a body, and return the answer."""
        self.send(path, fields, headers=headers)
        return await self.receive()

    def send(self, path: str, fields: Any = None, *, headers: str = "") -> None:
        body = b"" if fields is None else json.dumps(fields).encode()
        method = "GET" if fields is None else "POST"
        head = f"{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
        self.writer.write(head.encode() + body)

    async def receive(self) -> Got:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self._chunked() if "transfer-encoding" in headers else await self._sized(headers)
        return Got(int(head[0].split()[1]), headers, body)

    async def _sized(self, headers: dict[str, str]) -> bytes:
        return await self.reader.readexactly(int(headers.get("content-length", "0")))

    async def _chunked(self) -> bytes:
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return body

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@dataclass
class Served:
    """A server that runs, and its clients."""

    service: Service
    host: str
    port: int
    failed: asyncio.Event

    async def client(self) -> Client:
        return Client(*await asyncio.open_connection(self.host, self.port))

    async def ask(self, path: str, fields: Any = None) -> Got:
        """Ask on a connection of its own."""
        client = await self.client()
        try:
            return await client.ask(path, fields)
        finally:
            await client.close()

    async def metrics(self) -> dict[str, float]:
        """Return the readings of `/metrics`, summed over labels."""
        page, found = await self.ask("/metrics"), dict[str, float]()
        for family in text_string_to_metric_families(page.body.decode()):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
        return found


@asynccontextmanager
async def serving(
    setup: EngineSetup, *, speed: float = SPEED, scheduler: Scheduler | None = None
) -> AsyncIterator[Served]:
    """Serve an engine."""
    failed = asyncio.Event()
    listening = Listening(NAME, "127.0.0.1", 0, speed, {"checkpoint": "org/weights", "speed": speed})
    service, server = await start(setup, listening, on_failure=failed.set, scheduler=scheduler)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield Served(service, host, port, failed)
    finally:
        server.close()
        service.pacer.stop()
        await asyncio.sleep(0)


def chat(reply: int, **more: Any) -> dict[str, Any]:
    """Return the body of a streamed chat request with a forced length and full counts."""
    return {
        "model": NAME,
        "messages": [{"role": "user", "content": "word " * 30}],
        "max_tokens": reply,
        "stream": True,
        "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        "ignore_eos": True,
        **more,
    }
