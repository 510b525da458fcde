"""Server-sent events: from the bytes of a stream to the data of each event.

Follows the WHATWG HTML standard, section "Server-sent events": lines end in LF, CRLF or CR, a space after the colon is
optional, comments begin with a colon, data over several lines are joined. Two habits of servers are added: a field
``error`` (older llama.cpp) and events of type ``error`` are handed on as an object with a key ``error``.
"""

from __future__ import annotations

import json

DATA = b"data"
ERROR = b"error"


class EventSplitter:
    """Takes the bytes of a stream in pieces of any size; returns the data of each event that they complete."""

    __slots__ = ("_data", "_kind", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._kind = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes. A piece that is exactly one event, as servers send it, takes the short way."""
        if (
            piece.startswith(b"data: ")
            and piece.endswith(b"\n\n")
            and piece.count(b"\n") == 2
            and b"\r" not in piece
            and not (self._rest or self._data or self._kind)
        ):
            return [piece[6:-2]]
        return self._feed_any(piece)

    def finish(self) -> list[bytes]:
        """Return what a stream left behind that ended without the blank line after its last event."""
        found = self._feed_any(b"\n") if self._rest else []
        return found + self._end_event()

    def _feed_any(self, piece: bytes) -> list[bytes]:
        text = self._rest + piece
        half = b"\r" if text.endswith(b"\r") else b""  # perhaps the first half of CRLF
        if b"\r" in text:
            text = text.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest = rest + half
        return [event for line in lines for event in self._line(line)]

    def _line(self, line: bytes) -> list[bytes]:
        if not line:
            return self._end_event()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == DATA:
            self._data.append(value)
        elif name == b"event":
            self._kind = value
        elif name == ERROR:
            self._kind = ERROR
            self._data.append(value)
        return []

    def _end_event(self) -> list[bytes]:
        data, kind = self._data, self._kind
        self._data, self._kind = [], b""
        if not data:
            return []
        whole = b"\n".join(data)
        return [_as_error(whole) if kind == ERROR else whole]


def _as_error(data: bytes) -> bytes:
    """Return an error event as an object with a key ``error``, whatever it holds."""
    try:
        told = json.loads(data)
    except ValueError:
        told = data.decode(errors="replace")
    return json.dumps(told if isinstance(told, dict) and told.get("error") else {"error": told}).encode()
