"""Where the formulas are known to be weak, and the simulation decides instead.

Knows the limits of the formulas. Refuses to know what they are asked for.
"""

from collections.abc import Iterator

VALID_LOAD = 0.85
"""Share of saturation up to which percentiles were validated."""
VALID_DISPERSION = 10.0
"""Variance-to-mean ratio of arrival counts above which the formulas came out 57 to 98 % too low."""
VALID_PREFILL_SHARE = 0.35
"""Share of time spent on prompts above which p95 came out 19 to 49 % too low: prompts hold up everybody."""
VALID_TTFT_DISPERSION = 2.0
"""The same ratio above which the p95 of TTFT was 26 % off: the gated recursion assumes Poisson arrivals."""
FEW_SLOTS = 16
"""Slots up to which uneven arrivals made p95 10 % wrong and more: few requests average little out."""
FEW_SLOTS_DISPERSIONS = (0.5, 2.0)
"""Range of the ratio in which they did not."""


def weaknesses(
    *, load: float, arrival_scv: float, prefill_share: float, first_token: bool, slots: int | None = None
) -> Iterator[str]:
    """Yield in words why the formulas must not be trusted, nothing where they may be.

    Parameters
    ----------
    load
        Arrival rate over saturation rate.
    arrival_scv
        Squared variation of the gaps, or the dispersion of the counts.
    prefill_share
        Share of each replica's time that prompts take.
    first_token
        Whether TTFT is limited.
    slots
        Requests that one replica serves at once; None: not looked at.

    References
    ----------
    Methods sections 1.4, 1.5 and 6: errors against simulation and against traces of real services.
    """
    if load > VALID_LOAD:
        yield f"load {load * 100:.0f} % of saturation"
    if arrival_scv > VALID_DISPERSION:
        yield f"arrivals in bursts (dispersion {arrival_scv:.0f})"
    elif (
        slots is not None
        and slots <= FEW_SLOTS
        and not FEW_SLOTS_DISPERSIONS[0] <= arrival_scv <= FEW_SLOTS_DISPERSIONS[1]
    ):
        yield f"few slots under uneven arrivals (dispersion {arrival_scv:.2g})"
    if prefill_share > VALID_PREFILL_SHARE:
        yield f"{prefill_share * 100:.0f} % of the time on prompts"
    if first_token and arrival_scv > VALID_TTFT_DISPERSION:
        yield f"TTFT under bursts (dispersion {arrival_scv:.1f})"
