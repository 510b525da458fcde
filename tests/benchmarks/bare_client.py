"""The least that an asyncio client does on streams: what our own is compared with. It checks nothing but its token counts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Timed:
    """What was seen of one request [s]."""

    ttft_s: float
    e2e_s: float
    tokens: int


class Stream:
    """One connection that is used again and again."""

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._where)

    async def ask(self, prompt: str, tokens: int) -> Timed:
        """Send one request and read its stream."""
        body = json.dumps(
            {
                "model": "null",
                "messages": [{"role": "user", "content": prompt}],
                "max_tokens": tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
                "ignore_eos": True,
            }
        ).encode()
        start_s = perf_counter()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: null\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        while await self._reader.readline() != b"\r\n":
            pass
        first_s = last_s = 0.0
        counted = 0
        while size := int(await self._reader.readline(), 16):
            chunk = await self._reader.readexactly(size + 2)
            now_s = perf_counter()
            for line in chunk.split(b"\n"):
                if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
                    continue
                event = json.loads(line[6:])
                counted = (event.get("usage") or {}).get("completion_tokens", counted)
                if event["choices"] and event["choices"][0]["delta"].get("content"):
                    first_s, last_s = first_s or now_s, now_s
        await self._reader.readline()
        return Timed(first_s - start_s, last_s - start_s, counted)


async def load(host: str, port: int, *, prompt: str, streams: int, requests: int, tokens: int) -> list[Timed]:
    """Keep so many streams busy; each begins with one request of staggered length, which does not count."""
    left = iter(range(requests))
    timed: list[Timed] = []

    async def work(place: int) -> None:
        stream = Stream(host, port)
        await stream.open()
        await stream.ask(prompt, -(-tokens * (place + 1) // streams))
        timed.extend([await stream.ask(prompt, tokens) for _ in left])

    await asyncio.gather(*(work(place) for place in range(streams)))
    return timed
