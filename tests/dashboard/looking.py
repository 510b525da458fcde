"""A page as a visitor sees it, without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

LIMIT_S = 60


def look(page: str = "recommend", **address: str) -> AppTest:
    """Open a page at an address, whose fields are written with underscores, and run it once."""
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415 - an extra

    shown = AppTest.from_string(f"from dashboard.frame import show\nshow({page!r})", default_timeout=LIMIT_S)
    for name, value in address.items():
        shown.query_params[name.replace("_", "-")] = value
    return shown.run()


def words(shown: AppTest) -> str:
    """Return all that a page says outside of tables."""
    kinds = (shown.markdown, shown.caption, shown.error, shown.warning, shown.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
