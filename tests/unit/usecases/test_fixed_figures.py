"""Figures that no formula gives are shown with what is believed of them, and from where."""

from __future__ import annotations

from advisor.physics.constants import Constants
from advisor.usecases.fixed_figures import fixed_figures


def test_every_constant_has_a_unit_a_reason_and_a_source() -> None:
    found = fixed_figures(None).constants
    assert tuple(line.name for line in found) == Constants.names()
    assert all(line.unit and line.meaning and line.why and line.source_url.startswith("https://") for line in found)
    assert all(line.value > 0 and line.prior_value > 0 and line.prior_log_sd > 0 for line in found)


def test_every_assumption_says_how_far_it_reaches() -> None:
    found = fixed_figures(None).assumptions
    assert found
    assert all(line.note and line.source_url and line.unit for line in found)
