"""How often a measured row lies within the 90 % interval that we give without any row of its GPU type."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.evidence import Place
from advisor.evidence.anchors import RUN_LOG_SD
from advisor.usecases.calibrate import fitted_priors, published_groups
from advisor.usecases.curves import GRID
from advisor.usecases.fitting import fit_constants
from advisor.usecases.grounding.evidence import Evidence, cell_of
from advisor.usecases.grounding.grounds import Lengths, batched_share, level_of
from advisor.usecases.grounding.rows import log_ratios
from advisor.usecases.validating.estimator import rows_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.domain.measurement import Measurement
    from advisor.usecases.grounding.rows import RowGroup
    from advisor.usecases.grounding.shipped import Shipped

    FloatArray = NDArray[np.float64]

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """A measured row, and where it lies among the draws of what it might show, 0 to 1."""

    row: Measurement
    place: float

    @property
    def contender(self) -> str:
        """Model and drafter of the row."""
        return self.row.model if self.row.speculative is None else f"{self.row.model}+{self.row.speculative}"


def unseen_rows(shipped: Shipped, *, seed: int) -> list[Seen]:
    """Return every usable published row with its place among what is believed without any row of its GPU type.

    The constants are fitted without them as well. The draws are those of `recommend`, with the error of a run on top.
    """
    groups, priors = published_groups(shipped.root), fitted_priors(shipped.root)
    seen: list[Seen] = []
    for gpu in sorted({row.gpu for group in groups for row in group.rows}):
        constants = fit_constants(rows_on(gpu, groups, inside=False), priors=priors)
        others = tuple(row for row in shipped.measurements if row.gpu != gpu)
        evidence = Evidence(replace(shipped, constants=constants, measurements=others))
        rng = np.random.default_rng(seed)
        for group in rows_on(gpu, groups, inside=True):
            faster = -log_ratios(group, constants=constants)
            seen += _seen(group, faster, evidence, rng)
    return seen


def _seen(group: RowGroup, faster: FloatArray, evidence: Evidence, rng: np.random.Generator) -> list[Seen]:
    """Return the rows of a group; ``faster`` is the log of measured over modeled speed, ``(rows,)``."""
    places: list[Place] = []
    middles: list[float] = []
    for row, deployment in zip(group.rows, group.deployments, strict=True):
        lengths = Lengths(row.input_tokens, row.output_tokens)
        (ground,) = evidence.grounds([deployment], grid=GRID, cycles_s=np.ones((1, GRID.size)), lengths=lengths)
        level = float(level_of(row))
        middles.append(float(np.interp(np.log(level), np.log(GRID), np.log(ground.factors))))
        share = float(batched_share(np.array(level)))
        places.append(Place(cell_of(deployment), share, ground.log_sd_at(level)))
    drawn = evidence.draw(places, draws=DRAWS, seed=int(rng.integers(2**32)))
    drawn = drawn + np.array(middles)[:, None] + RUN_LOG_SD * rng.standard_normal(drawn.shape)
    found = (drawn < faster[:, None]).mean(axis=1)
    return [Seen(row, float(place)) for row, place in zip(group.rows, found, strict=True)]


def by_contender(seen: list[Seen]) -> dict[str, list[Seen]]:
    """Return rows by contender."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.contender].append(one)
    return dict(sorted(groups.items()))
