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
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
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
from tests.engines.tiny_models import SHIM, Tiny, write_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.load import Load

ROOT = Path(__file__).parents[2]
MODEL = "timed"
PROMPT_TOKENS = 100
PROMPT = "word " * 80


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


AUTOREGRESSIVE = Shape("autoregressive", 0.1, 0.02, 1, 128)
DIFFUSION = Shape("block diffusion", 0.4, 0.3, 256, 1024)
SHORT = Shape("one event", 0.005, 0.0, 1, 1)


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


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# --- our client and the bare one, each in a process of its own -------------------------------------------------------------


def ours(port: int, shape: Shape, *, streams: int, requests: int, rate_rps: float) -> Seen:
    offered: Load = OpenLoad(rate_rps=rate_rps, burstiness=0.0) if rate_rps else ClosedLoad(concurrency=streams)
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


# --- other tools ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """How another tool is told to make the same run, and where it writes what it saw."""

    arguments: Callable[[str, Shape, int, int], list[str]]
    read: Callable[[Path], Seen]
    environment: dict[str, str]


def _vllm(url: str, shape: Shape, streams: int, requests: int) -> list[str]:
    return [
        *("bench", "serve", "--backend", "openai-chat", "--base-url", url, "--endpoint", "/v1/chat/completions"),
        *("--model", MODEL, "--tokenizer", "tok", "--dataset-name", "random", "--ignore-eos"),
        *("--random-input-len", str(PROMPT_TOKENS), "--random-output-len", str(shape.tokens)),
        *("--num-prompts", str(requests), "--max-concurrency", str(streams), "--percentile-metrics", "ttft,e2el"),
        *("--save-result", "--result-dir", ".", "--result-filename", "out.json", "--disable-tqdm"),
    ]


def _read_vllm(folder: Path) -> Seen:
    told = json.loads((folder / "out.json").read_text())
    return Seen(told["median_ttft_ms"] / 1e3, told["median_e2el_ms"] / 1e3, told["completed"])


def _aiperf(url: str, shape: Shape, streams: int, requests: int) -> list[str]:
    return [
        *("profile", "-m", MODEL, "--endpoint-type", "chat", "--streaming", "-u", url, "--tokenizer", "./tok"),
        *("--isl", str(PROMPT_TOKENS), "--osl", str(shape.tokens), "--concurrency", str(streams)),
        *("--request-count", str(requests), "--extra-inputs", "ignore_eos:true", "--use-server-token-count"),
        *("--output-artifact-dir", "out", "--ui", "none"),
    ]


def _read_aiperf(folder: Path) -> Seen:
    told = json.loads((folder / "out" / "profile_export_aiperf.json").read_text())
    ttft_ms, e2e_ms = (told[name]["p50"] for name in ("time_to_first_token", "request_latency"))
    return Seen(ttft_ms / 1e3, e2e_ms / 1e3, int(told["request_count"]["avg"]))


def _guidellm(url: str, shape: Shape, streams: int, requests: int) -> list[str]:
    return [
        *("run", "--backend", f"kind=openai_http,target={url},model={MODEL}"),
        *("--profile", f"kind=concurrent,streams={streams}", "--constraint", f"kind=max_requests,count={requests}"),
        *("--data", f"kind=synthetic_text,prompt_tokens={PROMPT_TOKENS},output_tokens={shape.tokens}"),
        *("--tokenizer", "kind=huggingface_auto,model=tok", "--output", "kind=json,path=out.json", "--disable-console"),
    ]


def _read_guidellm(folder: Path) -> Seen:
    metrics = json.loads((folder / "out.json").read_text())["benchmarks"][0]["metrics"]
    ttft, e2e = (metrics[name]["successful"] for name in ("time_to_first_token_ms", "request_latency"))
    return Seen(ttft["median"] / 1e3, e2e["median"], int(ttft["count"]))


def _genai(url: str, shape: Shape, streams: int, requests: int) -> list[str]:
    return [
        *("benchmark", "--api-backend", "vllm", "--api-base", url, "--api-key", "none", "--api-model-name", MODEL),
        *(
            "--model-tokenizer",
            "tok",
            "--task",
            "text-to-text",
            "--traffic-scenario",
            f"D({PROMPT_TOKENS},{shape.tokens})",
        ),
        *("--num-concurrency", str(streams), "--max-requests-per-run", str(requests), "--max-time-per-run", "10"),
        *("--experiment-base-dir", ".", "--experiment-folder-name", "out"),
    ]


def _read_genai(folder: Path) -> Seen:
    (path,) = (folder / "out").glob("D*.json")
    told = json.loads(path.read_text())["aggregated_metrics"]
    return Seen(told["stats"]["ttft"]["p50"], told["stats"]["e2e_latency"]["p50"], told["num_completed_requests"])


OFFLINE = {"HF_HUB_OFFLINE": "1"}
TOOLS = {
    "vllm": Tool(_vllm, _read_vllm, {**OFFLINE, "PYTHONPATH": str(SHIM)}),
    "aiperf": Tool(_aiperf, _read_aiperf, {}),
    "guidellm": Tool(_guidellm, _read_guidellm, OFFLINE),
    "genai-bench": Tool(_genai, _read_genai, OFFLINE),
}


def of_tool(name: str, command: str, port: int, shape: Shape, *, streams: int, requests: int) -> Seen:
    """Run another tool; CPU is that of its process and all its children."""
    tool = TOOLS[name]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_model(Tiny.GEMMA, folder / "tok")
        arguments = tool.arguments(f"http://127.0.0.1:{port}", shape, streams, requests)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [command, *arguments], cwd=folder, stdout=log, stderr=log, env={**os.environ, **tool.environment}
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = status
        if status:
            raise RuntimeError(f"{name} failed:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")
        seen = tool.read(folder)
    told = asdict(seen) | {"process_cpu_s": used.ru_utime + used.ru_stime, "sent": requests}
    return Seen(**told | {"tokens": requests * shape.tokens})


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
        streams, requests = 64, 256
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
    """Print how figures hold as rates grow; the server is as hard pressed, so look at its lateness as well."""
    say("\nOpen loop, constant rate, one event after 5 ms")
    say(
        f"{'requests/s':>12}{'TTFT ms':>10}{'own lateness p99 ms':>22}{'CPU share':>11}{'server late p50 / p99 ms':>27}"
    )
    for rate_rps in (200, 500, 1000, 1500, 2000, 3000):
        with server(SHORT) as port:
            seen = in_process("ours", port, SHORT, streams=1, requests=4 * rate_rps, rate_rps=float(rate_rps))
            told = truth(port)
        say(
            f"{rate_rps:>12}{seen.ttft_s * 1e3:>10.2f}{seen.late_s * 1e3:>22.2f}{seen.run_cpu_s / (4.0 * seen.sent / 4 / rate_rps):>11.2f}"
            f"{told['late_p50_s'] * 1e3:>18.2f} / {told['late_p99_s'] * 1e3:.2f}"
        )
    say("\n64 streams, one token an event, 100 events a reply after 100 ms")
    say(
        f"{'events/s':>12}{'client':>8}{'TTFT error ms':>15}{'e2e error ms':>14}{'CPU share':>11}{'server late p50 / p99 ms':>27}"
    )
    for events_s in (2000, 5000, 8000, 12000, 16000):
        gap_s = 64 / events_s
        shape = Shape("fast", 0.1, gap_s, 1, 100)
        for name in CLIENTS:
            with server(shape) as port:
                seen = in_process(name, port, shape, streams=64, requests=384)
                told = truth(port)
            ran_s = (384 / 64 + 1) * shape.e2e_s
            say(
                f"{events_s:>12}{name:>8}{(seen.ttft_s - shape.first_s) * 1e3:>15.2f}{(seen.e2e_s - shape.e2e_s) * 1e3:>14.2f}"
                f"{seen.run_cpu_s / ran_s:>11.2f}{told['late_p50_s'] * 1e3:>18.2f} / {told['late_p99_s'] * 1e3:.2f}"
            )


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
