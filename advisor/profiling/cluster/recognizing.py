"""Whether a GPU is the one that was meant, by what its driver tells: Ray's names leave the form and the memory out."""

from __future__ import annotations

import re

FORMS = {"sxm": "SXM|HBM3", "pcie": "PCIE", "nvl": r"NVL(?!\d)"}
"""Forms as in the names of the profiles, and how a driver's name shows them."""
MEMORY = re.compile(r"-(\d+)gb$")
MEMORY_SHARE = 0.2
"""Drivers tell up to 8 % more bytes than a GPU is sold with, or some less; sizes on sale differ by more."""


def mismatch(gpu: str, *, name: str, memory_bytes: int | None) -> str:
    """Return what shows that a GPU is not the one of a profile; empty if nothing does.

    >>> mismatch("h100-sxm-80gb", name="NVIDIA H100 PCIe", memory_bytes=85_520_000_000)
    'the GPU is a NVIDIA H100 PCIe'
    >>> mismatch("h100-sxm-80gb", name="NVIDIA H100 80GB HBM3", memory_bytes=85_520_000_000)
    ''
    """
    wanted = next((form for form in FORMS if f"-{form}" in gpu), None)
    shown = next((form for form, sign in FORMS.items() if re.search(sign, name.upper())), None)
    if wanted and shown and wanted != shown:
        return f"the GPU is a {name}"
    sold = MEMORY.search(gpu)
    if sold is None or memory_bytes is None:
        return ""
    share = memory_bytes / (int(sold[1]) * 10**9)
    return f"the GPU is a {name} with {memory_bytes / 1e9:.0f} GB" if abs(share - 1) > MEMORY_SHARE else ""
