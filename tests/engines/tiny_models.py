"""Model folders for real engines on small machines: the shapes of Gemma 4 and DiffusionGemma, tiny, without weights.

Served with `--load-format dummy`, which draws random weights. What matters of the large ones is kept: experts of which two
serve a token, sliding and full attention layers with different head sizes, a soft cap on the logits, tied embeddings, and
a canvas that is denoised in steps. Random weights never converge early, so a canvas takes exactly `max_denoising_steps`.

The tokenizer makes one token of each word, all plain ASCII: a streaming server never holds text back for an unfinished
character, so tokens and words can be counted against each other. Words that it does not know are one token, too.
"""

from __future__ import annotations

import json
import os
import random
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.domain.campaign import ServedDeployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.campaign import Flag

VLLM = os.environ.get("ADVISOR_TEST_VLLM", "")
"""The command of the engine that tests run; empty where there is none."""

CANVAS_TOKENS = 32
DENOISING_STEPS = 8
VOCABULARY = 512
SHIM = Path(__file__).parent / "cpu_shim"

ENDINGS = {"pad": 0, "eos": 1, "bos": 2, "unk": 3, "mask": 4}
TURN_ENDS = 6
SPECIAL = (
    *(f"<{name}>" for name in ENDINGS),
    "<|turn>", "<turn|>", "<|image|>", "<|image>", "<image|>", "<|audio|>", "<|audio>", "<audio|>", "<|video|>",
)  # fmt: skip
USUAL = ("user", "model", "system", "hello", "hi", "the")
PLACES = {"image_token_id": 7, "boi_token_id": 8, "eoi_token_id": 9}

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|turn>{{ message['role'] }} "
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}"
    "<turn|>{% endfor %}{% if add_generation_prompt %}<|turn>model {% endif %}"
)

BACKBONE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 128,
    "intermediate_size": 256,
    "moe_intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_global_key_value_heads": 1,
    "head_dim": 32,
    "global_head_dim": 64,
    "num_experts": 4,
    "top_k_experts": 2,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 8192,
    "sliding_window": 64,
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
    "final_logit_softcapping": 30.0,
    "tie_word_embeddings": True,
    "rms_norm_eps": 1e-6,
    "dtype": "bfloat16",
    **{f"{name}_token_id": ENDINGS[name] for name in ("pad", "eos", "bos")},
    "rope_parameters": {
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1e6},
    },
}

GEMMA: dict[str, Any] = {
    "architectures": ["Gemma4ForCausalLM"],
    "model_type": "gemma4_text",
    **BACKBONE,
    "attention_k_eq_v": True,
    "enable_moe_block": True,
    "hidden_size_per_layer_input": 0,
    "vocab_size_per_layer_input": VOCABULARY,
    "num_kv_shared_layers": 0,
    "use_double_wide_mlp": False,
}

DIFFUSION: dict[str, Any] = {
    "architectures": ["DiffusionGemmaForBlockDiffusion"],
    "model_type": "diffusion_gemma",
    "canvas_length": CANVAS_TOKENS,
    "text_config": {"model_type": "diffusion_gemma_text", **BACKBONE},
    "vision_config": None,
    "tie_word_embeddings": True,
    "dtype": "bfloat16",
    **PLACES,
}

ENDS = {"bos_token_id": ENDINGS["bos"], "eos_token_id": [ENDINGS["eos"], TURN_ENDS], "pad_token_id": ENDINGS["pad"]}

GENERATION: dict[str, Any] = {
    "gemma": {**ENDS, "do_sample": True, "temperature": 1.0, "top_k": 64, "top_p": 0.95},
    "diffusion": {
        **ENDS,
        "max_new_tokens": 256,
        "max_denoising_steps": DENOISING_STEPS,
        "t_min": 0.4,
        "t_max": 0.8,
        "stability_threshold": 1,
        "confidence_threshold": 0.005,
        "sampler_config": {"_cls_name": "EntropyBoundSamplerConfig", "entropy_bound": 0.1},
    },
}


class Tiny(StrEnum):
    """The two kinds of model."""

    GEMMA = "gemma"
    DIFFUSION = "diffusion"


CONFIGS = {Tiny.GEMMA: GEMMA, Tiny.DIFFUSION: DIFFUSION}

FLAGS: dict[str, Flag] = {
    "load-format": "dummy",
    "max-model-len": 2048,
    "enforce-eager": True,
    "kv-cache-memory-bytes": 64_000_000,  # else it takes most of the machine's memory
}
ENV = {
    "PYTHONPATH": str(SHIM),
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "OMP_NUM_THREADS": "1",  # spinning threads are far slower on shared cores
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # engine and worker in one process: one import less
}
MORE_FLAGS: dict[Tiny, dict[str, Flag]] = {Tiny.GEMMA: {}, Tiny.DIFFUSION: {"language-model-only": True}}
MORE_ENV = {Tiny.GEMMA: {}, Tiny.DIFFUSION: {"TRITON_INTERPRET": "1", "TORCHDYNAMO_DISABLE": "1"}}
NAMES = {Tiny.GEMMA: "gemma-4-26b-a4b", Tiny.DIFFUSION: "diffusiongemma-26b-a4b"}


def tiny_deployment(
    kind: Tiny,
    folder: Path,
    *,
    slots: int | None = 8,
    flags: Mapping[str, Flag] | None = None,
    env: Mapping[str, str] | None = None,
) -> ServedDeployment:
    """Return a deployment of a tiny model on this machine's engine, its folder written."""
    write_model(kind, folder)
    return ServedDeployment(
        model=NAMES[kind],
        gpu="h100-sxm-80gb",
        checkpoint=str(folder),
        max_num_seqs=slots,
        executable=VLLM,
        flags={**FLAGS, **MORE_FLAGS[kind], **(flags or {})},
        env={**ENV, **MORE_ENV[kind], **(env or {})},
    )


def write_model(kind: Tiny, folder: Path) -> None:
    """Write the folder of a tiny model."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "config.json": CONFIGS[kind],
        "generation_config.json": GENERATION[kind],
        "tokenizer.json": _tokenizer(),
        "tokenizer_config.json": _tokenizer_config(),
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, indent=1), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")


def vocabulary() -> list[str]:
    """Return all words that the tokenizer knows, in the order of their numbers."""
    draw = random.Random(0)
    words = dict.fromkeys([*SPECIAL, *USUAL])
    while len(words) < VOCABULARY:
        syllables = range(draw.randint(1, 3))
        words.setdefault("".join(draw.choice("bcdfghjklmnpqrstvwz") + draw.choice("aeiou") for _ in syllables))
    return list(words)


def _tokenizer() -> dict[str, Any]:
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": i, "content": word, **plain} for i, word in enumerate(SPECIAL)],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False},  # puts the spaces back
        "model": {
            "type": "WordLevel",
            "vocab": {word: i for i, word in enumerate(vocabulary())},
            "unk_token": "<unk>",
        },
    }


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1 << 20,
        "additional_special_tokens": list(SPECIAL[len(ENDINGS) :]),
        **{f"{name}_token": f"<{name}>" for name in ENDINGS},
    }
