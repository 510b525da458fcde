"""Servers that are small scripts, and what is left of them."""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from advisor.domain.campaign import ServedDeployment
from advisor.profiling.servers import marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.attempt import WorkerNews

FAKE = Path(__file__).with_name("fake_engine.py")
SAMPLES = Path(__file__).with_name("samples")
ENDED_WITHIN_S = 30.0


@pytest.fixture
def sample() -> Callable[[str], str]:
    """Return what a real engine wrote, by name; see the README beside the samples."""
    return lambda name: (SAMPLES / name).read_text(encoding="utf-8")


@pytest.fixture
def fake() -> Callable[..., ServedDeployment]:
    """Return a deployment whose engine is a script that behaves as told."""

    def deployment(fields: dict[str, Any] | None = None, **behaves: Any) -> ServedDeployment:
        return ServedDeployment(
            model="gemma-4-26b-a4b",
            gpu="h100-sxm-80gb",
            checkpoint="a/checkpoint",
            executable=shlex.join([sys.executable, str(FAKE)]),
            **{"env": {"FAKE_ENGINE": json.dumps(behaves)}, **(fields or {})},
        )

    return deployment


@pytest.fixture
def news() -> list[WorkerNews]:
    """Return a list to tell news to."""
    return []


def left_of(server_id: str) -> set[int]:
    """Return the processes that carry the mark of a server."""
    return {process.pid for process, _ in marks.marked(server_id=server_id)}


def assert_gone(pids: set[int]) -> None:
    """Wait until processes have ended; fail if they do not."""
    until = time.monotonic() + ENDED_WITHIN_S
    while any(marks.identity(pid) for pid in pids):
        assert time.monotonic() < until, [psutil.Process(pid).cmdline() for pid in pids if psutil.pid_exists(pid)]
        time.sleep(0.02)
