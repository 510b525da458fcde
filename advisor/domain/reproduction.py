"""The answer to `reproduce`: whether an earlier recommendation comes out again, and if not, what stands in the way."""

from advisor.domain.answer import Answer
from advisor.domain.comparison import Change, ComparedAnswer
from advisor.domain.value import Value


class Hindrance(Value):
    """Something that is not as it was: the code, the profiles, or the runs that count. `before` and `now` are in words."""

    what: str
    before: str
    now: str


class Reproduction(Answer):
    """An earlier recommendation beside the same question asked again, with the runs that were known then.

    `same` says whether every figure is the same, bit for bit; when it was answered and by which version do not count.
    """

    before: ComparedAnswer
    again: ComparedAnswer
    same: bool
    hindrances: tuple[Hindrance, ...]
    changes: tuple[Change, ...]
