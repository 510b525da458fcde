"""Runs whose truth is known: the null server in a process of its own, its timing, and what a client said of it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MODEL = "timed"
PROMPT_TOKENS = 100


@dataclass(frozen=True)
class Shape:
    """A server's timing, and the replies asked of it."""

    name: str
    first_s: float
    gap_s: float
    canvas: int
    tokens: int

    @property
    def e2e_s(self) -> float:
        return self.first_s + (-(-self.tokens // self.canvas) - 1) * self.gap_s


@dataclass(frozen=True)
class Seen:
    """What a client said of its run, and what it took: CPU of the run itself, of the whole process, and its requests."""

    ttft_s: float
    e2e_s: float
    completed: int
    sent: int = 0
    tokens: int = 0
    run_cpu_s: float = 0.0
    process_cpu_s: float = 0.0
    late_s: float = 0.0


@contextmanager
def server(shape: Shape) -> Iterator[int]:
    """Run a null server in a process of its own; yield its port."""
    habits = {"first_s": shape.first_s, "gap_s": shape.gap_s, "canvas": shape.canvas, "model": MODEL}
    command = [sys.executable, "-m", "tests.null_server", json.dumps(habits)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def truth(port: int) -> dict[str, float]:
    """Return how late the server's own writes were since it was last asked."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/truth")
    told: dict[str, float] = json.loads(connection.getresponse().read())
    connection.close()
    return told
