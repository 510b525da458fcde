"""The server as its clients see it: order and shape of events, exact counts, refusals, and clients that leave."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import TYPE_CHECKING, Any

import pytest

from advisor.demo.connection import Connection
from advisor.demo.scheduler import Scheduler
from advisor.demo.server import start
from advisor.demo.setup import Listening
from advisor.errors import InputError
from tests.unit.demo.engines import CANVAS, DRAFT, engine
from tests.unit.demo.served import NAME, Client, Got, chat, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.demo.scheduler import Written
    from tests.unit.demo.served import Served

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
HOLD = 0.01  # so slow that an iteration of it never ends within a test


async def _until(happened: Callable[[], bool]) -> None:
    """Wait for what only the engine's own state shows."""
    while not happened():  # noqa: ASYNC110 - a scheduler has no events, and shall have none for tests
        await asyncio.sleep(0.001)


def _idle(served: Served) -> bool:
    return served.service.scheduler.running == served.service.scheduler.waiting == 0


def test_a_stream_shows_role_tokens_counts_and_its_end() -> None:
    async def talk() -> Got:
        async with serving(engine()) as served:
            return await served.ask(CHAT, chat(5))

    got = asyncio.run(talk())
    assert (got.status, got.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert got.events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert got.parts == [1] * 5
    assert [event["usage"]["completion_tokens"] for event in got.events] == [0, 1, 2, 3, 4, 5, 5]
    assert [c["finish_reason"] for e in got.events for c in e["choices"]] == [None] * 5 + ["length"]
    assert got.events[-1]["choices"] == []
    assert {event["system_fingerprint"] for event in got.events} == {"simulated"}


def test_a_canvas_is_one_event() -> None:
    async def talk() -> Got:
        async with serving(engine(canvas=CANVAS)) as served:
            return await served.ask(CHAT, chat(600))

    assert asyncio.run(talk()).parts == [256, 256, 88]


@pytest.mark.parametrize("path", [CHAT, TEXT])
def test_a_reply_may_come_whole(path: str) -> None:
    async def talk() -> Got:
        async with serving(engine()) as served:
            return await served.ask(path, {**chat(40), "prompt": "a b c", "stream": False})

    body = asyncio.run(talk()).json
    assert body["usage"]["completion_tokens"] == 40
    assert body["model"] == NAME


@pytest.mark.parametrize(
    "setup",
    [engine(slots=8), engine(slots=8, draft=DRAFT), engine(slots=4, canvas=CANVAS)],
    ids=["one", "mtp", "canvas"],
)
def test_metrics_count_exactly_what_was_served(setup: Any) -> None:
    lengths = [3, 70, 256, 257, 300, 12, 1, 512, 90, 41, 8, 100]

    async def talk() -> tuple[list[Got], dict[str, float]]:
        async with serving(setup) as served:
            got = await asyncio.gather(*(served.ask(CHAT, chat(length)) for length in lengths))
            return got, await served.metrics()

    got, shown = asyncio.run(talk())
    assert [sum(one.parts) for one in got] == [one.events[-1]["usage"]["completion_tokens"] for one in got] == lengths
    assert shown["vllm:generation_tokens_total"] == sum(lengths)
    assert shown["vllm:prompt_tokens_total"] == 30 * len(lengths)
    assert shown["vllm:request_success_total"] == shown["vllm:e2e_request_latency_seconds_count"] == len(lengths)
    assert shown["vllm:request_generation_tokens_sum"] == sum(lengths)
    assert shown["vllm:num_requests_running"] == shown["vllm:num_requests_waiting"] == 0
    assert shown["vllm:iteration_tokens_total_count"] == shown["advisor_demo:iterations_total"]
    if setup.canvas:
        assert shown["vllm:diffusion_num_committed_tokens_total"] == 256 * sum(len(one.parts) for one in got)
        positions = shown["vllm:diffusion_num_canvas_positions_total"]
        assert positions == 256 * shown["vllm:diffusion_num_denoising_steps_total"]
    if setup.draft:
        events = sum(len(one.parts) for one in got)
        assert shown["vllm:spec_decode_num_drafts_total"] == events
        accepted = shown["vllm:spec_decode_num_accepted_tokens_total"]
        assert accepted == shown["vllm:spec_decode_num_accepted_tokens_per_pos_total"]
        assert accepted + events >= sum(lengths)


def test_only_a_diffusion_engine_shows_canvases_and_only_a_drafted_one_drafts() -> None:
    async def talk(setup: Any) -> dict[str, float]:
        async with serving(setup) as served:
            return await served.metrics()

    plain, canvas = asyncio.run(talk(engine())), asyncio.run(talk(engine(canvas=CANVAS)))
    assert not any("diffusion" in name or "spec_decode" in name for name in plain)
    assert sum("diffusion" in name for name in canvas) == 3


def test_requests_beyond_the_slots_are_seen_to_wait() -> None:
    async def talk() -> dict[str, float]:
        async with serving(engine(slots=2), speed=HOLD) as served:
            clients = [await served.client() for _ in range(5)]
            for client in clients:
                client.send(CHAT, chat(5))
            await _until(lambda: served.service.scheduler.waiting == 4)
            shown = await served.metrics()
            for client in clients:
                await client.close()
            return shown

    shown = asyncio.run(talk())
    assert (shown["vllm:num_requests_running"], shown["vllm:num_requests_waiting"]) == (1, 4)
    assert shown["vllm:kv_cache_usage_perc"] > 0


def test_a_client_that_leaves_aborts_its_request() -> None:
    async def talk() -> tuple[dict[str, float], Got]:
        async with serving(engine(slots=1)) as served:
            leaving = await served.client()
            leaving.send(CHAT, chat(40_000))
            await leaving.reader.readuntil(b"data: ")
            leaving.writer.transport.abort()
            await _until(lambda: _idle(served))
            return await served.metrics(), await served.ask(CHAT, chat(3))

    shown, next_one = asyncio.run(talk())
    assert shown["vllm:request_success_total"] == 1  # by its reason: abort
    assert shown["vllm:generation_tokens_total"] < 40_000
    assert shown["vllm:kv_cache_usage_perc"] == 0
    assert sum(next_one.parts) == 3


def test_a_connection_serves_one_request_after_another() -> None:
    async def talk() -> list[Got]:
        async with serving(engine()) as served:
            client = await served.client()
            got = [await client.ask(CHAT, chat(n)) for n in (2, 3)]
            got.append(await client.ask("/health"))
            await client.close()
            return got

    first, second, health = asyncio.run(talk())
    assert (sum(first.parts), sum(second.parts), health.status) == (2, 3, 200)


def test_requests_sent_at_once_are_answered_in_order() -> None:
    async def talk() -> list[Got]:
        async with serving(engine()) as served:
            client = await served.client()
            client.send(CHAT, chat(3))
            client.send("/version")
            client.send(CHAT, chat(4, stream=False))
            got = [await client.receive() for _ in range(3)]
            await client.close()
            return got

    first, second, third = asyncio.run(talk())
    assert sum(first.parts) == 3
    assert second.json["version"] == "advisor-demo"
    assert third.json["usage"]["completion_tokens"] == 4


def test_a_client_that_wants_it_closed_gets_it_closed() -> None:
    async def talk() -> tuple[Got, bytes]:
        async with serving(engine()) as served:
            client = await served.client()
            got = await client.ask(CHAT, chat(2), headers="connection: close\r\n")
            rest = await client.reader.read()
            await client.close()
            return got, rest

    got, rest = asyncio.run(talk())
    assert (got.headers["connection"], rest) == ("close", b"")


def test_a_client_that_asks_first_may_send_its_body() -> None:
    async def talk() -> bytes:
        async with serving(engine()) as served:
            client = await served.client()
            client.writer.write(
                b"POST /v1/completions HTTP/1.1\r\nhost: t\r\ncontent-length: 50\r\nexpect: 100-continue\r\n\r\n"
            )
            said = await client.reader.readuntil(b"\r\n\r\n")
            await client.close()
            return said

    assert asyncio.run(talk()).startswith(b"HTTP/1.1 100 Continue")


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        (CHAT, {"messages": [], "model": NAME}, 400),
        (CHAT, chat(5, model="other"), 404),
        (CHAT, chat(5, temperature=0), 400),
        (CHAT, None, 405),
        ("/v1/nothing", None, 404),
    ],
)
def test_a_refusal_is_an_error_with_a_status(path: str, fields: Any, status: int) -> None:
    async def talk() -> Got:
        async with serving(engine(canvas=CANVAS)) as served:
            return await served.ask(path, fields)

    got = asyncio.run(talk())
    assert got.status == got.json["error"]["code"] == status
    assert got.json["error"]["message"]


def test_a_refused_request_costs_the_engine_nothing() -> None:
    async def talk() -> dict[str, float]:
        async with serving(engine(canvas=CANVAS)) as served:
            await served.ask(CHAT, chat(5, seed=3))
            return await served.metrics()

    assert asyncio.run(talk())["vllm:prompt_tokens_total"] == 0


def test_what_is_no_http_is_refused_and_cut_off() -> None:
    async def talk() -> tuple[Got, bytes]:
        async with serving(engine()) as served:
            client = await served.client()
            client.writer.write(b"hello there\r\n\r\n")
            got, rest = await client.receive(), await client.reader.read()
            await client.close()
            return got, rest

    got, rest = asyncio.run(talk())
    assert (got.status, rest) == (400, b"")


def test_it_says_that_it_simulates_wherever_it_is_asked() -> None:
    async def talk() -> tuple[Got, ...]:
        async with serving(engine()) as served:
            paths = ("/v1/models", "/version", "/server_info?config_format=json", "/health")
            return tuple([await served.ask(path) for path in paths])

    models, version, info, health = asyncio.run(talk())
    (model,) = models.json["data"]
    assert (model["id"], model["owned_by"], model["root"]) == (NAME, "advisor-demo", "org/weights")
    assert model["max_model_len"] == 50_000
    assert version.json["version"] == models.headers["server"] == "advisor-demo"
    assert info.json == {"simulated": True, "settings": {"checkpoint": "org/weights", "speed": 200.0}}
    assert health.status == 200


class Broken(Scheduler):
    """A core that fails in its third iteration."""

    def finish(self) -> list[Written]:
        if self.tally.iterations == 2:
            raise RuntimeError("the core is broken")
        return super().finish()


def test_a_core_that_fails_ends_streams_with_an_error_event_and_the_server() -> None:
    async def talk() -> tuple[Got, Got, Got, Exception | None]:
        setup = engine()
        async with serving(setup, scheduler=Broken(setup)) as served:
            streaming, whole = await served.client(), await served.client()
            streaming.send(CHAT, chat(50))
            whole.send(CHAT, chat(50, stream=False))
            got = await streaming.receive(), await whole.receive()
            await served.failed.wait()
            late = await served.ask(CHAT, chat(5))
            for client in (streaming, whole):
                await client.close()
            return *got, late, served.service.failed

    streamed, whole, late, problem = asyncio.run(talk())
    assert streamed.status == 200
    assert streamed.parts == [1, 1]
    assert streamed.events[-1]["error"]["code"] == 500
    assert whole.status == late.status == 500
    assert isinstance(problem, RuntimeError)


def test_a_failed_server_is_unhealthy() -> None:
    async def talk() -> int:
        setup = engine()
        async with serving(setup, scheduler=Broken(setup)) as served:
            await served.ask(CHAT, chat(50))
            return (await served.ask("/health")).status

    assert asyncio.run(talk()) == 503


def test_many_streams_are_served_to_their_ends() -> None:
    lengths = [100 + number % 7 for number in range(64)]

    async def talk() -> list[Got]:
        async with serving(engine(slots=64), speed=1000.0) as served:
            return list(await asyncio.gather(*(served.ask(CHAT, chat(length)) for length in lengths)))

    assert [sum(got.parts) for got in asyncio.run(talk())] == lengths


def test_a_client_that_reads_nothing_is_given_up() -> None:
    async def talk() -> dict[str, int]:
        async with serving(engine(), speed=1000.0) as served:
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
            deaf.connect((served.host, served.port))
            reader, writer = await asyncio.open_connection(sock=deaf, limit=2**10)
            Client(reader, writer).send(CHAT, chat(45_000))  # 14 MB, more than a socket keeps for it
            await _until(lambda: bool(served.service.scheduler.tally.finished))
            writer.transport.abort()
            return served.service.scheduler.tally.finished

    assert asyncio.run(talk()) == {"abort": 1}


def test_a_closed_connection_leaves_nothing_behind() -> None:
    async def talk() -> int:
        async with serving(engine()) as served:
            for _ in range(20):
                await served.ask(CHAT, chat(2))
            await asyncio.sleep(0.01)
            return sum(isinstance(thing, Connection) for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        assert asyncio.run(talk()) <= 1
    finally:
        gc.enable()


def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    async def talk() -> None:
        async with serving(engine()) as served:
            listening = Listening(NAME, served.host, served.port, 1.0, {})
            await start(engine(), listening, on_failure=lambda: None)

    with pytest.raises(InputError, match=r"cannot listen on 127\.0\.0\.1"):
        asyncio.run(talk())
