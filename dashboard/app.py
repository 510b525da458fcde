"""The dashboard: `advisor dashboard`, or `streamlit run dashboard/app.py`."""

import sys
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # `dashboard` is a package beside, not above, this script

from dashboard.frame import navigate

navigate()
