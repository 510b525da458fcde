"""An answer loads only what it needs: a process of half a second has no time for libraries it does not use."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HEAVY = {
    "alembic", "altair", "httptools", "pandas", "prometheus_client", "psutil", "ray", "rich", "scipy", "sqlalchemy", "streamlit",
    "torch", "vl_convert", "vllm",
}  # fmt: skip
ASK = """
import json, sys
from advisor.cli.app import run
code = run(["recommend", "--qps", "50", "--today", "2026-11-23", "-o", sys.argv[1], "-f", "json"])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def test_a_recommendation_loads_no_heavy_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "answer.json")], capture_output=True, text=True, check=True
    )
    code, loaded = json.loads(done.stdout)
    assert code == 0
    assert "numpy" in loaded
    assert HEAVY & set(loaded) == set()
