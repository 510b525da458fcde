"""What is recorded of machine and software."""

from __future__ import annotations

import os
import socket
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from advisor.domain.campaign import ServerKind
from advisor.profiling.servers import machine
from advisor.profiling.servers.asking import Address
from advisor.profiling.servers.command import Command
from advisor.profiling.servers.software import confirmed, software_of

if TYPE_CHECKING:
    from pathlib import Path


def command_on(*arguments: str, env: dict[str, str] | None = None) -> Command:
    return Command(arguments, {**os.environ, **(env or {})}, "m", "", frozenset({"open-sesame"}), {})


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which an engine and a torch for CUDA 13.0 are installed."""
    for name, version in (("vllm", "0.33.0"), ("torch", "2.14.0+cu130")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise AssertionError('torch was imported')")
    (tmp_path / "torch" / "version.py").write_text(
        "__version__ = '2.14.0+cu130'\ncuda: Optional[str] = '13.0'\nhip = None\n"
    )
    return {"PYTHONPATH": str(tmp_path)}


def test_versions_are_asked_of_the_python_of_the_engine_without_importing_torch(installed: dict[str, str]) -> None:
    software = software_of(command_on(sys.executable, "-m", "vllm", env=installed), ServerKind.VLLM)
    assert (software.engine, software.engine_version) == ("vllm", "0.33.0")
    assert (software.torch, software.cuda) == ("2.14.0+cu130", "13.0")
    assert software.python == ".".join(str(part) for part in sys.version_info[:3])


@pytest.mark.parametrize("start", ["#!{python}\n", '#!/bin/sh\n\'\'\'exec\' "{python}" "$0" "$@"\n'])
def test_the_python_of_a_script_is_in_its_first_lines(installed: dict[str, str], tmp_path: Path, start: str) -> None:
    script = tmp_path / "vllm"
    script.write_text(start.format(python=sys.executable))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assert software_of(command_on(str(script), env=installed), ServerKind.VLLM).torch == "2.14.0+cu130"


def test_an_engine_without_a_python_tells_nothing_beforehand(tmp_path: Path) -> None:
    binary = tmp_path / "vllm"
    binary.write_bytes(b"\x7fELF\x00\x01")
    software = software_of(command_on(str(binary)), ServerKind.VLLM)
    assert (software.engine, software.engine_version, software.torch) == ("vllm", "", "")


def test_the_command_is_recorded_without_secrets() -> None:
    software = software_of(command_on(sys.executable, "serve", "--api-key", "open-sesame"), ServerKind.VLLM)
    assert software.command == (sys.executable, "serve", "--api-key", "***")


def test_the_running_server_has_the_last_word(installed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Address, "get", lambda *_, **__: (200, b'{"version": "0.33.1"}'))
    known = software_of(command_on(sys.executable, env=installed), ServerKind.VLLM)
    told = confirmed(
        known.model_copy(update={"cuda": ""}), Address(1), {"cuda_compiled_version": "12.8", "torch_version": "9"}
    )
    assert (told.engine_version, told.cuda, told.torch) == ("0.33.1", "12.8", "2.14.0+cu130")


def test_the_demo_engine_has_the_version_of_the_advisor(installed: dict[str, str]) -> None:
    software = software_of(command_on(sys.executable, env=installed), ServerKind.DEMO)
    assert (software.engine, software.engine_version) == ("advisor-demo", software.advisor_version)


def test_the_machine_is_named_with_its_processor() -> None:
    hardware = machine.hardware_of({}, gpus=1)
    assert hardware.hostname == socket.gethostname()
    assert hardware.cpu
    assert hardware.cpu_count == os.cpu_count()


def test_the_image_is_what_the_container_was_told_else_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere, mounts = tmp_path / "nowhere", tmp_path / "mountinfo"
    monkeypatch.setattr(machine, "_PODMAN", nowhere)
    monkeypatch.setattr(machine, "_MOUNTS", nowhere)
    assert machine.image_of({}) == ""
    assert machine.image_of({"CONTAINER_IMAGE": "vllm/vllm-openai:v0.33.0"}) == "vllm/vllm-openai:v0.33.0"
    number = "0123456789abcdef" * 4
    mounts.write_text(f"36 35 8:1 /var/lib/docker/containers/{number}/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n")
    monkeypatch.setattr(machine, "_MOUNTS", mounts)
    assert machine.image_of({}) == "0123456789ab"
