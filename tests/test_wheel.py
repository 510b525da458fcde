"""What is installed answers like the checkout it was built from, profiles included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
QUESTION = ("recommend", "--qps", "50", "--format", "json", "--today", "2026-11-23")

pytestmark = [pytest.mark.slow, pytest.mark.grid]


def _run(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env={**os.environ, "XDG_DATA_HOME": str(cwd), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from the checkout, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def _answer(text: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text)
    assert answer.pop("generated_at")
    return answer


def test_the_wheel_carries_code_profiles_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"advisor/py.typed", "advisor/_shipped/profiles/calibration/constants.yaml"} <= names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"advisor", wheel.name.rsplit("-", 3)[0] + ".dist-info"}
    shipped = {name.removeprefix("advisor/_shipped/") for name in names if name.startswith("advisor/_shipped/profiles")}
    assert shipped == {str(path.relative_to(ROOT)) for path in (ROOT / "profiles").rglob("*") if path.is_file()}
    assert not [name for name in names if name.endswith(".pyc")]


def test_an_installed_wheel_answers_like_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    _run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site, wheel, cwd=tmp_path)
    command = (site / "bin" / "advisor", *QUESTION)
    installed = _run(*command, cwd=elsewhere, PYTHONPATH=str(site))
    checkout = _run(sys.executable, "-m", "advisor", *QUESTION, cwd=ROOT, XDG_DATA_HOME=str(tmp_path))
    assert _answer(installed) == _answer(checkout)


def test_an_installed_wheel_is_the_one_that_is_imported(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    where = _run(
        sys.executable,
        "-c",
        "from advisor.catalog import profiles_root; print(profiles_root())",
        cwd=tmp_path,
        PYTHONPATH=str(site),
    )
    assert Path(where.strip()) == site / "advisor" / "_shipped" / "profiles"
