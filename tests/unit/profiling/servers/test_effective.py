"""Settings as the engine itself tells them. What it told is real, see `samples/README.md`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from advisor.profiling.servers.asking import Address
from advisor.profiling.servers.effective import differences, effective_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Told(Address):
    """An address whose answers are at hand, by path."""

    answers: dict[str, str]

    def get(self, path: str, *, timeout_s: float = 0.0) -> tuple[int, bytes]:
        del timeout_s
        body = self.answers.get(path.partition("?")[0])
        return (0, b"refused") if body is None else (200, body.encode())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Address]:
    def address(**answers: str) -> Address:
        monkeypatch.setattr(Told, "answers", {f"/{name}": body for name, body in answers.items()}, raising=False)
        return Told(8000)

    return address


def test_gemma_tells_what_it_runs_with(told: Callable[..., Address], sample: Callable[[str], str]) -> None:
    settings, system = effective_settings(told(server_info=sample("gemma_info.json")), sample("gemma_start.log"), {})
    expected = {
        "max_num_seqs": 16, "max_num_batched_tokens": 2048, "max_model_len": 2048, "tensor_parallel": 1,
        "kv_cache_dtype": "auto", "kv_cache_tokens": 79994, "quantization": None, "dtype": "torch.bfloat16",
        "prefix_caching": True, "chunked_prefill": True, "async_scheduling": False, "enforce_eager": True,
        "cudagraph_mode": "NONE", "compilation_mode": "NONE", "moe_backend": "CPU",
    }  # fmt: skip
    assert {name: settings.get(name) for name in expected} == expected
    assert "canvas_tokens" not in settings
    assert system["torch_version"] == "2.13.0+cpu"


def test_diffusion_gemma_tells_its_canvas_and_that_200_slots_became_8(
    told: Callable[..., Address], sample: Callable[[str], str]
) -> None:
    settings, _ = effective_settings(told(server_info=sample("diffusion_info.json")), sample("diffusion_start.log"), {})
    assert settings["canvas_tokens"] == 32
    assert settings["max_num_seqs"] == 8
    assert settings["model_runner"] == "V2"
    assert differences({"max-num-seqs": 200}, settings) == ["max_num_seqs 200 was asked for, 8 is served"]


def test_denoising_steps_are_those_of_the_checkpoint_unless_a_flag_set_them(
    told: Callable[..., Address], sample: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "generation_config.json").write_text('{"max_denoising_steps": 48}')
    info: dict[str, Any] = json.loads(sample("diffusion_info.json"))
    info["vllm_config"]["model_config"]["model"] = str(tmp_path)
    settings, _ = effective_settings(told(server_info=json.dumps(info)), "", {})
    assert settings["max_denoising_steps"] == 48
    info["vllm_config"]["diffusion_config"]["max_denoising_steps"] = 16
    settings, _ = effective_settings(told(server_info=json.dumps(info)), "", {})
    assert settings["max_denoising_steps"] == 16


def test_the_revision_of_a_downloaded_checkpoint_is_told(
    told: Callable[..., Address], sample: Callable[[str], str], tmp_path: Path
) -> None:
    repository = tmp_path / "hub" / "models--some--model"
    (repository / "snapshots" / "abc123").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc123")
    info: dict[str, Any] = json.loads(sample("gemma_info.json"))
    info["vllm_config"]["model_config"]["model"] = "some/model"
    settings, _ = effective_settings(told(server_info=json.dumps(info)), "", {"HF_HOME": str(tmp_path)})
    assert settings["checkpoint_revision"] == "abc123"


def test_an_engine_that_does_not_tell_is_read_from_metrics_and_log(
    told: Callable[..., Address], sample: Callable[[str], str]
) -> None:
    settings, system = effective_settings(told(metrics=sample("gemma.metrics")), sample("gemma_start.log"), {})
    expected = {
        "max_model_len": 2048,
        "kv_cache_tokens": 79994,
        "kv_cache_blocks": 1953,
        "prefix_caching": True,
        "enforce_eager": True,
    }
    assert {name: settings[name] for name in expected} == expected
    assert "max_num_seqs" not in settings  # the log knows only what was asked for
    assert system == {}


def test_the_demo_engine_tells_plainly(told: Callable[..., Address]) -> None:
    answer = json.dumps({"simulated": True, "settings": {"max_num_seqs": 32, "asked_max_num_seqs": None, "odd": [1]}})
    settings, _ = effective_settings(told(server_info=answer), "", {})
    assert settings == {"max_num_seqs": 32, "asked_max_num_seqs": None}


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Using AttentionBackendEnum.FLASH_ATTN backend.", "attention_backend", "FLASH_ATTN"),
        (
            "Using TRITON_ATTN attention backend out of potential backends: ['TRITON_ATTN'].",
            "attention_backend",
            "TRITON_ATTN",
        ),
        ("Using CUTLASS Fp8 MoE backend out of potential backends: ['CUTLASS'].", "moe_backend", "CUTLASS"),
        (
            "Using 'FLASHINFER_CUTLASS' NvFp4 MoE backend out of potential backends: []",
            "moe_backend",
            "FLASHINFER_CUTLASS",
        ),
        ("Model loading took 25.33 GiB memory and 41.000000 seconds", "weights_gib", 25.33),
        ("'cudagraph_mode': <CUDAGraphMode.FULL_AND_PIECEWISE: (2, 1)>", "cudagraph_mode", "FULL_AND_PIECEWISE"),
        (
            "'cudagraph_mode': <CUDAGraphMode.FULL: 2>\nCUDAGraphMode.FULL is not supported; setting cudagraph_mode=PIECEWISE",
            "cudagraph_mode",
            "PIECEWISE",
        ),
        ("GPU KV cache size: 508,112 tokens, Maximum concurrency for 8,192 tokens", "kv_cache_tokens", 508112),
    ],
)
def test_the_log_tells_what_the_configuration_does_not(
    told: Callable[..., Address], line: str, name: str, value: str | float
) -> None:
    settings, _ = effective_settings(told(), f"(Worker pid=7) INFO 11-24 09:24:18 [a.py:1] {line}", {})
    assert settings[name] == value


def test_slots_whose_canvases_have_no_room_in_a_step_are_told() -> None:
    narrow = {"max_num_seqs": 16, "max_num_batched_tokens": 2048, "canvas_tokens": 256}
    assert differences({}, narrow) == ["max_num_batched_tokens 2048 has room for 8 canvases of 16 slots"]
    assert differences({}, {**narrow, "max_num_batched_tokens": 4096}) == []
    assert differences({}, {**narrow, "canvas_tokens": None}) == []


def test_what_is_served_as_asked_or_was_not_asked_is_no_difference() -> None:
    effective = {"max_num_seqs": 8, "max_num_batched_tokens": 2496, "tensor_parallel": 1}
    assert differences({"max-num-seqs": "8"}, effective) == []
    assert differences({"max-num-batched-tokens": 2048}, {}) == []
    assert len(differences({"max-num-batched-tokens": 2048, "tensor-parallel-size": 2}, effective)) == 2
