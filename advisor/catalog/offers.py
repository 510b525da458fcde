"""The price book: one CSV file per provider, a date and a page on every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from advisor.catalog.faults import first_fault
from advisor.catalog.tables import read_table
from advisor.catalog.texts import list_files
from advisor.domain.offer import Offer

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "a price needs a date (as_of), a page (source_url) and a positive amount of US dollars per hour"


def read_offers(root: Path) -> tuple[Offer, ...]:
    """Read every offer of the price book."""
    offers = TypeAdapter(list[Offer])
    return tuple(offer for path in list_files(root / "prices", ".csv") for offer in _read_file(path, offers))


def _read_file(path: Path, offers: TypeAdapter[list[Offer]]) -> list[Offer]:
    table = read_table(path, tuple(Offer.model_fields))
    try:
        return offers.validate_python([dict(zip(table.columns, row, strict=True)) for row in table.rows])
    except ValidationError as problem:
        location, sentence = first_fault(problem)
        raise table.fault(int(location[0]), str(location[1]), sentence, hint=_HINT) from None
