"""The settings that an engine really runs with, told by itself: never what it was asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.profiling.servers.checkpoints import folder_of, generation_of
from advisor.profiling.servers.outcomes import without_prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from advisor.domain.attempt import Setting
    from advisor.domain.campaign import Flag
    from advisor.profiling.servers.asking import Address

Settings = dict[str, "Setting"]

INFO_TIMEOUT_S = 60.0
"""The engine describes its whole machine along with its settings, which takes it a few seconds."""

CONFIG: dict[str, tuple[str, str]] = {
    "max_num_seqs": ("scheduler_config", "max_num_seqs"),
    "max_num_batched_tokens": ("scheduler_config", "max_num_batched_tokens"),
    "chunked_prefill": ("scheduler_config", "enable_chunked_prefill"),
    "async_scheduling": ("scheduler_config", "async_scheduling"),
    "scheduling_policy": ("scheduler_config", "policy"),
    "max_model_len": ("model_config", "max_model_len"),
    "dtype": ("model_config", "dtype"),
    "quantization": ("model_config", "quantization"),
    "enforce_eager": ("model_config", "enforce_eager"),
    "kv_cache_dtype": ("cache_config", "cache_dtype"),
    "kv_cache_tokens": ("cache_config", "kv_cache_size_tokens"),
    "kv_cache_blocks": ("cache_config", "num_gpu_blocks"),
    "kv_cache_max_concurrency": ("cache_config", "kv_cache_max_concurrency"),
    "block_size": ("cache_config", "block_size"),
    "gpu_memory_utilization": ("cache_config", "gpu_memory_utilization"),
    "prefix_caching": ("cache_config", "enable_prefix_caching"),
    "tensor_parallel": ("parallel_config", "tensor_parallel_size"),
    "pipeline_parallel": ("parallel_config", "pipeline_parallel_size"),
    "data_parallel": ("parallel_config", "data_parallel_size"),
    "expert_parallel": ("parallel_config", "enable_expert_parallel"),
    "flash_attn_version": ("attention_config", "flash_attn_version"),
    "draft_method": ("speculative_config", "method"),
    "draft_model": ("speculative_config", "model"),
    "draft_tokens": ("speculative_config", "num_speculative_tokens"),
    "canvas_tokens": ("diffusion_config", "canvas_length"),
    "max_denoising_steps": ("diffusion_config", "max_denoising_steps"),
}
"""Where the engine's own configuration holds a setting: section and field."""

LOGGED: tuple[tuple[str, str], ...] = (
    ("max_model_len", r"max_seq_len=(\d+)"),
    ("dtype", r" dtype=([\w.]+)"),
    ("quantization", r" quantization=(\w+)"),
    ("enforce_eager", r"enforce_eager=(\w+)"),
    ("kv_cache_dtype", r"kv_cache_dtype=(\w+)"),
    ("kv_cache_tokens", r"KV cache size: ([\d,]+) tokens"),
    ("kv_cache_max_concurrency", r"Maximum concurrency for [\d,]+ tokens per request: ([\d.]+)x"),
    ("prefix_caching", r"enable_prefix_caching=(\w+)"),
    ("chunked_prefill", r"enable_chunked_prefill=(\w+)"),
    ("tensor_parallel", r"tensor_parallel_size=(\d+)"),
    ("compilation_mode", r"<CompilationMode\.(\w+)"),
    ("cudagraph_mode", r"setting cudagraph_mode=(?:CUDAGraphMode\.)?(\w+)"),
    ("cudagraph_mode", r"<CUDAGraphMode\.(\w+)"),
    ("attention_backend", r"Using (?:AttentionBackendEnum\.)?(?!CPU\b)([A-Z][A-Z0-9_]*)(?: attention)? backend\b"),
    ("moe_backend", r"Using '?([\w ]+?)'? (?:\w+ )?MoE backend\b"),
    ("model_runner", r"Using (V\d) Model Runner"),
    ("weights_gib", r"Model loading took ([\d.]+) GiB"),
)
"""What the log says, where the configuration does not; of two patterns, the first that is there."""

METRIC: dict[str, str] = {"kv_cache_tokens": "kv_cache_size_tokens", "kv_cache_blocks": "num_gpu_blocks"}
"""Labels of the metric `vllm:cache_config_info`."""

_CONSTANTS: dict[str, Setting] = {"True": True, "False": False, "None": None}
COMPARED: dict[str, str] = {
    "max_num_seqs": "max-num-seqs",
    "max_num_batched_tokens": "max-num-batched-tokens",
    "tensor_parallel": "tensor-parallel-size",
}


def effective_settings(address: Address, log_text: str, env: Mapping[str, str]) -> tuple[Settings, dict[str, Any]]:
    """Return the settings, and what the engine says of the software and machine around it.

    The engine's configuration comes first (``/server_info``, which vLLM has in its development mode and the demo engine
    always), then its metrics, its log, and what stands in the folder that it has loaded.
    """
    info = address.get_json("/server_info?config_format=json", timeout_s=INFO_TIMEOUT_S)
    config = info.get("vllm_config", {})
    _, metrics = address.get("/metrics")
    told = [
        _plain(info.get("settings") or {}),
        _configured(config),
        _measured(metrics.decode(errors="replace")),
        _logged(log_text),
        _loaded(config, env),
    ]
    return _first_of(told), info.get("system_env") or {}


def differences(asked: Mapping[str, Flag], effective: Mapping[str, Setting]) -> list[str]:
    """Return a sentence for each size that was asked for and is served otherwise, or that is of no use."""
    served = [
        f"{name} {asked[flag]} was asked for, {effective[name]} is served"
        for name, flag in COMPARED.items()
        if flag in asked and effective.get(name) is not None and str(effective[name]) != str(asked[flag])
    ]
    return [*served, *_idle_slots(effective)]


def _idle_slots(effective: Mapping[str, Setting]) -> list[str]:
    """Return a sentence if a step has no room for the canvases of all slots: these then wait inside the engine."""
    sizes = [effective.get(name) for name in ("max_num_batched_tokens", "canvas_tokens", "max_num_seqs")]
    budget, canvas, slots = (size if isinstance(size, int) else 0 for size in sizes)
    if not canvas or budget >= canvas * slots:
        return []
    return [f"max_num_batched_tokens {budget} has room for {budget // canvas} canvases of {slots} slots"]


def _first_of(told: Iterable[Settings]) -> Settings:
    settings: Settings = {}
    for source in told:
        settings |= {name: value for name, value in source.items() if settings.get(name) is None}
    return settings


def _plain(values: Mapping[str, Any]) -> Settings:
    return {name: value for name, value in values.items() if isinstance(value, str | int | float | bool | None)}


def _configured(config: Any) -> Settings:
    if not isinstance(config, dict):
        return {}
    sections = ((name, config.get(section), field) for name, (section, field) in CONFIG.items())
    return _plain(
        {name: section[field] for name, section, field in sections if isinstance(section, dict) and field in section}
    )


def _loaded(config: Any, env: Mapping[str, str]) -> Settings:
    """Return what the engine takes from the checkpoint itself: its revision, and its steps unless it was told some."""
    model = config.get("model_config") if isinstance(config, dict) else None
    if not isinstance(model, dict):
        return {}
    folder = folder_of(str(model.get("model", "")), env, revision=model.get("revision") or "main")
    settings: Settings = {"checkpoint_revision": folder.name if folder and folder.parent.name == "snapshots" else None}
    if folder and config.get("diffusion_config"):
        chosen = str(model.get("generation_config", "auto"))
        generation = generation_of(folder if chosen in {"auto", "vllm"} else Path(chosen))
        settings["max_denoising_steps"] = generation.get("max_denoising_steps")
    return settings


def _measured(metrics: str) -> Settings:
    line = next((line for line in metrics.splitlines() if line.startswith("vllm:cache_config_info{")), "")
    labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
    return {name: _value(labels[label]) for name, label in METRIC.items() if label in labels}


def _logged(text: str) -> Settings:
    plain = without_prefixes(text)
    found = ((name, re.search(pattern, plain)) for name, pattern in reversed(LOGGED))
    return {name: _value(match[1]) for name, match in found if match is not None}


def _value(text: str) -> Setting:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    digits = text.replace(",", "")
    if digits.isdigit():
        return int(digits)
    return float(digits) if re.fullmatch(r"\d+\.\d+", digits) else text
