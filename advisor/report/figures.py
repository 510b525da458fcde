"""How one figure looks to a reader: rounded for the eye, grouped by thousands, with its unit."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")
_MS_PER_S = 1000.0
_LEAST_TOLD = 0.001
"""Smallest distance of a probability from 0 and 1 that is told as a figure."""
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def number(value: float) -> str:
    """Return three significant digits, or the whole number when it has more."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):,.10g}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, in the plural where there is not one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def money(usd: Decimal) -> str:
    """Return dollars and cents, or four significant digits below one cent."""
    if usd == 0 or abs(usd) >= _CENT:
        return f"${usd:,.2f}"
    return f"${Decimal(f'{usd:.4g}'):f}"


def milliseconds(duration_ms: float | None) -> str:
    """Return a duration in the unit that suits its size; a dash when it has no meaning."""
    if duration_ms is None:
        return "-"
    if duration_ms < _MS_PER_S:
        return f"{float(f'{duration_ms:.3g}'):g} ms"
    seconds = duration_ms / _MS_PER_S
    return f"{seconds:,.0f} s" if seconds >= 100 else f"{seconds:.3g} s"


def seconds(duration_s: float) -> str:
    """Return a duration in the unit that suits its size."""
    return milliseconds(duration_s * _MS_PER_S)


def share(fraction: float) -> str:
    """Return a fraction as a percentage."""
    percent = fraction * 100
    return f"{percent:.0f} %" if abs(percent) >= 10 or percent == 0 else f"{percent:.1f} %"


def fine_share(fraction: float) -> str:
    """Return a fraction near 1 as a percentage of four digits: what is missing matters."""
    percent = f"{fraction * 100:.4g}"
    return f"{fraction * 100:.6g} %" if percent == "100" and fraction < 1 else f"{percent} %"


def probability(fraction: float) -> str:
    """Return a probability as a percentage; one that rounds to 0 or 1 is never told as sure."""
    if fraction < _LEAST_TOLD:
        return f"under {_LEAST_TOLD * 100:.1f} %"
    return f"over {100 - _LEAST_TOLD * 100:.1f} %" if fraction > 1 - _LEAST_TOLD else f"{fraction * 100:.1f} %"


def signed_share(fraction: float) -> str:
    """Return a difference as a percentage with its sign."""
    sign = "" if fraction == 0 else "+" if fraction > 0 else "-"
    return f"{sign}{share(abs(fraction))}"


def gib(size_bytes: float) -> str:
    """Return a size in GiB (2**30 bytes), or in MiB when it is less than a tenth of one."""
    size_gib = size_bytes / 2**30
    return f"{size_gib:,.1f} GiB" if size_gib >= 0.1 else f"{size_bytes / 2**20:,.3g} MiB"


def metric(value: float, unit: str) -> str:
    """Return a figure with a decimal prefix, such as ``3.35 TB/s``."""
    for factor, prefix in _PREFIXES:
        if abs(value) >= factor:
            return f"{number(value / factor)} {prefix}{unit}"
    return f"{number(value)} {unit}"
