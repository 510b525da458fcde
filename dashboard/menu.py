"""The pages in the order of the menu; the first one opens. A new page is one entry here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dashboard.views import campaigns, crossover, evidence, load, method, prices, recommend, review

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.state import Asked


class Entry(NamedTuple):
    """A page: its address, its title, its sign, and what shows it."""

    path: str
    title: str
    icon: str
    show: Callable[[Asked], None]


PAGES = (
    Entry("recommend", "Recommend", ":material/recommend:", recommend.page),
    Entry("crossover", "Crossover", ":material/compare_arrows:", crossover.page),
    Entry("load", "Load", ":material/timeline:", load.page),
    Entry("prices", "Prices", ":material/sell:", prices.page),
    Entry("evidence", "Evidence", ":material/query_stats:", evidence.page),
    Entry("campaigns", "Campaigns", ":material/labs:", campaigns.page),
    Entry("review", "Review", ":material/description:", review.page),
    Entry("method", "Method", ":material/functions:", method.page),
)
