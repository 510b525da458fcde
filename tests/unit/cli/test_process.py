"""The command as a process: start-up, exit codes, pipes and crashes."""

from __future__ import annotations

import json
import subprocess
import sys

SLOW_TO_IMPORT = ("numpy", "pydantic", "rich", "scipy", "sqlalchemy", "yaml")
FAKED = """
import sys, types
from tests.fakes import FakeUseCases
from tests import samples
class Patch:
    setitem = staticmethod(lambda mapping, key, value: mapping.__setitem__(key, value))
fakes = FakeUseCases(problem={problem})
fakes.install(Patch())
from advisor.cli import main
sys.argv = ["advisor", "recommend", "--qps", "50"]
main()
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_the_command_starts_with_typer_and_nothing_slow() -> None:
    code = "import sys, json, typer; own = set(sys.modules); import advisor.cli; print(json.dumps(list(set(sys.modules) - own)))"
    assert not set(SLOW_TO_IMPORT) & set(json.loads(_run("-c", code).stdout))


def test_reports_are_drawn_without_rich_or_anything_slow() -> None:
    loaded = _run("-c", "import sys, json, advisor.report.render; print(json.dumps(sorted(sys.modules)))")
    assert not {"numpy", "rich", "scipy", "sqlalchemy", "typer"} & set(json.loads(loaded.stdout))


def test_the_module_is_the_command_and_wrong_use_leaves_with_2() -> None:
    done = _run("-m", "advisor", "recommend")
    assert done.returncode == 2
    assert done.stderr.startswith("error: missing --qps\nhint: ")
    assert not done.stdout


def test_an_answer_leaves_with_0_and_a_quiet_standard_error() -> None:
    done = _run("-c", FAKED.format(problem=None))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Serve example-ar-26b")


def test_a_bug_crashes_with_its_traceback() -> None:
    done = _run("-c", FAKED.format(problem="ZeroDivisionError('a bug')"))
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError: a bug" in done.stderr


def test_a_reader_that_leaves_early_is_no_failure() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "advisor", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0
