"""An OpenAI-style server that does nothing but answer in exactly known time, and break where told.

In a test's own event loop: `async with null_server(Habits(...)) as server: server.url`. In a process of its own, for timing:
`python -m tests.null_server '{"first_s": 0.1}'` prints its port. There it waits with `select`, which unlike `epoll` is not
rounded to milliseconds, and `GET /truth` tells how late its own writes were.
"""

from __future__ import annotations

import asyncio
import json
import math
import selectors
import socket
import struct
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NO_LINGER = struct.pack("ii", 1, 0)
MID_STREAM = frozenset({"reset", "close", "cut", "truncate", "stall", "malformed", "error_event"})


@dataclass(frozen=True)
class Habits:
    """How the server answers. Every request takes `first_s` to its first event and `gap_s` to each further one.

    An event holds `canvas` tokens: 1 is an autoregressive model, more is block diffusion. `faults` are by the place of a
    completion request, counted from 0; `every` puts one into each so many requests. While `frozen_s` (from, to; since the first
    request) nothing is written. `stops_after` is where the model ends by itself. So many `foreign` requests of
    other clients end beside each of ours. `prompt_tokens` of a prompt are `overhead` and `per_word` for each word.
    """

    first_s: float = 0.005
    gap_s: float = 0.001
    canvas: int = 1
    steps: int = 8
    model: str = "null"
    owner: str = "vllm"
    version: str = "0.32.0"
    prefix: str = ""
    models: bool = True
    metrics: bool = True
    faults: dict[int, str] = field(default_factory=dict)
    every: dict[int, str] = field(default_factory=dict)
    frozen_s: tuple[float, float] | None = None
    per_word: float = 1.5
    overhead: int = 7
    stops_after: int | None = None
    heeds_eos: bool = True
    continuous: bool = True
    refuses: tuple[str, ...] = ()
    usage: str = "own"
    newline: str = "\n"
    space: str = " "
    comments: bool = False
    chunked: bool = True
    delta: str = "content"
    api_key: str = ""
    foreign: int = 0


class NullServer:
    """What all connections of a server share: its habits, and counts of what it was asked."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.port = 0
        self.bodies: list[dict[str, Any]] = []
        self.asked = self.running = self.most_running = self.aborted = 0
        self.passes = self.positions = self.committed = self.finished = 0
        self.lateness_s: list[float] = []
        self.transports: set[asyncio.Transport] = set()
        self.first_s: float | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fault(self, place: int) -> str:
        every = next((fault for each, fault in self.habits.every.items() if place % each == each - 1), "")
        return self.habits.faults.get(place, every)

    def thawed_s(self, due_s: float) -> float:
        """Return when an event that is due may be written."""
        if self.habits.frozen_s is None or self.first_s is None:
            return due_s
        low_s, high_s = (self.first_s + edge for edge in self.habits.frozen_s)
        return high_s if low_s <= due_s < high_s else due_s

    def truth(self) -> dict[str, float]:
        late = sorted(self.lateness_s) or [0.0]
        self.lateness_s = []
        return {
            "events": len(late),
            "late_p50_s": late[len(late) // 2],
            "late_p99_s": late[int(0.99 * (len(late) - 1))],
        }

    def page(self) -> str:
        labels = f'{{engine="0",model_name="{self.habits.model}"}}'
        rows = {"num_requests_running": self.running, "num_requests_waiting": 0, "num_preemptions_total": 0}
        rows |= {"request_success_total": self.finished}
        if self.habits.canvas > 1:
            rows |= {
                "diffusion_num_denoising_steps_total": self.passes,
                "diffusion_num_canvas_positions_total": self.positions,
                "diffusion_num_committed_tokens_total": self.committed,
            }
        lines = [f"# HELP vllm:{name} -\nvllm:{name}{labels} {float(value)}\n" for name, value in rows.items()]
        return "".join(lines)


class Served(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: NullServer) -> None:
        self._server = server
        self._habits = server.habits
        self._buffer = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.transports.add(transport)
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        now_s = self._loop.time()
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap:
            return
        length = next((int(h[15:]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")), 0)
        if len(body) < length:
            return
        self._buffer = body[length:]
        path = head.split(b" ", 2)[1].decode().removeprefix(self._habits.prefix)
        key = self._habits.api_key
        if key and f"Bearer {key}".encode() not in head:
            self._plain(401, {"error": {"message": "no such key"}})
        elif path in {"/v1/chat/completions", "/v1/completions"}:
            self._complete(json.loads(body[:length]), chat="chat" in path, now_s=now_s)
        else:
            self._tell(path)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server.transports.discard(self._transport)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._server.running -= 1
            self._server.aborted += 1

    def _tell(self, path: str) -> None:
        habits = self._habits
        told: dict[str, Any] = {
            "/version": {"version": habits.version},
            "/health": {},
            "/truth": self._server.truth() if path == "/truth" else {},
            "/v1/models": {
                "object": "list",
                "data": [{"id": habits.model, "owned_by": habits.owner, "max_model_len": 8192}],
            },
        }
        if path == "/metrics" and habits.metrics:
            self._plain(200, self._server.page())
        elif path in told and (habits.models or path != "/v1/models"):
            self._plain(200, told[path])
        else:
            self._plain(404, {"detail": "Not Found"})

    def _plain(self, status: int, told: Any) -> None:
        body = (told if isinstance(told, str) else json.dumps(told)).encode()
        head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n"
        self._transport.write(head.encode() + body)

    def _complete(self, body: dict[str, Any], *, chat: bool, now_s: float) -> None:
        server = self._server
        place, server.asked = server.asked, server.asked + 1
        server.first_s = now_s if server.first_s is None else server.first_s
        server.bodies.append(body)
        fault = server.fault(place)
        refused = next(
            (name for name in self._habits.refuses if name in body or name in body.get("stream_options", {})), ""
        )
        if fault.startswith("http_") or refused:
            status = 400 if refused else int(fault[5:])
            self._plain(status, {"error": {"message": f"no {refused}" if refused else "broken", "code": status}})
            return
        server.running += 1
        server.most_running = max(server.most_running, server.running)
        script = script_of(self._habits, body, chat=chat, fault=fault, place=place)
        self._start(script, now_s)

    def _start(self, script: Script, now_s: float) -> None:
        framing = "Transfer-Encoding: chunked" if self._habits.chunked else "Connection: close"
        version = "1.1" if self._habits.chunked else "1.0"
        self._transport.write(
            f"HTTP/{version} 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n{framing}\r\n\r\n".encode()
        )
        self._wait(script, 0, now_s)

    def _wait(self, script: Script, event: int, start_s: float) -> None:
        due_s = self._server.thawed_s(start_s + self._habits.first_s + event * self._habits.gap_s)
        self._timer = self._loop.call_at(due_s, self._write, script, event, start_s, due_s)

    def _write(self, script: Script, event: int, start_s: float, due_s: float) -> None:
        pieces = script.events[event]
        for piece in pieces:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if self._habits.chunked else piece)
        self._server.lateness_s.append(self._loop.time() - due_s)
        if event + 1 < len(script.events):
            self._wait(script, event + 1, start_s)
        elif script.end != "stall":
            self._end(script)

    def _end(self, script: Script) -> None:
        self._timer = None
        server, habits = self._server, self._habits
        server.running -= 1
        server.finished += 1 + habits.foreign
        if habits.canvas > 1:
            canvases = len(script.events)
            server.passes += canvases * (habits.steps + 1)
            server.positions += canvases * (habits.steps + 1) * habits.canvas
            server.committed += canvases * habits.canvas
        if script.end == "reset":
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self._transport.abort()
        elif script.end == "close" or not habits.chunked:
            self._transport.close()
        else:
            self._transport.write(b"0\r\n\r\n")


@dataclass(frozen=True)
class Script:
    """What is written for one request: the pieces of each event, and how it ends."""

    events: list[list[bytes]]
    end: str = ""


def script_of(habits: Habits, body: dict[str, Any], *, chat: bool, fault: str, place: int) -> Script:
    """Return what is written for a request."""
    asked = int(body.get("max_tokens") or body.get("max_completion_tokens") or 16)
    written = (
        asked
        if (habits.heeds_eos and body.get("ignore_eos")) or habits.stops_after is None
        else min(asked, habits.stops_after)
    )
    say = _Saying(habits, body, chat=chat, place=place, finish="length" if written == asked else "stop")
    tokens = [min(habits.canvas, written - at) for at in range(0, written, habits.canvas)]
    if fault in MID_STREAM:
        return _broken(say, tokens[: max(len(tokens) // 2, 1)], fault)
    said = 0
    events: list[list[bytes]] = []
    for count in tokens:
        said += count
        events.append([say.text(count, said, last=said == written)])
    if fault == "empty_choices":
        events = [[say.event({"choices": []})] for _ in tokens]
    elif chat:
        events[0].insert(0, say.role())
    events[-1] += [*(say.usage(written) if fault != "no_usage" else []), say.raw("[DONE]")]
    return Script(events)


def _broken(say: _Saying, tokens: list[int], fault: str) -> Script:
    events = [[say.text(count, sum(tokens[: place + 1]), last=False)] for place, count in enumerate(tokens)]
    if fault == "malformed":
        events[-1] += [say.raw('{"id":"null","choices":[{"delta"'), *say.usage(sum(tokens)), say.raw("[DONE]")]
    elif fault == "error_event":
        events[-1] += [say.event({"error": {"message": "engine died", "code": 500}}), say.raw("[DONE]")]
    elif fault == "truncate":
        events[-1] += [say.text(0, sum(tokens), last=True), *say.usage(sum(tokens)), say.raw("[DONE]")]
    return Script(events, fault)


class _Saying:
    """Builds the events of one reply."""

    def __init__(self, habits: Habits, body: dict[str, Any], *, chat: bool, place: int, finish: str) -> None:
        prompt = body.get("prompt") or " ".join(map(_said, body.get("messages", [])))
        self._prompt_tokens = habits.overhead + math.ceil(habits.per_word * len(prompt.split()))
        self._options = body.get("stream_options") or {}
        self._habits, self._chat, self._place, self._finish = habits, chat, place, finish

    def raw(self, data: str) -> bytes:
        line, habits = self._habits.newline, self._habits
        comment = f": ping{line}" if habits.comments else ""
        return f"{comment}data:{habits.space}{data}{line}{line}".encode()

    def event(self, fields: dict[str, Any]) -> bytes:
        kind = "chat.completion.chunk" if self._chat else "text_completion"
        head = {"id": f"null-{self._place}", "object": kind, "created": 1700000000, "model": self._habits.model}
        return self.raw(json.dumps({**head, **fields}, separators=(",", ":")))

    def role(self) -> bytes:
        return self.event(
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
        )

    def text(self, count: int, said: int, *, last: bool) -> bytes:
        words = " word" * count
        carried: dict[str, Any] = {"delta": {self._habits.delta: words}} if self._chat else {"text": words}
        fields: dict[str, Any] = {
            "choices": [{"index": 0, **carried, "logprobs": None, "finish_reason": self._finish if last else None}]
        }
        told = (self._habits.continuous and self._options.get("continuous_usage_stats")) or (
            last and self._habits.usage == "last"
        )
        if told and self._habits.usage != "none":
            fields["usage"] = self._counts(said)
        return self.event(fields)

    def usage(self, said: int) -> list[bytes]:
        if self._habits.usage != "own" or not self._options.get("include_usage"):
            return []
        return [self.event({"choices": [], "usage": self._counts(said)})]

    def _counts(self, said: int) -> dict[str, int]:
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": said,
            "total_tokens": self._prompt_tokens + said,
        }


def _said(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else " ".join(part["text"] for part in content)


@asynccontextmanager
async def null_server(habits: Habits | None = None) -> AsyncIterator[NullServer]:
    """Serve in the running event loop, on a free port."""
    server = NullServer(habits or Habits())
    listening = await asyncio.get_running_loop().create_server(lambda: Served(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for transport in tuple(server.transports):
            transport.abort()
        await asyncio.sleep(0)


async def _serve(habits: Habits, started: Callable[[int], None]) -> None:
    async with null_server(habits) as server:
        started(server.port)
        await asyncio.Event().wait()


def main() -> None:
    """Serve in this process until it is killed."""
    habits = Habits(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(_serve(habits, lambda port: print(port, flush=True)))  # noqa: T201


if __name__ == "__main__":
    main()
