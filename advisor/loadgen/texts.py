"""The user's own prompts: a JSONL file, or a JSON file as ShareGPT is spread."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HINT = "each entry has a field prompt, messages or conversations"
USERS = frozenset({"human", "user"})


def read_texts(path: Path) -> tuple[str, ...]:
    """Return the prompts of a file: of a conversation, what the user said.

    Raises
    ------
    DataError
        If the file cannot be read, is no JSON, or has an entry without a prompt, with its line (of a JSON file: its number).
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as problem:
        raise DataError(str(path), (problem.strerror or str(problem)).lower()) from None
    except UnicodeDecodeError:
        raise DataError(str(path), "is not UTF-8 text") from None
    entries = _list(path, text) if text.lstrip().startswith("[") else _lines(path, text)
    texts = tuple(_prompt(where, entry) for where, entry in entries)
    if not texts:
        raise DataError(str(path), "has no prompts", hint=HINT)
    return texts


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", _load(f"{path}:{number}", line)


def _list(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, entry in enumerate(_load(str(path), text), start=1):
        yield f"{path}: entry {number}", entry


def _load(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise DataError(where, f"is no JSON: {problem.msg} at column {problem.colno}") from None


def _prompt(where: str, entry: Any) -> str:
    text = "\n\n".join(filter(None, map(str.strip, _said(entry)))) if isinstance(entry, dict) else ""
    if not text:
        raise DataError(where, "has no prompt", hint=HINT)
    return text


def _said(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what the user said in an entry, whichever of the known forms it has."""
    turns = entry.get("messages") or entry.get("conversations")
    if isinstance(entry.get("prompt"), str):
        yield entry["prompt"]
    elif isinstance(turns, list):
        for turn in turns:
            if isinstance(turn, dict) and (turn.get("role") or turn.get("from")) in USERS:
                yield from _parts(turn.get("content", turn.get("value")))


def _parts(content: Any) -> Iterator[str]:
    """Yield the text of a turn: one string, or the text parts of a list."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
