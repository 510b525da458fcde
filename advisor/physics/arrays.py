"""The two array types of this room: everything broadcasts, so one call serves thousands of deployments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | int | Array
