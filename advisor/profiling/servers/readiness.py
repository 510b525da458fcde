"""Waits until a server answers for its model, tells how far it has come, and sees at once if it never will."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from advisor.profiling.servers.asking import OK
from advisor.profiling.servers.progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.profiling.servers.asking import Address
    from advisor.profiling.servers.kept import Kept
    from advisor.profiling.servers.logs import Log
    from advisor.profiling.servers.progress import StartProgress

LOOK_S = 0.1


class NotReadyError(Exception):
    """The server did not become ready in time; it still runs."""


class DiedError(Exception):
    """The server ended before it was ready."""


def await_ready(
    kept: Kept, log: Log, address: Address, *, served_name: str, within_s: float, tell: Callable[[StartProgress], None]
) -> None:
    """Return once the server answers for its model.

    Raises
    ------
    DiedError
        As soon as its process has ended.
    NotReadyError
        If that takes longer than `within_s`.
    """
    until = time.monotonic() + within_s
    told: StartProgress | None = None
    while not serves(address, served_name):
        if not kept.alive():
            raise DiedError
        if time.monotonic() > until:
            raise NotReadyError
        progress = progress_of(log.grown())
        if progress is not None and progress != told:
            tell(told := progress)
        time.sleep(LOOK_S)
    if not kept.alive():  # someone else answered at that port
        raise DiedError


def serves(address: Address, served_name: str) -> bool:
    """Say whether a server is healthy and lists the model."""
    if address.get("/health")[0] != OK:
        return False
    models = address.get_json("/v1/models").get("data", [])
    return served_name in [model.get("id") for model in models]
