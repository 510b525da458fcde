"""A port for a server: free, and kept for it until it has taken it."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"


@contextmanager
def reserved_port() -> Iterator[int]:
    """Yield a port that nobody gets from the system while this lasts, and that a server may yet listen on.

    A socket that is bound but does not listen keeps the number from being given away; a server that asks for address
    reuse, as they all do, may bind to it beside us. Where a system does not allow that, the port is only likely to be free.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        port = int(holder.getsockname()[1])
        if not is_free(port):
            holder.close()
        yield port


def is_free(port: int) -> bool:
    """Say whether a server could listen on a port now."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        probe.listen()
        return True
    return False
