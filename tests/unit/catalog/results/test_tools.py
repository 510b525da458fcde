"""What each tool's figures mean, read off samples that the tools wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.catalog.results import read_results
from advisor.catalog.results.failing import failure_name, failures
from advisor.domain.campaign import Lengths
from advisor.domain.load import ClosedLoad, OpenLoad, RampLoad, TraceLoad
from advisor.errors import DataError
from tests.unit.catalog.results.told import read_sample, sample, written

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.catalog.results import ToldRun

CLOSED = "aiperf/closed/profile_export_aiperf.json"
LISTED = (
    "vllm-bench/detailed.json",
    "vllm-bench/failing.json",
    "guidellm/benchmarks.json",
    "guidellm/failing.json",
    CLOSED,
    "aiperf/failing/profile_export_aiperf.json",
    "genai-bench/normal",
    "genai-bench/failing",
)


def only(name: str) -> ToldRun:
    (run,) = read_sample(name)
    return run


@pytest.mark.parametrize("name", LISTED)
def test_percentiles_of_the_listed_requests_are_those_that_the_tool_tells(name: str) -> None:
    for run in read_sample(name):
        assert run.requests is not None
        assert run.requests.ttft_s is not None
        assert run.summary.ttft_ms is not None
        assert run.requests.ttft_s.mean() * 1e3 == pytest.approx(run.summary.ttft_ms.mean)
        assert np.percentile(run.requests.ttft_s, 50) * 1e3 == pytest.approx(run.summary.ttft_ms.p50, rel=0.03)
        assert run.requests.e2e_s.size == run.summary.completed
        if run.summary.e2e_s:
            assert run.requests.e2e_s.mean() == pytest.approx(run.summary.e2e_s.mean)


@pytest.mark.parametrize("name", LISTED)
def test_listed_lengths_are_those_that_the_tool_tells(name: str) -> None:
    for run in read_sample(name):
        assert run.requests is not None
        assert run.requests.output_tokens is not None
        assert run.requests.output_tokens.sum() == run.summary.output_tokens_total
        assert run.requests.output_tokens.mean() == pytest.approx(run.summary.output_tokens_mean)


def test_every_server_that_failed_twice_or_thrice_is_told_so_by_status() -> None:
    told = {run.tool: run.summary.failures for name in LISTED if "failing" in name for run in read_sample(name)}
    assert told == {
        "vllm-bench": {"http_500": 2},
        "guidellm": {"http_500": 2},
        "aiperf": {"http_500": 2},
        "genai-bench": {"http_500": 3},
    }


def test_a_bench_without_details_tells_end_to_end_times_and_how_many_failed(tmp_path: Path) -> None:
    short = {n: v for n, v in sample("vllm-bench/failing.json").items() if n not in {"errors", "ttfts", "output_lens"}}
    (run,) = read_results(written(tmp_path, "r.json", short))
    assert run.summary.failures == {"failed": 2}
    assert run.requests is not None
    assert run.requests.e2e_s.size == 10
    assert run.requests.ttft_s is None
    assert not run.tells_spread


def test_a_bench_whose_lists_do_not_tell_what_succeeded_is_a_summary_alone(tmp_path: Path) -> None:
    changed = sample("vllm-bench/detailed.json") | {"completed": 15, "failed": 1}
    (run,) = read_results(written(tmp_path, "r.json", changed))
    assert run.requests is None


def test_an_older_bench_tells_end_to_end_times_by_its_messages(tmp_path: Path) -> None:
    detailed = sample("vllm-bench/detailed.json")
    older = {n: v for n, v in detailed.items() if n not in {"latencies", "queue_times", "start_times", "failed"}}
    (run,) = read_results(written(tmp_path, "r.json", older))
    assert run.requests is not None
    assert run.requests.e2e_s == pytest.approx(detailed["latencies"], rel=0.01)
    assert run.summary.requests == 16


def test_only_chat_begins_with_an_empty_message(tmp_path: Path) -> None:
    plain = sample("vllm-bench/detailed.json") | {"backend": "openai"}
    (run,) = read_results(written(tmp_path, "r.json", plain))
    assert [flag.partition(":")[0] for flag in run.flags] == ["unseen_failures"]
    assert [flag.partition(":")[0] for flag in only("vllm-bench/detailed.json").flags] == [
        "first_message",
        "unseen_failures",
    ]


def test_burstiness_of_the_bench_is_one_over_ours() -> None:
    closed, open_ = read_sample("vllm-bench/appended.jsonl")
    assert closed.load == ClosedLoad(concurrency=2)
    assert open_.load == OpenLoad(rate_rps=8.0, burstiness=2.0)


def test_infinite_burstiness_of_the_bench_is_a_constant_rate(tmp_path: Path) -> None:
    changed = sample("vllm-bench/held-back.json") | {"burstiness": float("inf")}
    (run,) = read_results(written(tmp_path, "r.json", changed))
    assert run.load == OpenLoad(rate_rps=20.0, burstiness=0.0, max_in_flight=3)


def test_a_wait_for_the_limit_of_the_client_counts_in_an_open_loop() -> None:
    run, told = only("vllm-bench/held-back.json"), sample("vllm-bench/held-back.json")
    assert run.requests is not None
    assert run.requests.starts_s is not None
    waited = np.array(told["queue_times"])
    assert waited.max() > 0.1
    assert run.requests.e2e_s == pytest.approx(np.array(told["latencies"]) + waited)
    assert run.requests.ttft_s == pytest.approx(np.array(told["ttfts"]) + waited)
    assert run.requests.starts_s == pytest.approx(np.array(told["start_times"]) - waited)


def test_a_ramp_of_the_bench_lasts_as_long_as_the_run() -> None:
    assert only("vllm-bench/ramp.json").load == RampLoad(from_rps=4.0, to_rps=20.0, duration_s=1.1058307379989856)


def test_all_requests_at_once_are_as_many_in_flight(tmp_path: Path) -> None:
    changed = sample("vllm-bench/detailed.json") | {"max_concurrency": None}
    (run,) = read_results(written(tmp_path, "r.json", changed))
    assert run.load == ClosedLoad(concurrency=16)


def test_metadata_and_parameters_of_a_sweep_tell_the_server(tmp_path: Path) -> None:
    first = read_sample("vllm-bench/appended.jsonl")[0].told
    assert (first.gpu, first.tensor_parallel) == ("H100", 1)
    runs = read_sample("vllm-sweep")
    assert {run.told.slots for run in runs} == {16}
    assert sorted(run.repeat for run in runs) == [0, 0, 1, 1]
    more = sample("vllm-bench/detailed.json") | {"precision": "FP8", "engine_version": "0.32.0", "content": "chat"}
    (run,) = read_results(written(tmp_path, "r.json", more))
    assert (run.told.precision, run.told.engine_version, run.told.content) == ("fp8", "0.32.0", "chat")


def test_counters_of_the_bench_and_of_aiperf_tell_canvases() -> None:
    for name, committed in (
        ("vllm-bench/diffusion.json", 5632),
        ("aiperf/diffusion/profile_export_aiperf.json", 4352),
    ):
        canvas = only(name).canvas
        assert canvas is not None
        assert canvas.steps_per_canvas == pytest.approx(8.0)
        assert canvas.tokens == pytest.approx(256.0)
        assert canvas.committed_tokens == committed


def test_time_per_output_token_of_guidellm_is_normalized_time() -> None:
    run = read_sample("guidellm/benchmarks.json")[0]
    assert run.requests is not None
    assert run.requests.output_tokens is not None
    assert run.summary.ntpot_ms is not None
    per_token_ms = run.requests.e2e_s / run.requests.output_tokens * 1e3
    assert run.summary.ntpot_ms.p50 == pytest.approx(np.percentile(per_token_ms, 50), rel=0.03)


def test_strategies_of_guidellm_are_loads() -> None:
    loads = [run.load for run in (*read_sample("guidellm/sweep.json"), *read_sample("guidellm/poisson.json"))]
    assert loads == [
        ClosedLoad(concurrency=1),
        ClosedLoad(concurrency=12),
        OpenLoad(rate_rps=30.465292010522383, burstiness=0.0),
        OpenLoad(rate_rps=8.0),
    ]


def test_latency_of_an_open_loop_of_guidellm_and_aiperf_counts_from_when_a_request_was_due() -> None:
    for name in ("guidellm/poisson.json", "aiperf/poisson/profile_export_aiperf.json"):
        requests, summary = only(name).requests, only(name).summary
        assert requests is not None
        assert requests.late_s is not None
        assert summary.e2e_s is not None
        assert requests.late_s.min() > 0
        assert (requests.e2e_s - requests.late_s).mean() == pytest.approx(summary.e2e_s.mean, rel=1e-4)


def test_a_sample_of_the_requests_is_not_taken_for_all(tmp_path: Path) -> None:
    changed = sample("guidellm/poisson.json")
    changed["benchmarks"][0]["requests"]["successful"].pop()
    (run,) = read_results(written(tmp_path, "r.json", changed))
    assert run.requests is None
    assert run.summary.completed == 12


def test_an_unknown_strategy_of_guidellm_is_named(tmp_path: Path) -> None:
    changed = sample("guidellm/poisson.json")
    changed["benchmarks"][0]["config"]["strategy"]["type_"] = "replay"
    with pytest.raises(
        DataError, match=r"field benchmarks\.0\.config\.strategy\.type_: is 'replay', not one of synchronous"
    ):
        read_results(written(tmp_path, "r.json", changed))


@pytest.mark.parametrize(
    ("phase", "load"),
    [
        ({"type": "poisson", "rate": 4.0, "concurrency": 9}, OpenLoad(rate_rps=4.0, max_in_flight=9)),
        ({"type": "constant", "rate": 4.0}, OpenLoad(rate_rps=4.0, burstiness=0.0)),
        ({"type": "gamma", "rate": 4.0, "smoothness": 0.5}, OpenLoad(rate_rps=4.0, burstiness=2.0)),
        ({"type": "fixed_schedule"}, TraceLoad()),
    ],
)
def test_phases_of_aiperf_are_loads(phase: dict[str, object], load: object, tmp_path: Path) -> None:
    changed = sample(CLOSED)
    warmup = {"kind": "warmup", "type": "concurrency", "concurrency": 2}
    changed["input_config"]["phases"] = [warmup, {"kind": "profiling", **phase}]
    (run,) = read_results(written(tmp_path, "profile_export_aiperf.json", changed))
    assert run.load == load


@pytest.mark.parametrize(
    ("phases", "problem"),
    [
        ([], "phases: has 0 phases of measuring; only one can be imported"),
        ([{"type": "user_centric"}], "phases.0.type: is 'user_centric', not one of concurrency"),
        ([{"type": "poisson", "rate": 1, "rate_ramp": 5}], "phases.0.rate_ramp: a changing rate cannot be imported"),
    ],
)
def test_phases_of_aiperf_that_are_no_load_are_named(phases: list[object], problem: str, tmp_path: Path) -> None:
    changed = sample(CLOSED)
    changed["input_config"]["phases"] = phases
    with pytest.raises(DataError, match=problem):
        read_results(written(tmp_path, "profile_export_aiperf.json", changed))


def test_aiperf_without_its_records_is_a_summary_alone(tmp_path: Path) -> None:
    (run,) = read_results(written(tmp_path, "profile_export_aiperf.json", sample(CLOSED)))
    assert run.requests is None
    assert run.summary.e2e_s is not None
    assert run.summary.e2e_s.p95 == pytest.approx(0.21439710825)
    failing = written(tmp_path, "f/profile_export_aiperf.json", sample("aiperf/failing/profile_export_aiperf.json"))
    assert read_results(failing)[0].summary.failures == {"http_500": 2}


def test_whether_the_server_counted_tokens_is_told() -> None:
    assert not any(flag.startswith("client_tokens:") for flag in only(CLOSED).flags)
    assert any(flag.startswith("client_tokens:") for flag in only("aiperf/poisson/profile_export_aiperf.json").flags)


def test_an_experiment_tells_its_server() -> None:
    told = read_sample("genai-bench/normal")[0].told
    assert (told.gpu, told.tensor_parallel, told.engine, told.engine_version) == ("H100", 1, "vLLM", "0.32.0")
    assert (told.model, told.lengths, told.measured_at) == ("google/gemma-4-26B-A4B-it", Lengths.FORCED, None)


def test_latencies_of_an_experiment_in_milliseconds_are_read_as_such() -> None:
    (run,) = read_sample("genai-bench/failing")
    assert run.summary.e2e_s is not None
    assert run.summary.ttft_ms is not None
    assert run.summary.e2e_s.mean == pytest.approx(0.2139, rel=1e-3)
    assert run.summary.ttft_ms.mean == pytest.approx(42.98, rel=1e-3)


def test_an_experiment_with_warmup_is_told_by_its_own_figures_and_its_rate_made_anew(tmp_path: Path) -> None:
    name = "genai-bench/normal/N64_10_32_8_text-to-text_num_concurrency_2_time_1s.json"
    changed = sample(name)
    stats = changed["aggregated_metrics"]["stats"]["e2e_latency"]
    stats["sum"] = stats["mean"] * 9
    (run,) = read_results(written(tmp_path, "r.json", changed))
    assert run.requests is None
    assert run.summary.output_tok_s == pytest.approx(run.summary.request_rate_rps * run.summary.output_tokens_mean)


def test_an_experiment_of_another_task_is_refused(tmp_path: Path) -> None:
    folder = "genai-bench/normal"
    written(
        tmp_path, "experiment_metadata.json", sample(f"{folder}/experiment_metadata.json") | {"task": "text-to-image"}
    )
    name = "N64_10_32_8_text-to-text_num_concurrency_2_time_1s.json"
    written(tmp_path, name, sample(f"{folder}/{name}"))
    with pytest.raises(DataError, match="field task: is 'text-to-image'; only text-to-text can be imported"):
        read_results(tmp_path)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Internal Server Error", "http_500"),
        ("Too Many Requests", "http_429"),
        (503, "http_503"),
        ("HTTPStatusError(\"Server error '500 Internal Server Error' for url\")", "http_500"),
        ("Traceback ...\naiohttp.client_exceptions.ServerDisconnectedError: Server disconnected", "server_disconnected_error"),
        ("ReadTimeout('')", "read_timeout"),
        ("", "failed"),
        (None, "failed"),
        (-1, "failed"),
    ],
)  # fmt: skip
def test_a_failure_goes_by_its_status_or_by_what_was_raised(said: object, name: str) -> None:
    assert failure_name(said) == name


def test_failures_are_counted_by_name() -> None:
    assert failures(["500", "Internal Server Error", "429"]) == {"http_429": 1, "http_500": 2}
