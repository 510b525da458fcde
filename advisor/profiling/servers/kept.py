"""A server under its keeper, as its owner sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

import psutil

from advisor.profiling.servers import marks
from advisor.profiling.servers.ending import kill_all
from advisor.profiling.servers.keeper import Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KEEPER_LOST = "the keeper of the server was killed"
GRACE_S = 20.0
"""How long a server may take to end by itself."""
KEEPER_MARGIN_S = 75.0
"""How long beyond the grace the keeper may take to kill what is left; it gives up before."""
KEEPER_START_S = 60.0
"""How long a keeper may take to start its server, on a machine that swaps."""


class Kept:
    """A server process whose keeper ends it when we ask, when we die, and when it ends itself.

    `pid` is its first process; None if it could not be started, and `refused` says why. `exited` is the exit status of that
    process, negative for a signal; None while it runs. `lost` tells that the keeper itself was killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        server_id: str,
        campaign_id: str,
        grace_s: float = GRACE_S,
    ) -> None:
        self.server_id = server_id
        self.pid: int | None = None
        self.exited: int | None = None
        self.refused = ""
        self.lost = False
        self._grace_s = grace_s
        self._keeper_pid: int | None = None
        self._stopping = False
        self._known = threading.Event()
        marked = marks.marks_of(server_id=server_id, campaign_id=campaign_id)
        self._orders, self._news = _start_keeper(log)
        with suppress(BrokenPipeError):
            self._orders.write(Order(list(command), {**env, **marked}, str(log), grace_s).line())
            self._orders.flush()
        self._listener = threading.Thread(target=self._listen, name="server-keeper", daemon=True)
        self._listener.start()
        self._known.wait(KEEPER_START_S)

    def alive(self) -> bool:
        """Say whether the server's first process runs and is kept. Costs nothing: it is told, not looked up."""
        return self.pid is not None and self.exited is None and not (self.lost or self._stopping)

    def stop(self) -> set[int]:
        """End the server with all its children, whoever their parent is; return those that cannot be killed."""
        self._stopping = True
        with suppress(BrokenPipeError, ValueError):  # the keeper is gone; it was stopped before
            self._orders.write("end\n")
            self._orders.flush()
        self._listener.join(self._grace_s + KEEPER_MARGIN_S)
        with suppress(BrokenPipeError):
            self._orders.close()
        if self._listener.is_alive() and self._keeper_pid is not None:
            with suppress(psutil.Error):
                psutil.Process(self._keeper_pid).kill()
        return kill_all(lambda: (process for process, _ in marks.marked(server_id=self.server_id)))[1]

    def _listen(self) -> None:
        with self._news:
            for line in self._news:
                self._hear(**json.loads(line))
        self.lost = not self._stopping and self.exited is None and not self.refused
        self._known.set()

    def _hear(
        self,
        *,
        started: int | None = None,
        keeper: int | None = None,
        refused: str = "",
        exited: int | None = None,
        **_: Any,
    ) -> None:
        self.refused = self.refused or refused
        self.pid = started or self.pid
        self._keeper_pid = keeper or self._keeper_pid
        self.exited = self.exited if exited is None else exited
        self._known.set()


def _start_keeper(log: Path) -> tuple[TextIO, TextIO]:
    """Start a keeper; return the way to it and the way from it. Its own complaints go to the log."""
    its_input, orders = os.pipe()
    news, its_output = os.pipe()
    with log.open("ab") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor.profiling.servers.keeper"],
            stdin=its_input,
            stdout=its_output,
            stderr=complaints,
            start_new_session=True,
        )
    os.close(its_input)
    os.close(its_output)
    process.wait()
    return os.fdopen(orders, "w", encoding="utf-8"), os.fdopen(news, encoding="utf-8")
