"""A port that is kept for a server."""

from __future__ import annotations

import socket
import sys

import pytest

from advisor.profiling.servers.ports import HOST, is_free, reserved_port


def test_a_server_may_listen_on_the_port_that_is_kept_for_it() -> None:
    with reserved_port() as port, socket.create_server((HOST, port)) as server:
        assert not is_free(port)
        with socket.create_connection((HOST, port)), server.accept()[0]:
            pass
    assert is_free(port)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port cannot be kept for somebody else")
def test_the_system_gives_a_kept_port_to_nobody() -> None:
    with reserved_port() as port:
        for _ in range(2000):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind((HOST, 0))
                assert other.getsockname()[1] != port
