"""Working on a campaign as the only one, and ending in order when told to."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.campaign import Limits
    from advisor.store.database import Store


@contextmanager
def claimed(held: Store, campaign_id: str, *, limits: Limits | None = None) -> Iterator[str]:
    """Hold a campaign, so that no other process works on it, and say within which limits; yield what the claim is called.

    Raises
    ------
    MeasureError
        If another living process holds it.
    """
    claim = held.claim(campaign_id, host=socket.gethostname(), pid=os.getpid(), limits=limits)
    try:
        yield claim
    finally:
        held.release(claim)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let a request to terminate end the work as an interrupt does: servers stop, what was measured stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
