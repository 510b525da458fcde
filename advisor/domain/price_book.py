"""The price book as a question sees it, and what the price of one GPU type does to its answer."""

from datetime import date
from decimal import Decimal

from advisor.domain.crossover import CostPoint, Crossover
from advisor.domain.offer import Offer
from advisor.domain.review import PriceStanding
from advisor.domain.value import Value


class BookLine(Value):
    """An offer, its age on the day of the question, and whether the question uses it.

    `standing` is whether it may stand in a document that is signed, and `standing_reason` why not. `unused_because` is empty
    where the question uses it.
    """

    offer: Offer
    usd_per_gpu_hour: Decimal
    age_days: int
    standing: PriceStanding
    standing_reason: str
    unused_because: str


class PriceBookView(Value):
    """All offers, own prices first, then by GPU, basis and price of a GPU.

    `priced_on` is the day from which ages count for use: the day of the newest price once the whole book has aged. Prices
    older than `most_age_days` on that day are not used.
    """

    today: date
    priced_on: date
    most_age_days: int
    lines: tuple[BookLine, ...]


class Stay(Value):
    """Up to which price of a GPU-hour the cheapest plan of all is on GPUs of that type.

    `until_usd` is None where no price of the axis changes that: `at_low` says whether it is on them at its low end, and so on
    the whole axis. `then` is the cheapest plan elsewhere, None where there is none on the axis.
    """

    gpu: str
    at_low: bool
    until_usd: float | None
    then: CostPoint | None = None


class PriceEffect(Value):
    """What the price of a GPU-hour of one type does: where another contender leads, and until when that GPU does.

    Plans are by formula; `recommend` may take one up to 2 % dearer that is faster.
    """

    crossover: Crossover
    stay: Stay
