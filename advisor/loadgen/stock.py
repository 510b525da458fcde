"""Requests made ready before they are due, so that composing a prompt delays none of them."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from advisor.loadgen.asks import Ask, completions_path, request_body
from advisor.loadgen.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.loadgen.client import Client
    from advisor.loadgen.target import Target

MOST_BYTES = 32_000_000
"""Bytes of requests made before a run begins; further ones are made one by one as others end."""
SPARE = 16


class Stock:
    """Requests in the order of their places, ready to be sent."""

    def __init__(
        self, client: Client, target: Target, ask: Callable[[int], Ask], *, path: str, ahead: int, streams: int
    ) -> None:
        self._client, self._target, self._ask = client, target, ask
        self._least = streams + SPARE
        self._path = completions_path(target, path)
        self._ready: deque[tuple[Ask, bytes]] = deque()
        self._made = self._taken = made_bytes = 0
        while len(self._ready) < ahead and made_bytes < MOST_BYTES:
            made_bytes += self._make()

    def fill(self) -> None:
        """Make one request more if few are left."""
        if len(self._ready) < self._least:
            self._make()

    def _make(self) -> int:
        """Make the next request; return its bytes."""
        ask = self._ask(self._made)
        self._made += 1
        request = self._bytes(ask)
        self._ready.append((ask, request))
        return len(request)

    def take(self, ended: Callable[[Exchange], None], *, share: float = 1.0) -> Exchange:
        """Return the next request; it asks for a share of its tokens."""
        if not self._ready:
            self._make()
        ask, request = self._ready.popleft()
        if share < 1.0:
            ask = replace(ask, max_tokens=ceil(share * ask.max_tokens))
            request = self._bytes(ask)
        index, self._taken = self._taken, self._taken + 1
        return Exchange(index, request, asked_tokens=ask.max_tokens, forced=self._target.forced, ended=ended)

    def _bytes(self, ask: Ask) -> bytes:
        return self._client.request(
            self._path, request_body(self._target, ask, running_counts=self._target.running_counts)
        )
