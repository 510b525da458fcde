"""Reading a text file, or saying why it cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark.

    Raises
    ------
    DataError
        If the file is missing, is a folder, may not be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(str(path), "no such file") from None
    except IsADirectoryError:
        raise DataError(str(path), "is a folder, not a file") from None
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        raise DataError(f"{path}:{line}", "is not UTF-8 text", hint="save the file as UTF-8") from None
    except OSError as problem:
        raise DataError(str(path), (problem.strerror or str(problem)).lower()) from None


def list_files(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a folder with this suffix, by name.

    Raises
    ------
    DataError
        If the folder is missing.
    """
    if not folder.is_dir():
        raise DataError(str(folder), "no such folder")
    return sorted(path for path in folder.iterdir() if path.suffix == suffix)
