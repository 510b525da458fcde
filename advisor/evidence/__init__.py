"""Choosing and fusing measured, published and modeled figures, with the spread that is left.

Knows how far a figure can be trusted. Refuses to know prices and where rows come from.
"""

from advisor.evidence.anchors import Anchor, Belief, Cell, believe
from advisor.evidence.curve import StepCurve, fit_curve

__all__ = ["Anchor", "Belief", "Cell", "StepCurve", "believe", "fit_curve"]
