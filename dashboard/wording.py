"""What the product says of options, in the words of the form: a visitor sees fields."""

from __future__ import annotations

import re

from dashboard.fields import FIELDS, SIMULATE_LABEL, UPLOADS

_LABELS = {
    **{f"--{entry.option}": f'"{entry.label}"' for entry in FIELDS},
    **{f"--{entry.option}": f'"{entry.label}"' for entry in UPLOADS},
    "--no-simulate": f'"{SIMULATE_LABEL}" off',
}

_COMMAND_OR_OPTION = re.compile(r"`[^`]*`|\badvisor [a-z]+[^,;]*|(?<![\w-])--[a-z][a-z0-9-]*")
"""Commands to copy come first, so that options within them are left alone."""


def in_labels(text: str) -> str:
    """Return a message in which options are called as their fields are; commands to copy stay as they are."""
    return _COMMAND_OR_OPTION.sub(lambda found: _LABELS.get(found[0], found[0]), text)
