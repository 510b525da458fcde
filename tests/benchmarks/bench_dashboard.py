"""How quick the dashboard is, by hand: `python tests/benchmarks/bench_dashboard.py`. Prints medians, asserts nothing.

Cold start: from the command to a server that answers. First visit: from the address, opened at that moment, to the decision
and to the last change of the page, in a browser without a cache. Later visit: the same by somebody else. Changed load: from
the Enter key to both, each load asked for the first time. Needs Chromium and playwright.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def served() -> Iterator[tuple[str, float]]:
    """Serve the dashboard on an empty database; give out its address and how long it took to answer [s]."""
    port = free_port()
    words = [sys.executable, "-m", "advisor", "dashboard", "--no-open", "--port", str(port)]
    began = time.perf_counter()
    with (
        tempfile.NamedTemporaryFile(suffix=".db") as empty,
        subprocess.Popen(
            [*words, "--db", f"sqlite:///{empty.name}"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}", time.perf_counter() - began
        finally:
            process.terminate()


def wait_for(url: str) -> None:
    """Wait until an address answers."""
    while True:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - http, of this machine
                return
        except OSError:
            time.sleep(0.02)


WATCH = """
window.seen = {};
new MutationObserver(() => {
  const now = performance.now();
  for (const h of document.querySelectorAll("h3")) {
    const text = h.textContent;
    if (!text.includes(" serves ") || text in window.seen) continue;
    window.seen[text] = null;  // told once it is painted, at the second frame from here
    requestAnimationFrame(() => requestAnimationFrame(() => { window.seen[text] = performance.now(); }));
  }
  window.changed = now;
}).observe(document, {subtree: true, childList: true, characterData: true});
document.addEventListener("keydown", (e) => { if (e.key === "Enter") window.asked = performance.now(); }, true);
"""
"""The page times itself: asking from outside, in ever longer steps, told up to 0.5 s too much."""

SETTLED_MS = 1500
"""A page that has not changed for so long is complete."""


@dataclass
class Times:
    """Seconds until the decision is painted, and until the page last changed."""

    decision_s: list[float] = field(default_factory=list)
    complete_s: list[float] = field(default_factory=list)

    def add(self, page: Page, qps: int, *, since: str) -> None:
        """Wait for the page to settle and note its times, counted from a moment in its own clock."""
        decided = f"Object.entries(window.seen).find(([text]) => text.includes(' serves {qps} qps'))?.[1]"
        page.wait_for_function(f"{decided} != null && performance.now() - window.changed > {SETTLED_MS}")
        self.decision_s.append(page.evaluate(f"({decided} - {since}) / 1e3"))
        self.complete_s.append(page.evaluate(f"(window.changed - {since}) / 1e3"))


def visit(browser: Browser, url: str, times: Times) -> Page:
    """Open the first page in a browser that has never seen it."""
    page = browser.new_context().new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    times.add(page, 50, since="0")
    return page


def ask(page: Page, qps: int, times: Times) -> None:
    """Change the load and wait for its answer."""
    load = page.get_by_label("Requests per second", exact=True)
    load.fill(str(qps))
    load.press("Enter")
    times.add(page, qps, since="window.asked")


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    starts_s: list[float] = []
    first, next_one, answers = Times(), Times(), Times()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for run in range(repeats):
            with served() as (url, start_s):
                starts_s.append(start_s)
                visit(browser, url, first).context.close()
                page = visit(browser, url, next_one)
                for i in range(4):
                    ask(page, 4 + 7 * run + 40 * i, answers)
                page.context.close()
        browser.close()
    say("cold start", starts_s)
    for name, times in (("first visit", first), ("later visit", next_one), ("changed load", answers)):
        say(f"{name}, decision", times.decision_s)
        say(f"{name}, all of the page", times.complete_s)


def say(name: str, times_s: list[float]) -> None:
    """Print a median with its range."""
    sys.stdout.write(
        f"{name:30}{median(times_s):6.2f} s  ({min(times_s):.2f} to {max(times_s):.2f}, {len(times_s)} times)\n"
    )


if __name__ == "__main__":
    main()
