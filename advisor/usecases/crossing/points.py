"""Points of an axis: what each contender costs there, among all plans or a part of them.

What a value of the axis leaves as it is stays: curves where only the rate or a price changes, sizes where only a price does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from advisor.domain.crossover import Scope
from advisor.usecases.crossing.axes import Renewed
from advisor.usecases.crossing.costs import lots_of, own_shelves, stalls_of
from advisor.usecases.market import Market
from advisor.usecases.plans import sizing_rate_rps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.domain.question import Question
    from advisor.planning.flips import Leaders
    from advisor.usecases.crossing.axes import Bound
    from advisor.usecases.crossing.costs import Lot, LotKey, Stalls, Standing
    from advisor.usecases.deployments import Fitting
    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.planner import Shelf


class Part(NamedTuple):
    """The plans among which the cheapest is looked for: all, those on a GPU type, or those of a price basis."""

    scope: Scope
    name: str = ""

    def holds(self, lot: Lot, shelf: Shelf) -> bool:
        """Return whether a lot on a shelf belongs to it."""
        return self.scope is Scope.OVERALL or self.name == PARTED_BY[self.scope](lot, shelf)


PARTED_BY: Mapping[Scope, Callable[[Lot, Shelf], str]] = {
    Scope.GPU: lambda lot, _shelf: lot.deployment.gpu.name,
    Scope.BASIS: lambda _lot, shelf: str(shelf.basis),
}
ALL = Part(Scope.OVERALL, "all")


@dataclass(eq=False)
class Field:
    """All that competes at one value of the axis: entries by contender in each part, and the rate to size for."""

    stalls: Stalls
    question: Question
    _parts: dict[Part, Stalls] = field(default_factory=dict)
    _contenders: dict[Part, dict[str, Stalls]] = field(default_factory=dict)
    _places: dict[tuple[LotKey, str], int] = field(default_factory=dict)

    @property
    def rate_rps(self) -> float:
        """Rate that plans are sized for."""
        return sizing_rate_rps(self.question)

    def place_of(self, key: LotKey, basis: str) -> int | None:
        """Return which entry is a lot on a shelf of a price basis; None where there is none."""
        if not self._places:
            pairs = zip(self.stalls.lots, self.stalls.shelves, strict=True)
            self._places.update({(lot.key, str(shelf.basis)): i for i, (lot, shelf) in enumerate(pairs)})
        return self._places.get((key, basis))

    def contenders(self, part: Part) -> dict[str, Stalls]:
        """Return the entries of a part by contender."""
        if part not in self._contenders:
            self._contenders[part] = self.entries(part).split(lambda lot, _shelf: lot.deployment.contender)
        return self._contenders[part]

    def entries(self, part: Part) -> Stalls:
        """Return the entries of a part."""
        if part not in self._parts:
            self._parts[part] = self.stalls if part == ALL else self.stalls.part(part.holds)
        return self._parts[part]


@dataclass(eq=False)
class Points:
    """The points of an axis of a question."""

    bound: Bound
    market: Market
    shipped: Shipped
    _fields: dict[tuple[float, str], Field] = field(default_factory=dict)
    _found: dict[tuple[float, Part, str], Standing | None] = field(default_factory=dict)
    hints: dict[object, int] = field(default_factory=dict)
    _led: dict[tuple[float, Part], Leaders] = field(default_factory=dict)

    def parts(self, scope: Scope) -> list[Part]:
        """Return the parts of a scope in which two contenders meet, by name."""
        if scope is Scope.OVERALL:
            return [ALL]
        seen: dict[str, set[str]] = {}
        stalls = self._base.stalls
        for lot, shelf in zip(stalls.lots, stalls.shelves, strict=True):
            seen.setdefault(PARTED_BY[scope](lot, shelf), set()).add(lot.deployment.contender)
        return [Part(scope, name) for name in sorted(seen) if len(seen[name]) > 1]

    def standings(self, value: float, part: Part = ALL) -> Mapping[str, Standing]:
        """Return the cheapest plan of each contender at a value of the axis; those that cannot do it are left out."""
        names = self.field(value, part).contenders(part)
        found = {name: self.cheapest(value, part, name) for name in names}
        return {name: standing for name, standing in found.items() if standing is not None}

    def cheapest(self, value: float, part: Part, name: str) -> Standing | None:
        """Return the cheapest plan of a contender at a value of the axis; None where it cannot do it."""
        key = (value, part, name)
        if key not in self._found:
            found = self.field(value, part)
            stalls = found.contenders(part).get(name)
            self._found[key] = stalls.cheapest(found.rate_rps) if stalls else None
        return self._found[key]

    def leaders(self, value: float, part: Part = ALL) -> Leaders:
        """Return the contenders that are cheapest at a value of the axis, within a tie, by name."""
        key = (value, part)
        if key not in self._led:
            found = self.field(value, part)
            self._led[key] = tuple(sorted(found.entries(part).leading(found.rate_rps)))
        return self._led[key]

    def field(self, value: float, part: Part = ALL) -> Field:
        """Return what competes at a value of the axis, at least in a part."""
        question, shipped = self.bound.applied((self.market.question, self.shipped), value)
        if self.bound.renews is Renewed.RATE:
            return replace(self._base, question=question)
        gpu = part.name if part.scope is Scope.GPU and (value, "") not in self._fields else ""
        key = (value, gpu)
        if key not in self._fields:
            self._fields[key] = self._made(question, shipped, value, gpu)
        return self._fields[key]

    def _made(self, question: Question, shipped: Shipped, value: float, gpu: str) -> Field:
        market, renews = self.market, self.bound.renews
        if renews is Renewed.PRICES and self.bound.gpu:
            own = own_shelves(self.bound.gpu, Decimal(repr(value)), today=question.today)
            return Field(stalls_of(market, self._lots, own=own), question)
        if renews is Renewed.CURVES:
            gpus = (gpu,) if gpu else rentable(market)
            market = Market.of(question.model_copy(update={"gpus": gpus}), shipped, base=market)
        elif gpu:
            market = on_gpu(market, gpu)
        return Field(stalls_of(market, lots_of(market, question.limits, hints=self.hints)), question)

    @cached_property
    def _lots(self) -> list[Lot]:
        priced = (self.bound.gpu,) if self.bound.gpu else ()
        return lots_of(self.market, self.market.question.limits, hints=self.hints, priced=priced)

    @cached_property
    def _base(self) -> Field:
        return Field(stalls_of(self.market, self._lots), self.market.question)


def rentable(market: Market) -> tuple[str, ...]:
    """Return the GPU types that can be rented and run something; a new value of an axis does not add others."""
    names = {item.deployment.gpu.name for group in market.fitting.values() for item in group}
    return tuple(sorted(name for name in names if market.planner.book.offers(name)))


def on_gpu(market: Market, gpu: str) -> Market:
    """Return the part of a market that one GPU type has."""
    kept = {
        name: [(item, curve) for item, curve in zip(items, market.curves[name], strict=True) if _is_on(item, gpu)]
        for name, items in market.fitting.items()
    }
    return replace(
        market,
        fitting={name: [item for item, _ in pairs] for name, pairs in kept.items() if pairs},
        curves={name: [curve for _, curve in pairs] for name, pairs in kept.items() if pairs},
    )


def _is_on(item: Fitting, gpu: str) -> bool:
    return item.deployment.gpu.name == gpu
