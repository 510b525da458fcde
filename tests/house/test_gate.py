"""What is left out of the suite by default is run by the gate, so that every test is run before a change is taken in."""

from __future__ import annotations

import re
import tomllib

from tests.house.source import ROOT

GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PYTEST = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]


def test_every_marker_that_is_left_out_by_default_is_run_by_the_gate() -> None:
    left_out = set(re.findall(r"not (\w+)", PYTEST["addopts"][-1]))
    assert left_out
    assert set(re.findall(r"pytest .*-m (\w+)", GATE)) == left_out


def test_no_marker_is_left_out_that_is_not_described() -> None:
    described = {line.partition(":")[0] for line in PYTEST["markers"]}
    assert set(re.findall(r"not (\w+)", PYTEST["addopts"][-1])) <= described
