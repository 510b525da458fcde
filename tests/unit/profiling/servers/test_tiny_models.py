"""The tiny models that real engines are tested with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engines.tiny_models import CANVAS_TOKENS, VOCABULARY, Tiny, tiny_deployment, vocabulary

if TYPE_CHECKING:
    from pathlib import Path


def test_every_token_is_one_plain_word() -> None:
    words = vocabulary()
    assert len(set(words)) == len(words) == VOCABULARY
    assert all(word.isascii() and word == word.strip() and " " not in word for word in words)


@pytest.mark.parametrize("kind", Tiny)
def test_a_model_folder_is_written_whole_and_always_the_same(kind: Tiny, tmp_path: Path) -> None:
    deployment = tiny_deployment(kind, tmp_path / "a")
    tiny_deployment(kind, tmp_path / "b")
    texts = [{path.name: path.read_text() for path in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert texts[0] == texts[1]
    assert deployment.checkpoint == str(tmp_path / "a")
    config = json.loads(texts[0]["config.json"])
    assert config.get("canvas_length") == (CANVAS_TOKENS if kind is Tiny.DIFFUSION else None)
    assert len(json.loads(texts[0]["tokenizer.json"])["model"]["vocab"]) == VOCABULARY
