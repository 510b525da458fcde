"""What an answer knew, so that it can be given again."""

from pydantic import NonNegativeInt

from advisor.domain.value import Value


class Knowledge(Value):
    """How much there was to know: facts of the profiles as a digest, and how many rows and runs the database held.

    A database only grows, so its first so many rows and runs are what was known. `allow_simulated` says whether runs of
    the demo engine counted.
    """

    profiles_digest: str = ""
    rows: NonNegativeInt = 0
    runs: NonNegativeInt = 0
    allow_simulated: bool = False
