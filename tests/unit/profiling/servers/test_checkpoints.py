"""The folder of a checkpoint on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.profiling.servers.checkpoints import folder_of, generation_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache that holds one revision of one checkpoint."""
    repository = tmp_path / "hub" / "models--some--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123\n")
    (repository / "snapshots" / "abc123").mkdir(parents=True)
    return tmp_path


def test_a_folder_is_itself(tmp_path: Path) -> None:
    assert folder_of(str(tmp_path), {}) == tmp_path


def test_a_repository_is_found_in_the_cache_of_the_server(cache: Path) -> None:
    snapshot = cache / "hub" / "models--some--model" / "snapshots" / "abc123"
    assert folder_of("some/model", {"HF_HOME": str(cache)}) == snapshot
    assert folder_of("some/model", {"HF_HUB_CACHE": str(cache / "hub")}) == snapshot
    assert folder_of("some/model", {"HF_HOME": str(cache)}, revision="abc123") == snapshot


def test_what_is_not_there_has_no_folder(cache: Path) -> None:
    assert folder_of("another/model", {"HF_HOME": str(cache)}) is None
    assert folder_of("some/model", {"HF_HOME": str(cache)}, revision="def456") is None


@pytest.mark.parametrize("text", ["", "no json", "[1]"])
def test_a_checkpoint_that_says_nothing_of_generation_says_nothing(tmp_path: Path, text: str) -> None:
    assert generation_of(tmp_path) == {}
    (tmp_path / "generation_config.json").write_text(text)
    assert generation_of(tmp_path) == {}
