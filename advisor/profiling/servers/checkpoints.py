"""What stands in the folder of a checkpoint that an engine has loaded, on this machine."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE = "~/.cache/huggingface"
"""Where the libraries below the engine keep what they have downloaded, unless the environment says otherwise."""


def folder_of(checkpoint: str, env: Mapping[str, str], *, revision: str = "main") -> Path | None:
    """Return the folder of a checkpoint: itself, or that of its revision in the cache; None if it is nowhere."""
    named = Path(checkpoint).expanduser()
    if named.is_dir():
        return named
    cache = env.get("HF_HUB_CACHE") or Path(env.get("HF_HOME") or CACHE) / "hub"
    repository = Path(cache).expanduser() / f"models--{checkpoint.replace('/', '--')}"
    commit = _text(repository / "refs" / revision) or revision
    snapshot = repository / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


def generation_of(folder: Path) -> dict[str, Any]:
    """Return how the checkpoint wants text to be generated; empty if it does not say."""
    with suppress(ValueError):
        config = json.loads(_text(folder / "generation_config.json") or "{}")
        return config if isinstance(config, dict) else {}
    return {}


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8").strip()
    return ""
