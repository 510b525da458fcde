"""Campaigns on a test cluster, driven through the command line, with engines that are doubles of vLLM's shape."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DOUBLE = shlex.join([sys.executable, str(Path(__file__).with_name("engine_double.py"))])
SHORT = {"name": "short", "content": "chat", "input": {"mean_tokens": 40}, "output": {"mean_tokens": 20}}
RULES = {"repeats": 1, "requests": 12, "warmup_s": 0, "stall_s": 20, "attempts": 9}
"""Runs are short, and many attempts allowed: on a busy machine some do not count, since the client was late."""
WITHIN_S = 120.0


def double_on(gpu: str, **fields: Any) -> dict[str, Any]:
    """Return a deployment of the engine double, as a campaign file says it."""
    usual = {"model": "gemma-4-26b-a4b", "gpu": gpu, "precision": "fp8", "checkpoint": "a/double", "max_num_seqs": 16}
    return {**usual, "executable": DOUBLE, **fields}


@dataclass
class CampaignFile:
    """A campaign in a folder of its own: its file, its database, and what its engines leave there."""

    folder: Path
    deployments: Sequence[Mapping[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    habits: Mapping[str, Any] = field(default_factory=dict)
    levels: Sequence[int] = (1, 4)
    name: str = "doubles"

    def __post_init__(self) -> None:
        self.records.mkdir(parents=True)
        env = {"DOUBLE_RECORDS": str(self.records), "DOUBLE_HABITS": json.dumps(dict(self.habits))}
        told = {
            "name": self.name,
            "workloads": [SHORT],
            "deployments": [{**one, "env": {**env, **one.get("env", {})}} for one in self.deployments],
            "loads": [{"kind": "closed", "concurrency": level} for level in self.levels],
            "rules": {**RULES, **self.rules},
        }
        self.path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")

    @property
    def path(self) -> Path:
        """The campaign file."""
        return self.folder / "campaign.yaml"

    @property
    def records(self) -> Path:
        """Where engines leave a note of each start."""
        return self.folder / "records"

    @property
    def database(self) -> Path:
        """Where results go."""
        return self.folder / "advisor.db"

    @property
    def url(self) -> str:
        """The database as the command line names it."""
        return f"sqlite:///{self.database}"

    def engines(self) -> list[dict[str, Any]]:
        """Return the notes of all engines that were started, in that order."""
        return [
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.records.glob("*.json"), key=_moment)
        ]

    def start(self, verb: str, *words: str) -> Driver:
        """Start `advisor profile` with this campaign."""
        return Driver.start(["profile", verb, str(self.path), "--db", self.url, *words], self.folder)

    def run(self, verb: str, *words: str) -> Driver:
        """Run `advisor profile` with this campaign to its end."""
        driver = self.start(verb, *words)
        driver.wait()
        return driver

    def status(self) -> dict[str, Any]:
        """Return what `advisor profile status` says."""
        return self.run("status", "-f", "json").answer()


def _moment(path: Path) -> int:
    return int(path.stem.partition("-")[2])


@dataclass
class Driver:
    """A command of ours at work: what it answers, and what it tells meanwhile."""

    process: subprocess.Popen[str]
    out: Path
    err: Path

    @classmethod
    def start(cls, words: Sequence[str], folder: Path) -> Driver:
        """Start a command whose own files go to a folder."""
        number = time.monotonic_ns()
        out, err = folder / f"{number}.out", folder / f"{number}.err"
        env = {**os.environ, "XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "200"}
        with out.open("w") as told, err.open("w") as complained:
            command = [sys.executable, "-m", "advisor", *words]
            process = subprocess.Popen(command, stdout=told, stderr=complained, text=True, env=env)
        return cls(process, out, err)

    def wait(self, within_s: float = WITHIN_S) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(within_s)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def answer(self) -> dict[str, Any]:
        """Return what it answered, in JSON."""
        text = self.out.read_text(encoding="utf-8")
        assert text, self.complaints
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def complaints(self) -> str:
        """What it wrote to standard error beside its progress."""
        lines = self.err.read_text(encoding="utf-8").splitlines()
        return "\n".join(line for line in lines if not line.startswith("{"))

    def events(self) -> list[dict[str, Any]]:
        """Return what it has told so far with `--progress json`."""
        text = self.err.read_text(encoding="utf-8")
        finished = text[: text.rfind("\n") + 1].splitlines()
        return [json.loads(line) for line in finished if line.startswith("{")]

    def hears(self, holds: Callable[[dict[str, Any]], bool], within_s: float = WITHIN_S) -> dict[str, Any]:
        """Wait for an event and return it."""
        until = time.monotonic() + within_s
        while not (found := [event for event in self.events() if holds(event)]):
            assert not self.ended, self.err.read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)
        return found[0]


def ended(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of cells that ended, but for runs that do not count."""
    return [event for event in events if event["event"] == "cell_ended" and event.get("valid") is not False]


def measured(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of cells that were measured."""
    return [event for event in ended(events) if event["outcome"] == "measured"]
