"""Where the shipped profiles lie."""

from __future__ import annotations

from pathlib import Path

from advisor.errors import DataError


def profiles_root() -> Path:
    """Return the folder of the profiles: inside an installed package, or beside it in a checkout.

    Raises
    ------
    DataError
        If neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for root in (package / "_shipped" / "profiles", package.parent / "profiles"):
        if root.is_dir():
            return root
    raise DataError(
        str(package.parent / "profiles"), "no profiles here", hint="reinstall advisor, or pass their folder"
    )
