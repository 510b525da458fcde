"""What results of other tools state in plain fields, read a second time without the importers: to judge these.

One table per tool leads from names of `RunFigures` to the tool's own fields. Nothing is made of requests here.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

STATISTICS = ("mean", "p50", "p95", "p99")

Entries = list[Any]
Paths = dict[str, tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Stated:
    """How a tool states its figures: where the runs of a file are, and by name the field and how many of our units its unit is.

    A field is a path through inner objects.
    """

    entries: Callable[[Path], Entries]
    fields: Mapping[str, tuple[tuple[str, ...], float]]


def stated_figures(path: Path, tool: str) -> list[dict[str, float]]:
    """Return the figures that each run of a file states, in the order of the file and in our units; absent ones are left out.

    Raises
    ------
    KeyError
        If nothing is known of how the tool states figures.
    """
    how = TOOLS[tool]
    return [dict(_found(entry, how)) for entry in how.entries(path)]


def _found(entry: Any, how: Stated) -> Iterator[tuple[str, float]]:
    for name, (path, unit) in how.fields.items():
        value: Any = entry
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        if value not in (None, ""):
            yield name, float(value) * unit


def _whole(path: Path) -> Entries:
    return [json.loads(path.read_text(encoding="utf-8"))]


def _lines(path: Path) -> Entries:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]


def _rows(path: Path) -> Entries:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _benchmarks(path: Path) -> Entries:
    """Return the benchmarks of a file; what was not measured is told as a mean of 0, and left out."""
    found = list(json.loads(path.read_text(encoding="utf-8"))["benchmarks"])
    for one in found:
        one["metrics"] = {name: told for name, told in one["metrics"].items() if _was_measured(told["successful"])}
    return found


def _was_measured(told: Any) -> bool:
    return not isinstance(told, dict) or bool(told["mean"])


def _in_seconds(path: Path) -> Entries:
    """Return the result of a file with its latencies in seconds, whatever unit it was written in."""
    found = json.loads(path.read_text(encoding="utf-8"))
    second = {"s": 1.0, "ms": 1e-3}[found.get("_time_unit", "s")]
    for metric in ("ttft", "tpot", "e2e_latency"):
        told = found["aggregated_metrics"]["stats"].get(metric, {})
        found["aggregated_metrics"]["stats"][metric] = {name: value * second for name, value in told.items()}
    return [found]


def _bench_fields() -> Paths:
    names = {"mean": "mean", "p50": "median", "p95": "p95", "p99": "p99"}
    latencies = {"ttft_ms": ("ttft", 1.0), "tpot_ms": ("tpot", 1.0), "e2e_s": ("e2el", 1e-3)}
    return {
        "duration_s": (("duration",), 1.0),
        "completed": (("completed",), 1.0),
        "output_tokens_total": (("total_output_tokens",), 1.0),
        "request_rate_rps": (("request_throughput",), 1.0),
        "output_tok_s": (("output_throughput",), 1.0),
        **{
            f"{ours}.{name}": ((f"{theirs}_{metric}_ms",), unit)
            for ours, (metric, unit) in latencies.items()
            for name, theirs in names.items()
        },
    }


def _guidellm_fields() -> Paths:
    latencies = {
        "ttft_ms": "time_to_first_token_ms",
        "tpot_ms": "inter_token_latency_ms",
        "ntpot_ms": "time_per_output_token_ms",
        "e2e_s": "request_latency",
    }
    return {
        "duration_s": (("duration",), 1.0),
        "completed": (("metrics", "request_totals", "successful"), 1.0),
        "input_tokens_mean": (("metrics", "prompt_token_count", "successful", "mean"), 1.0),
        "output_tokens_mean": (("metrics", "output_token_count", "successful", "mean"), 1.0),
        "request_rate_rps": (("metrics", "requests_per_second", "successful", "mean"), 1.0),
        "output_tok_s": (("metrics", "output_tokens_per_second", "successful", "mean"), 1.0),
        **{f"{ours}.mean": (("metrics", metric, "successful", "mean"), 1.0) for ours, metric in latencies.items()},
        **{
            f"{ours}.{name}": (("metrics", metric, "successful", "percentiles", name), 1.0)
            for ours, metric in latencies.items()
            for name in STATISTICS[1:]
        },
    }


def _aiperf_fields() -> Paths:
    latencies = {
        "ttft_ms": ("time_to_first_token", 1.0),
        "tpot_ms": ("inter_token_latency", 1.0),
        "e2e_s": ("request_latency", 1e-3),
    }
    return {
        "duration_s": (("benchmark_duration", "avg"), 1.0),
        "completed": (("request_count", "avg"), 1.0),
        "input_tokens_mean": (("input_sequence_length", "avg"), 1.0),
        "output_tokens_mean": (("output_sequence_length", "avg"), 1.0),
        "output_tokens_total": (("total_output_tokens", "avg"), 1.0),
        "request_rate_rps": (("request_throughput", "avg"), 1.0),
        "output_tok_s": (("output_token_throughput", "avg"), 1.0),
        **{
            f"{ours}.{name}": ((metric, "avg" if name == "mean" else name), unit)
            for ours, (metric, unit) in latencies.items()
            for name in STATISTICS
        },
    }


def _genai_fields() -> Paths:
    latencies = {"ttft_ms": ("ttft", 1e3), "tpot_ms": ("tpot", 1e3), "e2e_s": ("e2e_latency", 1.0)}
    told = "aggregated_metrics"
    return {
        "duration_s": ((told, "run_duration"), 1.0),
        "completed": ((told, "num_completed_requests"), 1.0),
        "input_tokens_mean": ((told, "stats", "num_input_tokens", "mean"), 1.0),
        "output_tokens_mean": ((told, "stats", "num_output_tokens", "mean"), 1.0),
        "request_rate_rps": ((told, "requests_per_second"), 1.0),
        **{
            f"{ours}.{name}": ((told, "stats", metric, name), unit)
            for ours, (metric, unit) in latencies.items()
            for name in STATISTICS
        },
    }


def _csv_fields() -> Paths:
    latencies = {"ttft_ms": ("ttft", "ms"), "e2e_s": ("e2e", "s")}
    return {
        "request_rate_rps": (("request_rate_rps",), 1.0),
        "requests": (("requests",), 1.0),
        **{
            f"{ours}.{name}": ((f"{metric}_{name}_{unit}",), 1.0)
            for ours, (metric, unit) in latencies.items()
            for name in STATISTICS
        },
    }


TOOLS: Mapping[str, Stated] = {
    "vllm-bench": Stated(_lines, _bench_fields()),
    "vllm-sweep": Stated(_whole, _bench_fields()),
    "guidellm": Stated(_benchmarks, _guidellm_fields()),
    "aiperf": Stated(_whole, _aiperf_fields()),
    "genai-bench": Stated(_in_seconds, _genai_fields()),
    "csv": Stated(_rows, _csv_fields()),
}
