"""The frame around the work of a worker: which machines refuse it, and how its failure is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import __version__
from advisor.domain.campaign import RunRules, ServedDeployment, ServerKind
from advisor.profiling.cluster import Job, remote
from advisor.profiling.cluster.remote import Began, Broke, Unfit, worker

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = ServedDeployment(model="gemma-4-26b-a4b", gpu="h100-sxm-80gb", server=ServerKind.DEMO)
JOB = Job(DEMO, (), RunRules(), "a-campaign")


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_node_id", lambda: "node-1")
    monkeypatch.setattr("socket.gethostname", lambda: "a-host")


def nothing(_job: Job) -> Iterator[object]:
    return iter(())


def test_a_machine_with_another_version_is_refused_before_anything_is_measured() -> None:
    def never(_job: Job) -> Iterator[object]:
        raise AssertionError

    (told,) = worker(never, JOB, "9.9.9")  # type: ignore[arg-type]
    assert told == Unfit("node-1", f"a-host has advisor {__version__}, the driver has 9.9.9: install the same")


def test_a_machine_with_the_same_version_begins() -> None:
    assert list(worker(nothing, JOB, __version__)) == [Began("a-host")]  # type: ignore[arg-type]


def test_a_failure_of_the_work_is_the_last_word() -> None:
    def fails(_job: Job) -> Iterator[object]:
        raise ZeroDivisionError

    _, told = worker(fails, JOB, __version__)  # type: ignore[arg-type]
    assert isinstance(told, Broke)
    assert "ZeroDivisionError" in told.trace
