"""An engine in vLLM's shape, without a model: run as ``python engine_double.py serve CHECKPOINT --port ... ``.

Two processes, as vLLM has them: an API server in front, and an engine core that outlives it, whoever kills that. If the core
dies, the server fails its streams with an error event, says itself unhealthy, and ends a moment later. Timing and replies are
those of the null server, with the habits of DOUBLE_HABITS (JSON). Each start leaves a file in the folder DOUBLE_RECORDS: the two
processes, the port, the name it serves, the GPUs it was given, and the Ray node that it runs on.
"""

# ruff: noqa: T201 - an engine logs to its output
from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.null_server import Habits, NullServer, Script, Served

if TYPE_CHECKING:
    from collections.abc import Sequence

CORE = "engine-core"
LINGERS_S = 0.3
"""How long the server lives on once its core is dead."""
DIED = "EngineCore died unexpectedly, shutting down API server."


def flag(name: str, otherwise: str = "") -> str:
    """Return the value of a flag on our command line."""
    return sys.argv[sys.argv.index(f"--{name}") + 1] if f"--{name}" in sys.argv else otherwise


class Fronting(Served):
    """A connection that breaks off its stream when the core dies."""

    def __init__(self, server: Front) -> None:
        super().__init__(server)
        self._front = server
        server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._front.connections.discard(self)

    def fail(self) -> None:
        """Tell an error in the stream at work, and end it."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._front.running -= 1
        for text in ('data: {"error": {"message": "EngineCore encountered an issue"}}\n\n', "data: [DONE]\n\n"):
            self._transport.write(b"%x\r\n%b\r\n" % (len(text), text.encode()))
        self._transport.write(b"0\r\n\r\n")

    def _tell(self, path: str) -> None:
        told: dict[str, tuple[int, Any]] = {
            "/health": (503 if self._front.core.returncode is not None else 200, {}),
            "/server_info": (200, {"settings": {"max_num_seqs": int(flag("max-num-seqs", "64"))}}),
        }
        plain = path.partition("?")[0]
        if plain in told:
            self._plain(*told[plain])
        else:
            super()._tell(plain)

    def _start(self, script: Script, now_s: float) -> None:
        super()._start(script, now_s)
        if self._front.core.returncode is not None:
            self.fail()


class Front(NullServer):
    """The API server: its core, and who is connected."""

    def __init__(self, habits: Habits, core: asyncio.subprocess.Process) -> None:
        super().__init__(habits)
        self.core = core
        self.connections: set[Fronting] = set()
        self.told_to_end = False

    def end(self) -> None:
        """End the core, as was asked politely."""
        self.told_to_end = True
        with suppress(ProcessLookupError):
            self.core.terminate()

    async def run(self) -> int:
        """Serve until the core is dead, and return the exit code."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.end)
        host, self.port = flag("host"), int(flag("port"))
        await loop.create_server(lambda: Fronting(self), host, self.port)
        print(f"listening on port {self.port}", flush=True)
        await self.core.wait()
        if self.told_to_end:
            return 0
        print(DIED, flush=True)
        for connection in tuple(self.connections):
            connection.fail()
        await asyncio.sleep(LINGERS_S)
        return 1


def record(core_pid: int) -> None:
    """Leave a note of this start."""
    folder = os.environ.get("DOUBLE_RECORDS")
    if not folder:
        return
    told = {
        "api": os.getpid(),
        "core": core_pid,
        "port": int(flag("port")),
        "served": flag("served-model-name"),
        "tensor_parallel": int(flag("tensor-parallel-size", "1")),
        "checkpoint": sys.argv[2],
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
        "raylet": int(os.environ.get("RAY_RAYLET_PID", "0")),
        "server_id": os.environ.get("ADVISOR_SERVER_ID", ""),
    }
    note = Path(folder) / f"{os.getpid()}-{time.monotonic_ns()}"
    note.write_text(json.dumps(told), encoding="utf-8")
    note.rename(note.with_suffix(".json"))


async def serve() -> int:
    """Start the core and serve in front of it."""
    core = await asyncio.create_subprocess_exec(sys.executable, __file__, CORE, flag("served-model-name"))
    record(core.pid)
    habits = Habits(**{"model": flag("served-model-name"), **json.loads(os.environ.get("DOUBLE_HABITS", "{}"))})
    return await Front(habits, core).run()


def main(words: Sequence[str]) -> None:
    """Be the one or the other."""
    if words[0] == CORE:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        while True:
            time.sleep(600)
    sys.exit(asyncio.run(serve()))


if __name__ == "__main__":
    main(sys.argv[1:])
