"""How true and how light the load generator is, by hand: `python tests/benchmarks/bench_loadgen.py`. Prints, asserts nothing.

Everything is measured against the null server, whose timing is known, in a process of its own. Beside our client stands a bare
asyncio one, which does the least that can be done, in turn and in the same run; and the other tools of the field that are named
with `--tool vllm=COMMAND` (vllm, aiperf, guidellm, genai-bench). Each client is a process of its own, and CPU time is that of
the process with all its children, start-up included; start-up alone is measured by a run of one request.

Parts: `accuracy` (streams against error), `cost` (CPU by tool), `limits` (the highest rate before figures are distorted).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from advisor.domain.campaign import RunRules
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.model import Content, Decode
from advisor.domain.workload import LengthLaw, Workload
from advisor.loadgen import Asks, Target, measure, shipped_prompts
from tests.benchmarks.bare_client import load
from tests.benchmarks.other_load_tools import TOOLS, of_tool
from tests.benchmarks.timed_runs import MODEL, PROMPT_TOKENS, ROOT, Seen, Shape, server, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.load import Load

PROMPT = "word " * 80
MOST_SOCKETS = 800  # the null server waits with `select`, which knows 1,024 at most

AUTOREGRESSIVE = Shape("autoregressive", 0.1, 0.02, 1, 128)
DIFFUSION = Shape("block diffusion", 0.4, 0.3, 256, 1024)
SHORT = Shape("one event", 0.005, 0.0, 1, 1)


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# --- our client and the bare one, each in a process of its own -------------------------------------------------------------


def ours(port: int, shape: Shape, *, streams: int, requests: int, rate_rps: float) -> Seen:
    offered: Load = (
        OpenLoad(rate_rps=rate_rps, burstiness=0.0, max_in_flight=MOST_SOCKETS)
        if rate_rps
        else ClosedLoad(concurrency=streams)
    )
    decode = Decode.AUTOREGRESSIVE if shape.canvas == 1 else Decode.BLOCK_DIFFUSION
    laws = {"input": LengthLaw(mean_tokens=PROMPT_TOKENS), "output": LengthLaw(mean_tokens=shape.tokens)}
    asks = Asks(Workload(name="w", content=Content.CHAT, **laws), shipped_prompts(Content.CHAT))
    target = Target(f"http://127.0.0.1:{port}", MODEL, decode=decode)
    before_s = cpu_s()
    done = asyncio.run(measure(target, offered, asks, RunRules(requests=requests, warmup_s=0.0)))
    figures = done.figures
    return Seen(
        figures.ttft_ms.p50 / 1e3 if figures.ttft_ms and figures.ttft_ms.p50 else 0.0,
        figures.e2e_s.p50 if figures.e2e_s and figures.e2e_s.p50 else 0.0,
        figures.completed,
        len(done.timings),
        sum(timing.output_tokens for timing in done.timings),
        cpu_s() - before_s,
        cpu_s(),
        (figures.lateness_p99_ms or 0.0) / 1e3,
    )


def bare(port: int, shape: Shape, *, streams: int, requests: int, rate_rps: float) -> Seen:
    assert not rate_rps
    before_s = cpu_s()
    timed = asyncio.run(load("127.0.0.1", port, prompt=PROMPT, streams=streams, requests=requests, tokens=shape.tokens))
    return Seen(
        median(one.ttft_s for one in timed),
        median(one.e2e_s for one in timed),
        len(timed),
        len(timed) + streams,
        sum(one.tokens for one in timed) + streams * shape.tokens // 2,
        cpu_s() - before_s,
        cpu_s(),
    )


CLIENTS: dict[str, Callable[..., Seen]] = {"ours": ours, "bare": bare}


def in_process(client: str, port: int, shape: Shape, *, streams: int, requests: int, rate_rps: float = 0.0) -> Seen:
    asked = {"client": client, "port": port, "shape": asdict(shape), "streams": streams, "requests": requests}
    command = [sys.executable, __file__, "--as", json.dumps({**asked, "rate_rps": rate_rps})]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    return Seen(**json.loads(done.stdout))


def act(asked: str) -> None:
    told = json.loads(asked)
    client, shape = CLIENTS[told.pop("client")], Shape(**told.pop("shape"))
    print(json.dumps(asdict(client(told.pop("port"), shape, **told))))  # noqa: T201


# --- the parts --------------------------------------------------------------------------------------------------------------


def accuracy(asked: argparse.Namespace) -> None:
    """Print the error of our client and of the bare one, in turn."""
    say(
        f"\nError of medians against the truth [ms], median of {asked.repeats} runs in turn; late: the server's own writes, p50"
    )
    say(
        f"{'':<16}{'streams':>8}{'TTFT ours':>11}{'bare':>8}{'ratio':>7}{'e2e ours':>11}{'bare':>8}{'ratio':>7}{'late':>8}"
    )
    for shape in (AUTOREGRESSIVE, DIFFUSION):
        for streams in asked.streams:
            errors: dict[str, list[tuple[float, float]]] = {name: [] for name in CLIENTS}
            late_ms = []
            with server(shape) as port:
                for _ in range(asked.repeats):
                    for name in CLIENTS:
                        seen = in_process(name, port, shape, streams=streams, requests=max(8, 4 * streams))
                        errors[name].append((seen.ttft_s - shape.first_s, seen.e2e_s - shape.e2e_s))
                        late_ms.append(truth(port)["late_p50_s"] * 1e3)
            (ttft, e2e), (bare_ttft, bare_e2e) = (_medians(errors[name]) for name in CLIENTS)
            say(
                f"{shape.name:<16}{streams:>8}{ttft:>11.3f}{bare_ttft:>8.3f}{ttft / bare_ttft:>7.2f}"
                f"{e2e:>11.3f}{bare_e2e:>8.3f}{e2e / bare_e2e:>7.2f}{median(late_ms):>8.3f}"
            )


def _medians(errors: list[tuple[float, float]]) -> tuple[float, float]:
    ttft, e2e = zip(*errors, strict=True)
    return median(map(abs, ttft)) * 1e3, median(map(abs, e2e)) * 1e3


def cost(asked: argparse.Namespace) -> None:
    """Print the CPU time of every client on the same runs."""
    named = dict(tool.split("=", 1) for tool in asked.tool)
    runs: dict[str, Callable[..., Seen]] = {
        name: lambda *given, name=name, **more: in_process(name, *given, **more) for name in CLIENTS
    } | {
        name: lambda *given, name=name, command=command, **more: of_tool(name, command, *given, **more)
        for name, command in named.items()
        if shutil.which(command)
    }
    for shape in (AUTOREGRESSIVE, DIFFUSION):
        streams, requests = 64, 256 if shape.canvas == 1 else 1024
        say(
            f"\n{shape.name}: {streams} streams, {requests} requests measured; true TTFT {shape.first_s * 1e3:.0f} ms, e2e {shape.e2e_s * 1e3:.0f} ms"
        )
        say(
            f"{'':<12}{'CPU s':>8}{'start-up':>9}{'per 1,000 requests':>20}{'per 1e6 tokens':>16}{'TTFT ms':>10}{'e2e ms':>10}{'completed':>11}"
        )
        with server(shape) as port:
            for name, run in runs.items():
                small, seen = (run(port, shape, streams=s, requests=n) for s, n in ((1, 1), (streams, requests)))
                net_s = max(seen.process_cpu_s - small.process_cpu_s, 0.0)
                say(
                    f"{name:<12}{seen.process_cpu_s:>8.2f}{small.process_cpu_s:>9.2f}{net_s / seen.sent * 1e3:>20.2f}"
                    f"{net_s / seen.tokens * 1e6:>16.2f}{seen.ttft_s * 1e3:>10.1f}{seen.e2e_s * 1e3:>10.1f}{seen.completed:>11}"
                )


def limits(_asked: argparse.Namespace) -> None:
    """Print how figures hold as rates grow, and the highest at which medians are still true to 1 ms or 1 %."""
    _request_rates()
    for client in CLIENTS:
        _event_rates(client)


def _request_rates() -> None:
    say("\nOpen loop, constant rate, one event after 5 ms")
    say(
        f"{'requests/s':>12}{'TTFT error ms':>15}{'lateness p99 ms':>17}{'CPU us/request':>16}{'server late p50, p99 ms':>26}"
    )
    highest = 0
    for rate_rps in (200, 500, 1000, 2000, 4000, 6000, 8000):
        with server(SHORT) as port:
            seen = in_process("ours", port, SHORT, streams=1, requests=4 * rate_rps, rate_rps=float(rate_rps))
            late_ms = _late_ms(port)
        error_s = seen.ttft_s - SHORT.first_s
        highest = rate_rps if _is_true(error_s, SHORT.first_s) else highest
        cpu_us = seen.run_cpu_s / seen.sent * 1e6
        say(f"{rate_rps:>12}{error_s * 1e3:>15.2f}{seen.late_s * 1e3:>17.2f}{cpu_us:>16.0f}{late_ms:>26}")
    say(f"highest rate still true: {highest} requests/s")


def _event_rates(client: str) -> None:
    say(f"\n{client}: 64 streams, replies of 100 events after 100 ms")
    say(f"{'events/s':>12}{'TTFT error ms':>15}{'e2e error ms':>14}{'CPU us/event':>14}{'server late p50, p99 ms':>26}")
    highest = 0
    for events_s in (2000, 5000, 10_000, 20_000, 30_000, 45_000, 60_000):
        shape = Shape("fast", 0.1, 64 / events_s, 1, 100)
        with server(shape) as port:
            seen = in_process(client, port, shape, streams=64, requests=384)
            late_ms = _late_ms(port)
        errors_s = seen.ttft_s - shape.first_s, seen.e2e_s - shape.e2e_s
        true = _is_true(errors_s[0], shape.first_s) and _is_true(errors_s[1], shape.e2e_s)
        highest = events_s if true else highest
        cpu_us = seen.run_cpu_s / seen.tokens * 1e6
        say(f"{events_s:>12}{errors_s[0] * 1e3:>15.2f}{errors_s[1] * 1e3:>14.2f}{cpu_us:>14.1f}{late_ms:>26}")
    say(f"highest rate still true: {highest} events/s")


def _is_true(error_s: float, truth_s: float) -> bool:
    return abs(error_s) <= max(0.001, 0.01 * truth_s)


def _late_ms(port: int) -> str:
    told = truth(port)
    return f"{told['late_p50_s'] * 1e3:.2f}, {told['late_p99_s'] * 1e3:.2f}"


PARTS = {"accuracy": accuracy, "cost": cost, "limits": limits}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS, help="all, if none is named")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--streams", type=lambda text: [int(n) for n in text.split(",")], default=[1, 8, 64, 256])
    parser.add_argument(
        "--tool", action="append", default=[], metavar="NAME=COMMAND", help=f"one of {', '.join(TOOLS)}"
    )
    parser.add_argument("--as", dest="acting", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.acting:
        act(asked.acting)
        return
    for part in asked.part or PARTS:
        PARTS[part](asked)


if __name__ == "__main__":
    main()
