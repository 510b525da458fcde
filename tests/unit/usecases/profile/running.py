"""A null server in a thread of its own, for use cases that have an event loop of theirs."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.null_server import Habits, NullServer, null_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def null_server_aside(habits: Habits) -> Iterator[NullServer]:
    """Serve until the end of the block."""
    loop = asyncio.new_event_loop()
    ready, ends = threading.Event(), asyncio.Event()
    found: list[NullServer] = []

    async def serve() -> None:
        async with null_server(habits) as server:
            found.append(server)
            ready.set()
            await ends.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()
        loop.close()
