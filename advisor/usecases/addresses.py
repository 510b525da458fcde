"""Addresses of databases as a reader may see them: without the password of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DATABASE_OPTION = "--db"


def shown(url: str) -> str:
    """Return an address that can be shown to anybody."""
    from advisor.store.locations import place  # noqa: PLC0415 - only where an address is shown

    return url if url.startswith("sqlite") else place(url)


def in_one_spelling(url: str | None) -> str:
    """Return the address of a database such that two are equal where they mean the same; None is the user's own."""
    from advisor.store.locations import default_url, sqlite_file  # noqa: PLC0415 - likewise

    address = url or default_url()
    path = sqlite_file(address)
    return address.replace(str(path), str(path.resolve()), 1) if path else address


def shown_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command line with the addresses of databases as they can be shown to anybody."""
    words: list[str] = []
    for word in arguments:
        if words and words[-1] == DATABASE_OPTION:
            words.append(shown(word))
        elif word.startswith(f"{DATABASE_OPTION}="):
            words.append(f"{DATABASE_OPTION}={shown(word.removeprefix(f'{DATABASE_OPTION}='))}")
        else:
            words.append(word)
    return tuple(words)
