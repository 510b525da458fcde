"""What inputs offer to choose from: names of the catalog, read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor import catalog
from advisor.domain.model import Content, Precision
from advisor.domain.offer import PriceBasis
from advisor.domain.routing import Routing
from advisor.usecases.listing import list_gpus, list_models, list_workloads
from dashboard.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PERCENTILES = ("mean", "p50", "p90", "p95", "p99", "p99.9")


@st.cache_data(show_spinner=False)
def choices() -> dict[str, tuple[str, ...]]:
    """Return the names behind each list of choices."""
    profiles = settings().profiles
    return {
        "workloads": _names(list_workloads(profiles).rows),
        "gpus": _names(list_gpus(profiles).rows),
        "models": _names(list_models(profiles).rows),
        "daily": tuple(catalog.read_daily_profiles(profiles or catalog.profiles_root())),
        "contents": tuple(str(kind) for kind in Content),
        "precisions": tuple(str(kind) for kind in Precision),
        "price_bases": tuple(str(kind) for kind in PriceBasis),
        "routings": tuple(str(kind) for kind in Routing),
        "percentiles": PERCENTILES,
        "benchmarks": _benchmarks(profiles or catalog.profiles_root()),
    }


def _benchmarks(root: Path) -> tuple[str, ...]:
    """Return the benchmarks that count solved tasks, which alone can stand for pass rates."""
    scores = [score for model in catalog.read_models(root).values() for score in model.scores]
    return tuple(sorted({score.benchmark for score in scores if score.unit == "%" and score.higher_is_better}))


def _names(rows: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    return tuple(str(row["name"]) for row in rows)
