"""What the dashboard was started with, after `--` on its command line."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

from advisor.usecases.addresses import shown_arguments


class Sources(TypedDict):
    """Where the figures of a use case come from."""

    profiles: Path | None
    database: str | None
    allow_simulated: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Where figures come from: a folder of profiles and a database, None for the usual ones."""

    profiles: Path | None = None
    database: str | None = None
    allow_simulated: bool = False

    @property
    def sources(self) -> Sources:
        """The same for a use case."""
        return Sources(profiles=self.profiles, database=self.database, allow_simulated=self.allow_simulated)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The same on the command line of `advisor recommend`."""
        return (
            *(("--profiles", str(self.profiles)) if self.profiles else ()),
            *(("--db", self.database) if self.database else ()),
            *(("--allow-simulated",) if self.allow_simulated else ()),
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """The same as visitors may see it: without the password of a database."""
        return shown_arguments(self.arguments)


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    parser = argparse.ArgumentParser(prog="advisor dashboard")
    parser.add_argument("--profiles", type=Path)
    parser.add_argument("--db")
    parser.add_argument("--allow-simulated", action="store_true")
    given, _ = parser.parse_known_args(sys.argv[1:])
    return Settings(given.profiles, given.db, given.allow_simulated)
