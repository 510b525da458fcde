"""Profiles of the tiny models and of the processor that runs them: what `recommend` must know to answer from their runs.

Shapes are those of `tests.engines.tiny_models`. Rates of the processor and its price are made up, and named so: they only
ever stand in a folder of a test.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from advisor import catalog
from tests.engines.tiny_models import CANVAS_TOKENS, DENOISING_STEPS, VOCABULARY

if TYPE_CHECKING:
    from pathlib import Path

GPU = "tiny-cpu"
TINY_AR, TINY_DIFFUSION = "tiny-gemma", "tiny-diffusion"
SOURCE = "source: {url: https://example.org/tiny, date: 2026-11-24, title: a test}"

_GPU = f"""\
name: {GPU}
title: A processor that stands for a GPU in a test
vendor: nvidia
arch: tiny
compute_capability: "0.0"
memory_bytes: 16_000_000_000
memory_bandwidth_bytes_per_s: 2.0e+10
bf16_flops: 1.0e+11
max_per_host: 1
{SOURCE}
"""
_SHAPE = f"""\
family: tiny
hidden: 128
query_heads: 4
vocabulary: {VOCABULARY}
attention:
  - {{count: 2, kv_heads: 2, head_dim: 32, window_tokens: 64}}
  - {{count: 1, kv_heads: 1, head_dim: 64, reuses_k_as_v: true}}
dense_mlp_width: 256
experts: {{count: 4, active: 2, width: 64}}
context_tokens: 2048
checkpoints:
  - name: tiny/random
    precision: bf16
    weights_bytes: 2_000_000
    dense_bytes_per_weight: 2.0
    expert_bytes_per_weight: 2.0
    {SOURCE}
{SOURCE}
"""
_AR = f"name: {TINY_AR}\ntitle: Tiny Gemma\ndecode: autoregressive\n{_SHAPE}"
_LAW = f"{{mean: {DENOISING_STEPS}, p90: {DENOISING_STEPS}, {SOURCE}}}"
_DIFFUSION = f"""\
name: {TINY_DIFFUSION}
title: Tiny DiffusionGemma
decode: block_diffusion
{_SHAPE}
canvas:
  tokens: {CANVAS_TOKENS}
  max_steps: 48
  self_conditioning_width: 128
  steps: {{chat: {_LAW}, code: {_LAW}, prose: {_LAW}, structured: {_LAW}}}
  {SOURCE}
"""
_RULE = f"\n  - {{arch: tiny, precision: bf16, kernel: native, {SOURCE}}}\n"
_PRICES = """\
provider,region,instance_type,gpu,gpu_count,price_usd_per_hour,price_basis,as_of,source_url,seller,confidence,notes
Nobody,nowhere,tiny,tiny-cpu,1,1.00,on-demand,2026-11-24,https://example.org/tiny,specialist,list,made up
"""


def write_profiles(folder: Path) -> Path:
    """Return a copy of the shipped profiles that knows the tiny models, their processor, and a price of it."""
    shutil.copytree(catalog.profiles_root(), folder)
    (folder / "gpus" / f"{GPU}.yaml").write_text(_GPU, encoding="utf-8")
    (folder / "models" / f"{TINY_AR}.yaml").write_text(_AR, encoding="utf-8")
    (folder / "models" / f"{TINY_DIFFUSION}.yaml").write_text(_DIFFUSION, encoding="utf-8")
    (folder / "prices" / "nobody.csv").write_text(_PRICES, encoding="utf-8")
    for engine in (folder / "engines").glob("*.yaml"):
        engine.write_text(engine.read_text(encoding="utf-8").rstrip() + _RULE, encoding="utf-8")
    return folder
