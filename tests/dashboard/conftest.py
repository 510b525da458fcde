"""The dashboard is an extra: without Streamlit its tests are skipped."""

from __future__ import annotations

import pytest

pytest.importorskip("streamlit", reason="the dashboard's tests need the extra `dashboard`")
