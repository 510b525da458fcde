"""The other load generators of the field: how each is told to make the same run, and where it writes what it saw."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.timed_runs import MODEL, PROMPT_TOKENS, Seen, Shape
from tests.engines.tiny_models import SHIM, Tiny, write_model

if TYPE_CHECKING:
    from collections.abc import Callable


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
