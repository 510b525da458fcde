"""Real vLLM servers with tiny random models: started, described, broken and ended. What they do is asserted, never how fast."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.attempt import Outcome, ServerRecord, Stage
from advisor.profiling.servers import ServerFailed, marks, serving, sweep
from advisor.profiling.servers.ports import HOST, is_free
from tests.engines.tiny_models import CANVAS_TOKENS, DENOISING_STEPS, Tiny, tiny_deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from advisor.domain.attempt import WorkerNews
    from advisor.domain.campaign import ServedDeployment
    from advisor.profiling.servers import Server

pytestmark = pytest.mark.engine

SERVER_ID = f"real-server-{os.getpid()}"
IDS = {"campaign_id": "real-campaign", "server_id": SERVER_ID}
ALL_PROCESSES = {"VLLM_ENABLE_V1_MULTIPROCESSING": "1"}
"""The API server, the engine core and its worker are processes of their own, as on a GPU."""
WITHIN_S = 60.0


@contextmanager
def served(deployment: ServedDeployment, **options: Any) -> Iterator[Server]:
    """Serve a deployment, and check that nothing is left of it, however that ends."""
    port: int | None = None
    try:
        with serving(deployment, **{**IDS, "tell": lambda _: None, **options}) as server:
            port = port_of(server.url)
            yield server
    finally:
        assert processes() == {}
        assert port is None or is_free(port)


def failure_of(deployment: ServedDeployment, **options: Any) -> ServerFailed:
    with pytest.raises(ServerFailed) as failed, served(deployment, **options):
        raise AssertionError
    return failed.value


def processes() -> dict[str, int]:
    """Return the processes of our server by name."""
    return {process.name(): process.pid for process, _ in marks.marked(server_id=SERVER_ID)}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def ask(server: Server, tokens: int) -> dict[str, Any]:
    """Return the reply to a short chat."""
    body = {
        "model": server.served_name,
        "messages": [{"role": "user", "content": "hello the hi"}],
        "max_tokens": tokens,
        "ignore_eos": True,
    }
    answer: dict[str, Any] = json.loads(talk(server, "POST", "/v1/chat/completions", json.dumps(body)))
    return answer


def talk(server: Server, method: str, path: str, body: str | None = None) -> bytes:
    with closing(HTTPConnection(HOST, port_of(server.url), timeout=WITHIN_S)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection.getresponse().read()


@contextmanager
def under_load(server: Server) -> Iterator[None]:
    """Keep long requests in flight."""

    def one() -> None:
        try:
            ask(server, 1900)
        except (OSError, HTTPException, ValueError):
            return

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: in_flight(server) == len(threads))
    yield
    for thread in threads:
        thread.join()


def in_flight(server: Server) -> int:
    lines = talk(server, "GET", "/metrics").decode().splitlines()
    return int(float(next(line for line in lines if line.startswith("vllm:num_requests_running")).split()[-1]))


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_gemma_is_served_described_and_ended(models: Path) -> None:
    news: list[WorkerNews] = []
    deployment = tiny_deployment(Tiny.GEMMA, models / "gemma", slots=8)
    with served(deployment, tell=news.append) as server:
        assert ask(server, 20)["usage"]["completion_tokens"] == 20
        assert server.failure() is None
        record = server.record
    expected = {
        "max_num_seqs": 8, "max_num_batched_tokens": 2048, "max_model_len": 2048, "tensor_parallel": 1,
        "kv_cache_dtype": "auto", "dtype": "torch.bfloat16", "quantization": None, "prefix_caching": True,
        "chunked_prefill": True, "enforce_eager": True, "cudagraph_mode": "NONE",
    }  # fmt: skip
    assert {name: record.effective[name] for name in expected} == expected
    assert int(record.effective["kv_cache_tokens"] or 0) > 2048
    assert record.detail == ""
    assert record.software.engine_version
    assert record.software.torch
    assert {Stage.STARTING, Stage.LOADING, Stage.READY, Stage.STOPPING} == {one.stage for one in news}


OWN = """
import json, sys, time
from pathlib import Path
from advisor.domain.campaign import ServedDeployment
from advisor.profiling.servers import serving
deployment, ids, canvas_tokens = json.loads(sys.argv[1])
with serving(ServedDeployment(**deployment), **ids, tell=lambda _: None, canvas_tokens=canvas_tokens) as server:
    print(server.record.model_dump_json(), flush=True)
    time.sleep(600)
"""


def test_forced_slots_of_diffusion_gemma_are_seen_to_become_8_and_nothing_is_left_of_a_killed_owner(
    models: Path,
) -> None:
    deployment = tiny_deployment(Tiny.DIFFUSION, models / "diffusion", slots=None, flags={"max-num-seqs": 200})
    told = json.dumps([deployment.model_dump(mode="json"), IDS, CANVAS_TOKENS])
    owner = subprocess.Popen([sys.executable, "-c", OWN, told], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout as said:
        record = ServerRecord.model_validate_json(said.readline())
    assert record.effective["max_num_seqs"] == 8
    assert record.detail == "max_num_seqs 200 was asked for, 8 is served"
    assert record.effective["canvas_tokens"] == CANVAS_TOKENS
    assert record.effective["max_denoising_steps"] == DENOISING_STEPS
    assert processes()
    assert not set(sweep()) & set(processes().values())
    owner.kill()
    owner.wait()
    wait_until(lambda: processes() == {})
    assert is_free(int(record.software.command[record.software.command.index("--port") + 1]))


def test_200_slots_of_diffusion_gemma_are_refused_before_the_start(models: Path) -> None:
    failed = failure_of(tiny_deployment(Tiny.DIFFUSION, models / "diffusion", slots=200), canvas_tokens=CANVAS_TOKENS)
    assert failed.outcome is Outcome.REFUSED
    assert "200 is too many" in failed.detail


@pytest.mark.parametrize("victim", ["VLLM::EngineCore", "vllm"])
def test_a_process_killed_under_load_is_a_crash_and_takes_the_others_along(models: Path, victim: str) -> None:
    deployment = tiny_deployment(Tiny.GEMMA, models / "gemma", slots=8, env=ALL_PROCESSES)
    with served(deployment) as server:
        names = processes()
        assert {"vllm", "VLLM::EngineCore", "VLLM::Worker"} <= names.keys()
        with under_load(server):
            os.kill(names[victim], signal.SIGKILL)
            failure = server.failure(settle_s=WITHIN_S)
        assert failure is not None
        outcome, detail, log_tail = failure
        wait_until(lambda: not server.alive())
        wait_until(lambda: processes() == {})
    assert outcome is Outcome.CRASHED
    assert ("SIGKILL" in detail) is (victim == "vllm")
    assert log_tail


def test_a_flag_that_the_engine_does_not_know_is_refused(models: Path) -> None:
    failed = failure_of(tiny_deployment(Tiny.GEMMA, models / "gemma", flags={"no-such-flag": 3}))
    assert failed.outcome is Outcome.REFUSED
    assert failed.detail == "unrecognized arguments: --no-such-flag 3"
    assert failed.detail in failed.log_tail


def test_a_checkpoint_that_is_not_there_is_named_as_the_cause(models: Path) -> None:
    deployment = tiny_deployment(Tiny.GEMMA, models / "gemma")
    failed = failure_of(deployment.model_copy(update={"checkpoint": str(models / "nowhere")}))
    assert failed.outcome is Outcome.CRASHED_AT_START
    assert failed.detail.startswith("the checkpoint cannot be had: ")


def test_a_cache_that_cannot_hold_one_request_is_want_of_memory(models: Path) -> None:
    flags = {"kv-cache-memory-bytes": 90_000, "max-model-len": 8192}
    failed = failure_of(tiny_deployment(Tiny.GEMMA, models / "gemma", flags=flags))
    assert failed.outcome is Outcome.OUT_OF_MEMORY
    assert failed.detail.startswith("To serve at least one request")
    assert failed.record.software.engine_version
