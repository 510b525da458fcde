"""Questions to a server of ours, over HTTP: short, with a limit of time, and no answer is an answer."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from advisor.profiling.servers.ports import HOST

TIMEOUT_S = 5.0
OK = 200


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server of ours listens, and the key that it wants."""

    port: int
    api_key: str = ""

    @property
    def url(self) -> str:
        """The root of its API, without a path."""
        return f"http://{HOST}:{self.port}"

    def get(self, path: str, *, timeout_s: float = TIMEOUT_S) -> tuple[int, bytes]:
        """Return status and body; status 0 if nobody answers."""
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        try:
            with closing(HTTPConnection(HOST, self.port, timeout=timeout_s)) as connection:
                connection.request("GET", path, headers=headers)
                with connection.getresponse() as response:
                    return response.status, response.read()
        except (OSError, HTTPException) as error:
            return 0, str(error).encode()

    def get_json(self, path: str, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """Return a JSON object; empty if there is none to be had."""
        status, body = self.get(path, timeout_s=timeout_s)
        try:
            value = json.loads(body) if status == OK else {}
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}
