"""What is started, by kind of server: the command line, and the environment that differs from ours."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.domain.campaign import Flag, ServedDeployment, ServerKind
from advisor.profiling.servers.logs import HIDDEN, secrets_of
from advisor.profiling.servers.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CLAMPED_FROM = 128
"""From so many slots on, vLLM serves block diffusion with 8, without a word (models section 3.2)."""
OURS = frozenset({"host", "port", "served-model-name"})
"""Flags that a campaign cannot set."""
KEY_VARIABLE = "VLLM_API_KEY"

Flags = dict[str, Flag]
Built = tuple[list[str], dict[str, str]]


class CannotStartError(Exception):
    """No command can be made of a deployment; says why."""


class NotInstalledError(CannotStartError):
    """The engine's command is not on this machine."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, its whole environment, what a client must know, and the sizes that were asked for."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]
    served_name: str
    api_key: str
    secrets: frozenset[str]
    sizes: Mapping[str, Flag]

    def shown(self) -> tuple[str, ...]:
        """Return the command line without its secrets."""
        return tuple(HIDDEN if word in self.secrets else word for word in self.arguments)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deployment to serve at a port; `canvas_tokens` is None for a model that writes token by token."""

    deployment: ServedDeployment
    port: int
    canvas_tokens: int | None
    flags: Flags

    @property
    def served_name(self) -> str:
        """The name in requests."""
        return self.deployment.served_name or self.deployment.model

    @property
    def address(self) -> Flags:
        """The flags that say where it is served, and as what."""
        return {"served-model-name": self.served_name, "host": HOST, "port": self.port}

    @property
    def sizes(self) -> Flags:
        """The flags of slots and token budget, where they are given."""
        fields = {name: getattr(self.deployment, name) for name in ("max_num_seqs", "max_num_batched_tokens")}
        return {_flag_name(name): value for name, value in fields.items() if value is not None}


def command_of(deployment: ServedDeployment, *, port: int, canvas_tokens: int | None) -> Command:
    """Return the command that serves a deployment.

    Raises
    ------
    CannotStartError
        If the engine is not installed here, or a setting is missing or would silently become another one.
    """
    flags = {_flag_name(name): value for name, value in deployment.flags.items()}
    if taken := sorted(OURS & flags.keys()):
        raise CannotStartError(f"`flags:` sets {taken[0]}, which is set by the profiler; leave it out")
    wanted = Wanted(deployment, port, canvas_tokens, flags)
    arguments, env = BUILDERS[deployment.server](wanted)
    return Command(
        arguments=tuple(arguments),
        env=env,
        served_name=wanted.served_name,
        api_key=str(flags.get("api-key") or deployment.env.get(KEY_VARIABLE, "")),
        secrets=secrets_of({**env, **flags}),
        sizes={"tensor-parallel-size": deployment.tensor_parallel, **wanted.sizes, **flags},
    )


def _vllm(wanted: Wanted) -> Built:
    deployment = wanted.deployment
    _refuse_what_would_differ(wanted)
    env = _environment(deployment, VLLM_SERVER_DEV_MODE="1")  # the engine then tells its effective settings
    engine = _executable(deployment.executable or "vllm", env)
    flags: Flags = {
        **wanted.address,
        "tensor-parallel-size": deployment.tensor_parallel,
        "disable-uvicorn-access-log": True,  # a line per request would push out of the log what matters
        **wanted.sizes,
        **wanted.flags,
    }
    return [*engine, "serve", deployment.checkpoint, *_words(flags)], env


def _demo(wanted: Wanted) -> Built:
    deployment = wanted.deployment
    chosen = {"precision": deployment.precision, "speculative": deployment.speculative}
    flags: Flags = {
        "model": deployment.model,
        "gpu": deployment.gpu,
        "tensor-parallel": deployment.tensor_parallel,
        **{name: str(value) for name, value in chosen.items() if value},
        **wanted.address,
        **wanted.sizes,
        **wanted.flags,
    }
    return [sys.executable, "-m", "advisor", "demo-engine", *_words(flags)], _environment(deployment)


BUILDERS: dict[ServerKind, Callable[[Wanted], Built]] = {ServerKind.VLLM: _vllm, ServerKind.DEMO: _demo}


def _refuse_what_would_differ(wanted: Wanted) -> None:
    """Refuse a deployment that would start, and serve something else than its fields say."""
    deployment, slots = wanted.deployment, wanted.deployment.max_num_seqs
    if not deployment.checkpoint:
        raise CannotStartError(f"{deployment.label}: no checkpoint is named; set `checkpoint:`")
    if deployment.speculative and "speculative-config" not in wanted.flags:
        raise CannotStartError(f"{deployment.label}: drafter {deployment.speculative} has no `speculative-config`")
    if wanted.canvas_tokens is None or "max-num-seqs" in wanted.flags:
        return
    if slots is None or slots >= CLAMPED_FROM:
        given = "is not set" if slots is None else f"{slots} is too many"
        raise CannotStartError(
            f"{deployment.label}: max_num_seqs {given}; block diffusion is silently served with 8 slots"
            f" unless it is given and below {CLAMPED_FROM}"
        )


def _executable(named: str, env: Mapping[str, str]) -> list[str]:
    """Return the words of the engine's command, the first one found on this machine."""
    first, *others = shlex.split(named)
    found = shutil.which(str(Path(first).expanduser()), path=env.get("PATH"))
    if found is None:
        raise NotInstalledError(
            f"{first}: no such command on {socket.gethostname()}; install the engine there, or name its command with `executable:`"
        )
    return [found, *others]


def _environment(deployment: ServedDeployment, **chosen: str) -> dict[str, str]:
    """Return the environment of a server: ours, what its kind needs, what the campaign says.

    A key for our own use must not lock the server. The engine's neighbors (compilers, its Python) are found before others.
    """
    env = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    env |= {"PYTHONUNBUFFERED": "1", **chosen, **deployment.env}
    folder = Path(shlex.split(deployment.executable)[0]).expanduser().parent if deployment.executable else Path()
    if folder.is_absolute():
        env["PATH"] = os.pathsep.join(filter(None, (str(folder), env.get("PATH", ""))))
    return env


def _flag_name(name: str) -> str:
    return name.removeprefix("--").replace("_", "-")


def _words(flags: Flags) -> list[str]:
    """Return flags as words of a command line: true is a bare flag, false its opposite."""
    words: list[str] = []
    for name, value in flags.items():
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        else:
            words += [f"--{name}", str(value)]
    return words
