"""How many replicas to install so that enough are up."""

from math import exp, lgamma, log

MOST_SPARES = 64


def spares_needed(needed: int, *, availability: float, target: float) -> int:
    """Return the fewest spares with P(at least ``needed`` replicas are up) >= target.

    Replicas are up or down independently, each with the same probability: a binomial law. A host that takes several
    replicas with it is not modeled.

    Parameters
    ----------
    needed
        Replicas that must be up, at least 1.
    availability
        Share of time that one replica is up, in (0, 1).
    target
        Share of time that enough are up, in (0, 1).

    Raises
    ------
    ValueError
        If a share is outside (0, 1), ``needed`` is below 1, or twice as many and ``MOST_SPARES`` do not suffice.
    """
    if needed < 1 or not 0.0 < availability < 1.0 or not 0.0 < target < 1.0:
        raise ValueError("needed must be at least 1, availability and target strictly between 0 and 1")
    for spares in range(MOST_SPARES + needed + 1):
        if enough_up(needed, installed=needed + spares, availability=availability) >= target:
            return spares
    raise ValueError(f"no number of spares reaches {target} with replicas that are up {availability} of the time")


def enough_up(needed: int, *, installed: int, availability: float) -> float:
    """Return P(at least ``needed`` of ``installed`` replicas are up), by summing over how many are down."""
    return sum(_down(lost, installed=installed, availability=availability) for lost in range(installed - needed + 1))


def _down(lost: int, *, installed: int, availability: float) -> float:
    """Return P(exactly so many are down); in logs, since fleets of thousands overflow otherwise."""
    ways = lgamma(installed + 1) - lgamma(lost + 1) - lgamma(installed - lost + 1)
    return exp(ways + lost * log(1.0 - availability) + (installed - lost) * log(availability))
