"""The engine and its clients: who waits for which request, and what `/metrics` tells of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from advisor.demo.asked import RefusedError
from advisor.demo.measures import Measures
from advisor.demo.pacing import Pacer
from advisor.demo.replies import Reply
from advisor.demo.scheduler import Scheduler

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from advisor.demo.asked import Asked
    from advisor.demo.job import Job
    from advisor.demo.scheduler import Written
    from advisor.demo.setup import EngineSetup, Listening

CORE_FAILED = "EngineCore encountered an issue. See stack trace (above) for the root cause."


class Client(Protocol):
    """Whoever gets a reply."""

    def take(self, body: bytes, *, done: bool) -> None:
        """Take the next bytes of the reply."""

    def fail(self, message: str) -> None:
        """Learn that there will be no more."""


class Service:
    """Takes requests, drives the engine, and hands out what it writes.

    `failed` holds what ended the core; `on_failure` is called once then, after every client was told.
    """

    def __init__(
        self,
        setup: EngineSetup,
        listening: Listening,
        *,
        loop: asyncio.AbstractEventLoop,
        on_failure: Callable[[], None],
        scheduler: Scheduler | None = None,
    ) -> None:
        self.setup, self.listening = setup, listening
        self.scheduler = scheduler or Scheduler(setup)
        self.failed: Exception | None = None
        self._loop, self._on_failure = loop, on_failure
        self._clients: dict[int, tuple[Client, Reply]] = {}
        self.pacer = Pacer(self.scheduler, loop, speed=listening.speed, deliver=self._deliver, failed=self._fail)
        self.measures = Measures(self.scheduler, self.pacer, model=listening.served_name)

    def ask(self, asked: Asked, client: Client) -> Job:
        """Begin a reply.

        Raises
        ------
        RefusedError
            If the engine is no more.
        """
        if self.failed:
            raise RefusedError(CORE_FAILED, status=500)
        job = self.scheduler.submit(asked.wish)
        reply = Reply(asked, number=job.number, reason=job.reason, asked_s=self._loop.time())
        self._clients[job.number] = (client, reply)
        self.pacer.wake()
        return job

    def leave(self, job: Job) -> None:
        """Drop the request of a client that is gone."""
        if self._clients.pop(job.number, None):
            self.scheduler.abort(job)

    def _deliver(self, written: Sequence[Written]) -> None:
        now_s = self._loop.time()
        self.measures.saw_iteration(self.scheduler.iteration_tokens)
        for job, tokens, done in written:
            client, reply = self._clients[job.number]
            if reply.first_s is None:
                reply.first_s = now_s
                self.measures.saw_first(now_s - reply.asked_s)
            if done:
                del self._clients[job.number]
                self.measures.saw_end(now_s - reply.asked_s, job)
            client.take(reply.put(tokens, done=done), done=done)

    def _fail(self, problem: Exception) -> None:
        self.failed = problem
        self.pacer.stop()
        clients, self._clients = self._clients, {}
        for client, _ in clients.values():
            client.fail(CORE_FAILED)
        self._on_failure()
