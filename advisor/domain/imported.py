"""The answer of `advisor import`."""

from typing import Literal

from advisor.domain.run_listing import RunLine
from advisor.domain.value import Value


class Imported(Value):
    """Runs that were imported: how many are new, how many the database had already, and all of them as it holds them now."""

    schema_version: Literal[1] = 1
    added: int
    known: int
    runs: tuple[RunLine, ...]
