"""Gamma laws of mean 1, read off a percentile."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma

from advisor.evidence import gamma_lattice, scv_of_p95
from advisor.evidence.spread import MOST_SCV, gamma_share

SCVS = [0.0011, 0.01, 0.1, 0.5, 1.0, 2.0, 3.9]


@pytest.mark.parametrize("scv", SCVS)
def test_the_share_below_a_size_is_that_of_scipy(scv: float) -> None:
    law = gamma(1.0 / scv, scale=scv)
    sizes = law.ppf([0.01, 0.3, 0.5, 0.95, 0.999])
    assert gamma_share(sizes, scv=scv) == pytest.approx(law.cdf(sizes), abs=1e-9)


@pytest.mark.parametrize("scv", SCVS)
def test_the_variation_is_found_again_from_its_own_percentile(scv: float) -> None:
    assert scv_of_p95(float(gamma(1.0 / scv, scale=scv).ppf(0.95))) == pytest.approx(scv, rel=1e-4)


@pytest.mark.parametrize(
    ("ratio", "scv"), [(1.0, 0.0), (0.5, 0.0), (1.05, 0.0), (2.9957, 1.0), (4.9, MOST_SCV), (1e6, MOST_SCV)]
)
def test_a_constant_an_exponential_and_what_is_beyond(ratio: float, scv: float) -> None:
    assert scv_of_p95(ratio) == pytest.approx(scv, abs=1e-4)


@pytest.mark.parametrize("scv", SCVS)
def test_a_lattice_has_mean_variation_and_percentiles_of_its_law(scv: float) -> None:
    values = gamma_lattice(scv, points=20_000)
    assert values.mean() == pytest.approx(1.0)
    assert values.var() == pytest.approx(scv, rel=0.005)
    assert np.quantile(values, [0.5, 0.99]) == pytest.approx(gamma(1.0 / scv, scale=scv).ppf([0.5, 0.99]), rel=0.005)
    assert (np.diff(values) >= 0).all()


def test_without_variation_all_are_alike() -> None:
    assert gamma_lattice(0.0, points=3).tolist() == [1.0, 1.0, 1.0]
