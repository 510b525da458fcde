"""Real engines: they are run if ADVISOR_TEST_VLLM names one, and one at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engines.tiny_models import VLLM

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = Path(os.environ.get("ADVISOR_TEST_VLLM_LOCK") or Path(tempfile.gettempdir()) / "advisor-tiny-vllm.lock")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for tiny models."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(autouse=True)
def one_engine_at_a_time() -> Iterator[None]:
    """Hold the lock of this machine: two engines that start at once take four times as long."""
    if not VLLM:
        pytest.skip("ADVISOR_TEST_VLLM names no engine")
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
