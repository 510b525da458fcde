"""The server as a process: it listens until it is told to stop, or its engine fails."""

from __future__ import annotations

import asyncio
import gc
import signal
from functools import partial
from typing import TYPE_CHECKING

from advisor.demo.connection import Connection
from advisor.demo.routes import handle
from advisor.demo.service import Service
from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.demo.scheduler import Scheduler
    from advisor.demo.setup import EngineSetup, Listening

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BACKLOG = 2048


def serve(setup: EngineSetup, listening: Listening, *, tell: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; connections that are open then are closed. `tell` gets the address once it listens.

    Raises
    ------
    InputError
        If the address is taken or does not exist.
    Exception
        What ended the engine, after its clients were told.
    """
    gc.freeze()
    gc.enable()  # the command line does without, which is right for a process of half a second
    asyncio.run(_serve(setup, listening, tell=tell))


async def _serve(setup: EngineSetup, listening: Listening, *, tell: Callable[[str], None]) -> None:
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, over.set)
    service, server = await start(setup, listening, on_failure=over.set)
    host, port = server.sockets[0].getsockname()[:2]
    tell(f"{host}:{port}")
    await over.wait()
    server.close()
    service.pacer.stop()
    if service.failed:
        raise service.failed


async def start(
    setup: EngineSetup,
    listening: Listening,
    *,
    on_failure: Callable[[], None],
    scheduler: Scheduler | None = None,
) -> tuple[Service, asyncio.Server]:
    """Start to listen on the running event loop, and return the service and its server.

    Raises
    ------
    InputError
        If the address is taken or does not exist.
    """
    loop = asyncio.get_running_loop()
    service = Service(setup, listening, loop=loop, on_failure=on_failure, scheduler=scheduler)
    connect = partial(Connection, service, partial(handle, service))
    try:
        server = await loop.create_server(connect, listening.host, listening.port, backlog=BACKLOG)
    except OSError as problem:
        where = f"{listening.host}:{listening.port}"
        raise InputError(f"cannot listen on {where}: {problem.strerror}", hint="use another --port or --host") from None
    return service, server
