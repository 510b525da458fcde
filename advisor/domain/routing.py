"""How a router picks the replica that takes a request."""

from enum import StrEnum


class Routing(StrEnum):
    """Rules of a router in front of identical replicas.

    `least-outstanding` asks for the replica with the fewest unfinished requests, `power-of-two` for the better of two
    drawn at random. `round-robin` and `random` look at no replica.
    """

    LEAST_OUTSTANDING = "least-outstanding"
    ROUND_ROBIN = "round-robin"
    RANDOM = "random"
    POWER_OF_TWO = "power-of-two"
