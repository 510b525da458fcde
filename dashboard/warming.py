"""What the first visitor would wait for, worked out before one comes: `advisor dashboard` runs this file beside the server.

Answers are kept for all visitors, so that the first one finds the question of the empty form answered.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as in `app.py`

from dashboard.answers import Failure, recommendation, told
from dashboard.choices import choices
from dashboard.crossover_answers import flips
from dashboard.fields import FIELDS
from dashboard.state import START, Asked

PAUSE_S = 2.0
"""Pause before the curve, which a page shows last: a visitor who is there already would have to share the processor."""


def warm() -> None:
    """Answer the question that every new visitor begins with."""
    if isinstance(told(choices)(), Failure):
        return  # each page says so
    first = Asked(tuple((field.option, START[field.option]) for field in FIELDS if field.option in START))
    recommendation(first)
    time.sleep(PAUSE_S)
    flips(first, "qps")


if __name__ == "__main__":
    warm()
