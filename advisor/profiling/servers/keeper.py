"""The keeper: a small process between us and a server, which outlives us just long enough to leave nothing behind.

Run as ``python -m advisor.profiling.servers.keeper``. It reads one JSON line (see `Order`) from its input, starts the
server, and keeps it until its input ends: when the owner closes it, or is dead, however it died. Then everything below it
is ended, first politely, then not. It tells what happens in JSON lines: ``started`` or ``refused``, ``exited``, ``gone``.

It leaves its owner's process group and parent, so that whoever kills these does not kill it; as a "subreaper" it inherits
engine processes whose parent has died.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from advisor.profiling.servers import marks
from advisor.profiling.servers.ending import LOOK_S, kill_all

PR_SET_CHILD_SUBREAPER = 36
"""Option of Linux's prctl(2)."""
ABANDONED_GRACE_S = 2.0
"""How long a server may take to end by itself if its owner is dead: the next one waits for its GPU."""
LINGER_S = 1.0
"""How long the rest of a server may still run once its first process has ended."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a keeper is to start: the command with its whole environment, the log, and the patience at the end."""

    command: list[str]
    environment: dict[str, str]
    log: str
    grace_s: float

    def line(self) -> str:
        """Return the order as the keeper reads it."""
        return json.dumps(asdict(self)) + "\n"


class Keeper:
    """Keeps one server until it ends or is no longer wanted, then ends all that belongs to it."""

    def __init__(self, server: subprocess.Popen[bytes], order: Order, owner: IO[bytes]) -> None:
        self.server = server
        self.owner = owner
        self.grace_s = order.grace_s
        self.log = Path(order.log)
        self.server_id = order.environment[marks.SERVER]

    def run(self) -> None:
        """Keep the server, then end it, and tell how that went."""
        woken = _wake_on_signals()
        while self._ended() is None and not self._hears_end(woken):
            pass
        ended = self._ended()
        if ended is not None:
            _tell(exited=ended)
        else:
            self.server.send_signal(signal.SIGTERM)
        self._wait()
        _, stuck = kill_all(self._left)
        _tell(gone=not stuck)
        if self._is_abandoned():
            _remove(self.log)

    def _hears_end(self, woken: int) -> bool:
        """Wait for news; say whether it is a word of the owner, the owner's end, or a signal to end."""
        heard: list[IO[bytes] | int] = [self.owner, woken]
        ready, _, _ = select.select(heard, [], [])
        numbers = os.read(woken, 1024) if woken in ready else b""
        return self.owner in ready or signal.SIGTERM in numbers

    def _is_abandoned(self) -> bool:
        """Say whether the owner is gone; its word to end is taken note of."""
        ready, _, _ = select.select([self.owner], [], [], 0.0)
        return bool(ready) and not self.owner.readline()

    def _ended(self) -> int | None:
        """Return how the server's first process ended; None while it runs. Buries what else has died."""
        ended = self.server.poll()
        _bury(besides=self.server.pid)
        return ended

    def _wait(self) -> None:
        """Wait until nobody is left, as long as patience goes: it is short once the first process or the owner is gone."""
        began = time.monotonic()
        patience_s = self.grace_s
        while self._left() and time.monotonic() < began + patience_s:
            if self._is_abandoned():
                patience_s = min(patience_s, ABANDONED_GRACE_S)
            if self._ended() is not None:
                patience_s = min(patience_s, time.monotonic() - began + LINGER_S)
            time.sleep(LOOK_S)

    def _left(self) -> list[psutil.Process]:
        """Return who is left: all below us, and whoever else carries the mark of our server."""
        self._ended()
        found = {process.pid: process for process, _ in marks.marked(server_id=self.server_id)}
        found |= {process.pid: process for process in psutil.Process().children(recursive=True)}
        return [process for process in found.values() if marks.identity(process.pid)]


def _start(order: Order) -> subprocess.Popen[bytes] | None:
    environment = {**order.environment, marks.KEEPER: marks.identity(os.getpid())}
    with Path(order.log).open("ab") as log:
        try:
            server = subprocess.Popen(  # noqa: S603
                order.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            _tell(refused=str(error))
            return None
    _tell(started=server.pid, keeper=os.getpid())
    return server


def _wake_on_signals() -> int:
    """Return a descriptor that can be read when a child has died or we are asked to end."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    os.set_blocking(read_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return read_end


def _remove(log: Path) -> None:
    """Remove a log that nobody reads any more, and its folder if it was the only one there."""
    log.unlink(missing_ok=True)
    with suppress(OSError):
        log.parent.rmdir()


def _bury(*, besides: int) -> None:
    """Reap children that became ours; the server itself is reaped by who started it."""
    for child in psutil.Process().children():
        if child.pid != besides:
            with suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)


def _tell(**news: object) -> None:
    """Tell the owner, who may be gone."""
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), (json.dumps(news) + "\n").encode())


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    """Leave the parent, read the order, keep the server."""
    if os.fork():
        os._exit(0)
    _adopt_orphans()
    with os.fdopen(sys.stdin.fileno(), "rb", buffering=0) as owner:  # what is buffered, `select` does not see
        line = owner.readline()
        if not line:
            return
        order = Order(**json.loads(line))
        server = _start(order)
        if server is not None:
            Keeper(server, order, owner).run()


if __name__ == "__main__":
    main()
