"""What a log says of how a server failed. The logs are real ones, see `samples/README.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.domain.attempt import Outcome
from advisor.profiling.servers.outcomes import failed_serving, failed_start, lost_its_port

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS = {
    "unknown_flag": (Outcome.REFUSED, "unrecognized arguments: --no-such-flag 3"),
    "bad_value": (Outcome.REFUSED, "argument --max-num-seqs: invalid int value: 'many'"),
    "bad_choice": (Outcome.REFUSED, "argument --kv-cache-dtype: invalid choice: 'fp3'"),
    "contradiction": (
        Outcome.REFUSED,
        "max_num_batched_tokens (16) must be greater than or equal to max_num_seqs (32).",
    ),
    "too_long": (Outcome.REFUSED, "User-specified max_model_len (99999999) is greater than the derived max_model_len"),
    "no_checkpoint": (
        Outcome.CRASHED_AT_START,
        "the checkpoint cannot be had: Cannot find an appropriate cached snapshot",
    ),
    "no_folder": (Outcome.CRASHED_AT_START, "the checkpoint cannot be had: Repo id must be in the form"),
    "no_room_for_cache": (Outcome.OUT_OF_MEMORY, "To serve at least one request with the model's max seq len (8192)"),
    "port_taken": (
        Outcome.CRASHED_AT_START,
        "the port was taken by another process: [Errno 98] Address already in use",
    ),
}

WORKER = "(Worker_TP1 pid=71) ERROR 11-24 09:24:18 [multiproc_executor.py:839] "
MEMORY = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB",
    "torch.cuda.OutOfMemoryError: HIP out of memory. Tried to allocate 64.00 MiB",
    "RuntimeError: CUDA error: out of memory",
    "RuntimeError: CUDA out of memory occurred when warming up sampler with 256 dummy requests.",
    "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`",
    "ValueError: Free memory on device cuda:0 (10.2/79.1 GiB) on startup is less than desired GPU memory utilization (0.92, 72.8 GiB).",
    "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "RuntimeError: [enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to allocate",
    "MemoryError",
)
REFUSED = (
    "ValueError: No valid attention backend found for cuda with AttentionSelectorConfig(head_size=512)",
    "ValueError: Selected backend AttentionBackendEnum.FLASHINFER is not valid for this configuration.",
    "ValueError: FlashInfer does not support DiffusionGemma's mixed causal/bidirectional attention.",
    "ValueError: Total number of attention heads (16) must be divisible by tensor parallel size (3).",
    "ValueError: Model architectures ['NoSuchModel'] are not supported for now.",
    "error: no such option: --nope",
    "NotImplementedError: LoRA is not supported for this model",
)


@pytest.mark.parametrize("name", STARTS)
def test_a_failed_start_is_told_by_its_log(name: str, sample: Callable[[str], str]) -> None:
    outcome, detail = failed_start(sample(f"{name}.log"), 1)
    assert (outcome, detail[: len(STARTS[name][1])]) == STARTS[name]


@pytest.mark.parametrize("line", MEMORY)
def test_want_of_memory_is_seen_at_start_and_under_load(line: str) -> None:
    log = (
        f"{WORKER}Traceback (most recent call last):\n{WORKER}{line}\nRuntimeError: Engine core initialization failed."
    )
    assert failed_start(log, 1)[0] is Outcome.OUT_OF_MEMORY
    assert failed_serving(log, 1)[0] is Outcome.OUT_OF_MEMORY
    assert failed_start(log, 1)[1] in line


@pytest.mark.parametrize("line", REFUSED)
def test_settings_that_the_engine_will_not_run_with_are_refused_flags(line: str) -> None:
    outcome, detail = failed_start(f"{WORKER}{line}", 1)
    assert outcome is Outcome.REFUSED
    assert detail == line.partition(": ")[2]


def test_source_lines_of_a_traceback_are_no_signs() -> None:
    log = '  File "x.py", line 3\n    raise torch.OutOfMemoryError("CUDA out of memory")\nRuntimeError: something else'
    assert failed_start(log, 1) == (
        Outcome.CRASHED_AT_START,
        "RuntimeError: something else; the server ended by itself with exit code 1",
    )


def test_a_start_is_not_refused_for_what_it_logs_on_its_way(sample: Callable[[str], str]) -> None:
    for name in ("gemma_start.log", "diffusion_start.log"):
        assert failed_start(sample(name), -9)[0] is Outcome.CRASHED_AT_START


def test_an_engine_that_was_killed_is_a_crash_under_load(sample: Callable[[str], str]) -> None:
    outcome, detail = failed_serving(sample("engine_killed.log"), 0)
    assert outcome is Outcome.CRASHED
    assert detail == "engine core exited unexpectedly; the server ended by itself with exit code 0"


def test_the_first_exception_is_the_cause_and_its_reports_are_not() -> None:
    log = "KeyError: 'blocks'\nvllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue."
    assert failed_serving(log, 1)[1].startswith("KeyError: 'blocks'; ")


def test_what_our_own_command_says_is_a_cause() -> None:
    assert failed_start("error: it does not fit\nhint: a larger --gpu", 3)[1].startswith("error: it does not fit; ")


def test_a_server_without_words_is_told_by_how_it_ended() -> None:
    assert failed_serving("", 7) == (Outcome.CRASHED, "the server ended by itself with exit code 7")
    assert failed_serving("", -11)[1] == "the server was ended by SIGSEGV"
    assert failed_serving("", -9)[1].startswith("the server was ended by SIGKILL (the kernel does that")
    assert failed_serving("", None)[1] == "the server runs and its engine is dead"


def test_flags_are_not_refused_once_it_has_served() -> None:
    assert failed_serving("ValueError: temperature must be 1", 1)[0] is Outcome.CRASHED


def test_only_a_lost_port_is_worth_another_try(sample: Callable[[str], str]) -> None:
    lost = {name for name in STARTS if lost_its_port(failed_start(sample(f"{name}.log"), 1)[1])}
    assert lost == {"port_taken"}
