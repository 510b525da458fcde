"""Where a server listens, read from what a user writes as its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from advisor.errors import InputError

PORTS = {"http": 80, "https": 443}
VERSIONED = re.compile(r"/v\d+$")


@dataclass(frozen=True, slots=True)
class Address:
    """Host, port, and the paths below which a server answers: `root` for metrics, `api` for OpenAI-style requests."""

    scheme: str
    host: str
    port: int
    root: str
    api: str

    @property
    def authority(self) -> str:
        """Return host and port as the ``Host`` header wants them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"


def read_address(url: str) -> Address:
    """Read a base URL, with or without the version (``/v1``) of the interface, behind any prefix.

    Raises
    ------
    InputError
        If it is no address of a server.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _unreadable(url) from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise _unreadable(url)
    path = parts.path.rstrip("/")
    versioned = VERSIONED.search(path)
    root = path[: versioned.start()] if versioned else path
    api = path if versioned else f"{path}/v1"
    return Address(parts.scheme, parts.hostname, port or PORTS[parts.scheme], root, api)


def _unreadable(url: str) -> InputError:
    return InputError(f"{url!r} is no address of a server", hint="give scheme, host and port")
