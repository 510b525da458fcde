"""Pictures of every page, in both themes and two widths: `python -m tests.dashboard.screenshots FOLDER`.

Without a folder, the pictures that the README shows are taken anew. Needs Chromium and playwright.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.benchmarks.bench_dashboard import FLAGS, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOWN = Path(__file__).parents[2] / "dashboard" / "screenshots"
QUESTION = "qps=50&workload=chat"
FLIPPING = "qps=2&isl=800&osl=300&e2e=1300ms&gpus=h100-sxm-80gb&crossover.and=output-tokens"
PAGES = {
    "recommend": f"?{QUESTION}",
    "crossover": f"crossover?{FLIPPING}",
    "load": f"load?{QUESTION}",
    "prices": f"prices?{QUESTION}",
    "evidence": f"evidence?{QUESTION}",
    "campaigns": f"campaigns?{QUESTION}",
    "review": f"review?{QUESTION}",
    "method": f"method?{QUESTION}",
}
IN_README = ("recommend", "crossover")
WIDTHS_PX = {"wide": (1280, 800), "phone": (390, 844)}
THEMES = ("light", "dark")
SETTLED_MS = 2500
"""Time that charts take to be drawn once the page has all of them."""


def picture(browser: Browser, url: str, path: Path, *, theme: str, size: tuple[int, int], whole: bool) -> None:
    """Take one picture once the page has settled; the whole page, or what is seen at first."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": 2600 if whole else height}, color_scheme=theme)  # type: ignore[arg-type]  # a literal
    page.goto(url)
    page.locator("h3").first.wait_for(timeout=60_000)
    page.locator("[data-test-script-state='notRunning']").wait_for(timeout=60_000)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=str(path))
    page.close()


def main() -> None:
    """Take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with served() as (address, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        if len(sys.argv) > 1:
            folder = Path(sys.argv[1])
            folder.mkdir(parents=True, exist_ok=True)
            for name, place in PAGES.items():
                for theme in THEMES:
                    for width, size in WIDTHS_PX.items():
                        path = folder / f"{name}-{theme}-{width}.png"
                        picture(browser, f"{address}/{place}", path, theme=theme, size=size, whole=True)
        else:
            SHOWN.mkdir(exist_ok=True)
            for name in IN_README:
                path = SHOWN / f"{name}.png"
                picture(browser, f"{address}/{PAGES[name]}", path, theme="light", size=WIDTHS_PX["wide"], whole=False)
        browser.close()


if __name__ == "__main__":
    main()
