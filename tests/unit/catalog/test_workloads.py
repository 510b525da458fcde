"""A user's own workload file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor import catalog
from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

LAWS = "input: {mean_tokens: 100}\noutput: {mean_tokens: 20, cv: 0.5}\n"
PAIRS = "pairs: [[100, 20], [50, 10]]\n"


def workload_file(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text("name: mine\ncontent: chat\n" + text, encoding="utf-8")
    return path


@pytest.mark.parametrize("lengths", [LAWS, PAIRS])
def test_laws_or_pairs_make_a_workload(tmp_path: Path, lengths: str) -> None:
    workload = catalog.read_workload_file(workload_file(tmp_path, lengths))
    assert (workload.output is None) == (len(workload.pairs) == 2)


@pytest.mark.parametrize(
    "lengths", ["", LAWS + PAIRS, "input: {mean_tokens: 100}\n", "input: {mean_tokens: 9}\n" + PAIRS]
)
def test_anything_else_is_refused(tmp_path: Path, lengths: str) -> None:
    path = workload_file(tmp_path, lengths)
    with pytest.raises(DataError) as caught:
        catalog.read_workload_file(path)
    assert str(caught.value) == f"{path}: needs either input and output, or pairs"


def test_a_shipped_workload_is_read_alone() -> None:
    root = catalog.profiles_root()
    assert catalog.read_workload(root, "chat") == catalog.read_workloads(root)["chat"]
