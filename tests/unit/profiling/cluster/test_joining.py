"""A cluster that cannot be joined is refused in a line, before Ray is loaded wherever that can be."""

from __future__ import annotations

import builtins
import socket
from typing import Any

import pytest

from advisor.errors import AdvisorError, InputError, MeasureError
from advisor.profiling.cluster import ClusterAccess, run_jobs
from advisor.profiling.cluster.joining import _check_token, _refused
from advisor.profiling.cluster.losing import in_words


def join(address: str | None) -> None:
    with run_jobs([], lambda _job: iter(()), options=ClusterAccess(address=address), should_stop=lambda: ""):
        pytest.fail("joined")


def test_an_address_where_nobody_listens_is_refused_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        address = f"127.0.0.1:{closed_soon.getsockname()[1]}"
    with pytest.raises(MeasureError, match=f"^nobody answers at {address}: Connection refused$"):
        join(address)


def test_rays_remote_client_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="remote client") as refused:
        join("ray://head:10001")
    assert "ray job submit" in refused.value.hint


def test_a_machine_without_ray_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without_ray(name: str, *rest: Any, **named: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError(name)
        return original(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(MeasureError, match="campaigns need Ray") as refused:
        join(None)
    assert "pip install 'advisor[profile]'" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            (
                "Version mismatch: The cluster was started with: Ray: 2.60.0 Python: 3.11.7 "
                "This process on 10.0.0.1 was started with: Ray: 2.59.0 Python: 3.12.1 "
            ),
            "the cluster at auto runs Ray 2.60.0 on Python 3.11.7, and here is Ray 2.59.0 on Python 3.12.1",
        ),
        (
            "ConnectionError: Could not find any running Ray instance. Please specify the one to connect to",
            "no Ray cluster runs on this machine (--address auto)",
        ),
        ("Anything else", "cannot join a Ray cluster at auto: Anything else"),
    ],
)
def test_what_ray_says_becomes_a_line(said: str, told: str) -> None:
    refused: AdvisorError = _refused("auto", said)
    assert str(refused) == told
    assert refused.hint


def test_a_cluster_that_asks_for_a_token_is_told_from_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    _check_token("auto")  # Ray looks for the token itself
    with pytest.raises(MeasureError, match=r"the cluster at 10\.0\.0\.1:6379 asks for a token"):
        _check_token("10.0.0.1:6379")


def test_a_worker_that_cannot_load_its_work_is_told_so() -> None:
    problem = RuntimeError("ray::worker() failed\n  File ...\nModuleNotFoundError: No module named 'advisor'")
    assert in_words(problem) == (
        "its node cannot load what it is to run (ModuleNotFoundError: No module named 'advisor'): "
        "is the same advisor installed there?"
    )


def test_what_nobody_foresaw_is_told_under_its_own_name() -> None:
    assert in_words(ValueError("a\n  b")) == "ValueError: a b"
