"""Serves a deployment: from its command to a server that answers, and on to the last of its processes."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.attempt import Outcome, Stage, WorkerNews
from advisor.profiling.servers.asking import OK
from advisor.profiling.servers.kept import KEEPER_LOST
from advisor.profiling.servers.outcomes import failed_serving
from advisor.profiling.servers.ports import is_free
from advisor.profiling.servers.starting import READY_WITHIN_S, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.attempt import ServerRecord
    from advisor.domain.campaign import ServedDeployment
    from advisor.profiling.servers.starting import Started

PORT_FREE_WITHIN_S = 10.0
HEALTH_TIMEOUT_S = 10.0
DYING_S = 5.0
"""How long a server that no longer answers may take to end, before it is said to run."""
LOOK_S = 0.1

Failure = tuple[Outcome, str, str]
"""How it ended, what says so, and the last lines of the log."""


@dataclass(frozen=True)
class Server:
    """A server of ours that answers.

    `served_name` is the model's name in requests, and `api_key` what they must carry, where the campaign sets one.
    """

    started: Started
    record: ServerRecord

    @property
    def url(self) -> str:
        """The root of its API, without a path."""
        return self.started.address.url

    @property
    def served_name(self) -> str:
        """The name that requests must give."""
        return self.started.command.served_name

    @property
    def api_key(self) -> str:
        """The key that requests must carry; empty for none."""
        return self.started.command.api_key

    def alive(self) -> bool:
        """Say whether its first process runs. Costs nothing, so it may be asked at every request."""
        return self.started.kept.alive()

    def failure(self, *, settle_s: float = 0.0) -> Failure | None:
        """Return how it failed; None while it runs and says that it is healthy. Asks the server, so not during a run.

        A server whose engine has died takes seconds to end. After a failed request, `settle_s` waits so long for that.
        """
        until = time.monotonic() + settle_s
        while (failure := self._failure()) is None and time.monotonic() < until:
            time.sleep(LOOK_S)
        return failure

    def stalled(self) -> Failure:
        """Return how it failed when requests no longer move: as it says itself, else it has stalled."""
        said = "it runs and says that it is healthy, and no request moves"
        return self.failure() or (Outcome.STALLED, said, self.log_tail())

    def log_tail(self) -> str:
        """Return the last lines of its log, without secrets."""
        return self.started.log.tail()

    def close(self) -> None:
        """End it with all its processes, and wait until its port is free."""
        self.started.kept.stop()
        until = time.monotonic() + PORT_FREE_WITHIN_S
        while not is_free(self.started.address.port) and time.monotonic() < until:
            time.sleep(LOOK_S)

    def _failure(self) -> Failure | None:
        kept, log = self.started.kept, self.started.log
        if kept.lost:
            return Outcome.CRASHED, KEEPER_LOST, log.tail()
        if kept.alive():
            status, body = self.started.address.get("/health", timeout_s=HEALTH_TIMEOUT_S)
            if status == OK:
                return None
            if status == 0 and self._outlives(DYING_S):
                return Outcome.STALLED, f"it runs and does not answer: {body.decode(errors='replace')}", log.tail()
        outcome, detail = failed_serving(log.text(self.started.ready_at_byte), kept.exited)
        return outcome, detail, log.tail()

    def _outlives(self, wait_s: float) -> bool:
        until = time.monotonic() + wait_s
        while self.alive() and time.monotonic() < until:
            time.sleep(LOOK_S)
        return self.alive()


@contextmanager
def serving(
    deployment: ServedDeployment,
    *,
    campaign_id: str,
    server_id: str,
    tell: Callable[[WorkerNews], None],
    ready_within_s: float = READY_WITHIN_S,
    canvas_tokens: int | None = None,
) -> Iterator[Server]:
    """Serve a deployment while this lasts.

    Parameters
    ----------
    deployment
        What is served, with its checkpoint and sizes filled in.
    campaign_id, server_id
        Marks that its processes carry, so that a later attempt finds what this one may leave behind.
    tell
        Gets news of the start and the end.
    ready_within_s
        How long it may take until it answers, weights downloaded and graphs captured.
    canvas_tokens
        Length of the model's canvas; None for one that writes token by token.

    Raises
    ------
    ServerFailed
        If it does not come up: its command is missing, its flags are refused, it has no memory, crashes, or takes too long.
    """
    start = Start(deployment, campaign_id, server_id, tell, canvas_tokens)
    with start.folder() as folder:
        started, record = start.run(folder, ready_within_s)
        with closing(Server(started, record)) as server:
            tell(WorkerNews(deployment.label, Stage.READY, text=f"ready after {record.ready_after_s:.0f} s"))
            try:
                yield server
            finally:
                tell(WorkerNews(deployment.label, Stage.STOPPING))
