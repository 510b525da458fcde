"""An answer loads only what it needs: a process of half a second has no time for libraries it does not use."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from advisor.store import open_store
from tests.runs import profiled
from tests.unit.store.filled import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HEAVY = {
    "alembic", "altair", "httptools", "pandas", "prometheus_client", "psutil", "ray", "rich", "scipy", "sqlalchemy", "streamlit",
    "torch", "vl_convert", "vllm", "weasyprint",
}  # fmt: skip
ASK = """
import json, sys
from advisor.cli.app import run
code = run(["recommend", "--qps", "50", "--today", "2026-11-23", "-o", sys.argv[1], "-f", "json", *sys.argv[2:]])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def loaded_by_a_recommendation(folder: Path, *options: str) -> set[str]:
    """Return the names of all that is loaded by the time a recommendation is given."""
    command = [sys.executable, "-c", ASK, str(folder / "answer.json"), *options]
    code, loaded = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert code == 0
    return set(loaded)


def test_a_recommendation_loads_no_heavy_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    loaded = loaded_by_a_recommendation(tmp_path)
    assert "numpy" in loaded
    assert HEAVY & loaded == set()


def test_nor_does_one_that_knows_the_runs_of_a_sqlite_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_store(url) as store:
        store.add_runs(RECORD, [profiled("run-1", campaign_id=RECORD.id)])
    assert HEAVY & loaded_by_a_recommendation(tmp_path, "--db", url) == set()
    with open_store(url) as store:
        assert len(store.recommendations()) == 1
