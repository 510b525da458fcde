"""Where the shipped profiles lie."""

from __future__ import annotations

from hashlib import sha256
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


def samples_root() -> Path | None:
    """Return the folder of sample results that the importers are judged on: as the profiles, or None where there is none."""
    package = Path(__file__).resolve().parent.parent
    places = (package / "_shipped" / "samples", package.parent / "tests" / "golden" / "results")
    return next((root for root in places if root.is_dir()), None)


def digest_of(root: Path) -> str:
    """Return what stands for all files of a profile folder: SHA-256 over their names and contents, hexadecimal."""
    found = sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
