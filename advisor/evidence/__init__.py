"""Choosing and fusing measured, published and modeled figures, with the spread that is left.

Knows how far a figure can be trusted. Refuses to know prices and where rows come from.
"""

from advisor.evidence.anchors import Anchor, Belief, Cell, believe
from advisor.evidence.curve import StepCurve, fit_curve
from advisor.evidence.joint import Place, draw_log_speeds
from advisor.evidence.levels import LevelCurve, level_curve
from advisor.evidence.spread import gamma_lattice, scv_of_p95

__all__ = [
    "Anchor",
    "Belief",
    "Cell",
    "LevelCurve",
    "Place",
    "StepCurve",
    "believe",
    "draw_log_speeds",
    "fit_curve",
    "gamma_lattice",
    "level_curve",
    "scv_of_p95",
]
