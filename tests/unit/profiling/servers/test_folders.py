"""Folders of servers: those of a killed owner are removed, and no others."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from advisor.profiling.servers.folders import PREFIX, new_folder
from advisor.profiling.servers.sweeping import sweep

if TYPE_CHECKING:
    from pathlib import Path

OWN = """
import os, signal
from pathlib import Path
from advisor.profiling.servers.folders import new_folder
folder = new_folder()
(Path(folder.name) / "server.log").touch()
print(folder.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_the_folder_of_a_killed_owner_is_removed_with_its_log(base: Path) -> None:
    subprocess.run([sys.executable, "-c", OWN], check=False, stdout=subprocess.DEVNULL)
    assert [path.name for folder in base.iterdir() for path in folder.iterdir()] == ["server.log"]
    sweep("a-campaign")
    assert list(base.iterdir()) == []


def test_the_folder_of_a_living_owner_stays_until_it_is_closed(base: Path) -> None:
    with new_folder() as name:
        sweep("a-campaign")
        assert [str(path) for path in base.iterdir()] == [name]
    assert list(base.iterdir()) == []


@pytest.mark.parametrize("name", [f"{PREFIX}abc12_d3", f"{PREFIX}-x", f"{PREFIX}notes-1-2", "advisor-servers-1-1-x"])
def test_a_folder_that_names_no_owner_is_none_of_ours(name: str, base: Path) -> None:
    (base / name).mkdir()
    sweep("a-campaign")
    assert (base / name).is_dir()


def test_a_link_is_not_followed(base: Path) -> None:
    (base / "kept").mkdir()
    (base / f"{PREFIX}1-1-x").symlink_to(base / "kept")
    sweep("a-campaign")
    assert (base / "kept").is_dir()
