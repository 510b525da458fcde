"""How quick the dashboard is, by hand: `python tests/benchmarks/bench_dashboard.py`. Prints medians, asserts nothing.

Cold start: from the command to a server that answers. First paint: from the address to the decision, in a new browser
context, once on a server that nobody has visited and then on a warm one. Answer: from a changed load to its decision, each
load asked for the first time. Needs Chromium and playwright.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
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
    words = [sys.executable, "-m", "advisor", "dashboard", "--no-open", "--port", str(port), "--db", "sqlite://"]
    began = time.perf_counter()
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
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


def first_paint_s(browser: Browser, url: str) -> float:
    """Return the time from the address to the decision on the page [s]."""
    with browser.new_context() as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(url)
        page.locator("h3", has_text="serves 50 qps").first.wait_for()
        return time.perf_counter() - began


def answer_s(page: Page, qps: int) -> float:
    """Return the time from a changed load to its decision on the page [s]."""
    load = page.get_by_label("Requests per second", exact=True)
    load.fill(str(qps))
    began = time.perf_counter()
    load.press("Enter")
    page.locator("h3", has_text=f"serves {qps} qps").first.wait_for()
    return time.perf_counter() - began


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    starts, colds, warms, answers = [], [], [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for run in range(repeats):
            with served() as (url, start_s):
                starts.append(start_s)
                colds.append(first_paint_s(browser, url))
                warms.append(first_paint_s(browser, url))
                page = browser.new_page()
                page.goto(url)
                page.locator("h3", has_text="serves 50 qps").first.wait_for()
                answers += [answer_s(page, 3 + 7 * run + 40 * i) for i in range(4)]
                page.close()
        browser.close()
    told = (("cold start", starts), ("first paint, cold", colds), ("first paint, warm", warms), ("answer", answers))
    for name, times_s in told:
        shown = f"{median(times_s):8.2f} s  ({min(times_s):.2f} to {max(times_s):.2f}, {len(times_s)} times)"
        sys.stdout.write(f"{name:20}{shown}\n")


if __name__ == "__main__":
    main()
