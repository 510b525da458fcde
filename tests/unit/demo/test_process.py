"""The command as a process: it says what it is, serves, ends when told to, and fails in one line."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "advisor", "demo-engine"]
DEPLOYED = ["--model", "diffusiongemma", "--gpu", "h100-sxm-80gb"]
ENDS_S = 20.0


@contextmanager
def _running(*options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run the command until it listens; yields the process and what it has told."""
    with subprocess.Popen([*COMMAND, *options], stderr=subprocess.PIPE, text=True) as process:
        try:
            told: list[str] = []
            while not told or "listening" not in told[-1]:
                assert process.stderr is not None
                line = process.stderr.readline()
                assert line, f"ended with {process.wait(ENDS_S)}: {told}"
                told.append(line)
            yield process, told
        finally:
            process.kill()


def _port(told: list[str]) -> int:
    found = re.search(r"listening on .*:(\d+)", told[-1])
    assert found is not None
    return int(found[1])


def _ask(port: int, fields: dict[str, object]) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ENDS_S)
    connection.request("POST", "/v1/chat/completions", json.dumps(fields))
    body = connection.getresponse().read()
    connection.close()
    return body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    with _running(*DEPLOYED, "--port", "0", "--speed", "100", "--slots", "200") as (process, told):
        assert "SIMULATED" in told[0]
        assert "max_num_seqs 200 was asked for, 8 is served" in told[1]
        settings = json.loads(told[2].partition("settings ")[2])
        assert (settings["model"], settings["max_num_seqs"], settings["speed"]) == ("diffusiongemma-26b-a4b", 8, 100.0)
        asked = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 300, "ignore_eos": True}
        answer = json.loads(_ask(_port(told), asked))
        assert answer["usage"] == {"prompt_tokens": 1, "total_tokens": 301, "completion_tokens": 300}
        process.send_signal(number)
        assert process.wait(ENDS_S) == 0


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (["--model", "diffusiongemma"], 2, "error: missing --gpu"),
        (["--model", "nonesuch", "--gpu", "h100-sxm-80gb"], 2, "error: unknown model 'nonesuch'"),
        ([*DEPLOYED, "--speed", "0"], 2, "error: --speed: "),
        ([*DEPLOYED, "--speculative", "mtp"], 2, "error: diffusiongemma-26b-a4b has no drafter"),
        (["--model", "gemma-4-26b", "--gpu", "l4-24gb", "--precision", "fp8"], 3, "GB are usable"),
    ],
)
def test_a_bad_wish_is_one_line_and_a_code(options: list[str], code: int, line: str) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False, timeout=ENDS_S)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_one_line_and_a_code() -> None:
    with _running(*DEPLOYED, "--port", "0") as (_, told):
        second = [*COMMAND, *DEPLOYED, "--port", str(_port(told))]
        done = subprocess.run(second, capture_output=True, text=True, check=False, timeout=ENDS_S)
    assert done.returncode == 2
    assert "cannot listen on" in done.stderr


FAILING = """
from advisor.demo import Listening, serve
from advisor.demo.scheduler import Scheduler
from tests.unit.demo.engines import engine

Scheduler.finish = lambda self: 1 / 0
serve(engine(), Listening("served", "127.0.0.1", 0, 1.0, {}), tell=lambda address: print("listening on", address, flush=True))
"""


def test_a_core_that_fails_ends_the_process_with_its_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAILING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = [process.stdout.readline()]
        body = _ask(_port(told), {"messages": [{"role": "user", "content": "hi"}], "stream": True})
        assert b'"error"' in body
        assert process.wait(ENDS_S) == 1
        assert "ZeroDivisionError" in process.stderr.read()
