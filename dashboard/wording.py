"""What the product says of options, in the words of the form: a visitor sees fields."""

from __future__ import annotations

import re

from dashboard.fields import FIELDS, SIMULATE_LABEL, UPLOADS

_LABELS = {
    **{f"--{entry.option}": f'"{entry.label}"' for entry in FIELDS},
    **{f"--{entry.option}": f'"{entry.label}"' for entry in UPLOADS},
    "--no-simulate": f'"{SIMULATE_LABEL}" off',
    "--axis": "axis",
    "--draft": '"Draft"',
    "--owner": '"Owner of the decision"',
    "--replicas": '"Replicas"',
    "--requests": '"Requests to simulate"',
    "--title": '"Title"',
}
"""Inputs of the form, then those of single pages."""

_ON_NO_PAGE = "--(?:duration|max-price-age|min-basis|range)"

_PARTS = re.compile(
    r"(?P<command>`[^`]*`|\badvisor [a-z]+[^,;]*)"
    rf"|(?P<unsaid>\s*\({_ON_NO_PAGE}\)|,? or (?:[a-z]+ )*{_ON_NO_PAGE}\b|(?:[,;.] )?\bsee --help[^,;.]*)"
    r"|(?P<example>(?<=for example )--[a-z][a-z0-9-]* (?=\S+$|[^\s,;]+[,;]))"
    r"|(?P<option>(?<![\w-])--[a-z][a-z0-9-]*)"
)
"""Commands to copy come first, so that options within them are left alone. An example of one option is shown as its value."""


def in_labels(text: str) -> str:
    """Return a message in which options are called as their fields are; commands to copy stay as they are.

    Advice that names an option of no page is left out, and so is the way to `--help`.
    """
    return _PARTS.sub(_told, text)


def _told(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "option":
            return _LABELS.get(found[0], found[0])
        case "command":
            return found[0]
        case _:
            return ""
