"""A visitor in a real browser: asks, changes the question, looks at the pages, uploads, follows a link, downloads."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.browser

playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 60_000
TRACE = Path(__file__).parents[2] / "profiles" / "traces" / "azure-conversation-2023.csv"

if CHROMIUM is None:
    pytest.skip("the browser tests need Chromium (Debian: apt-get install chromium)", allow_module_level=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the dashboard as a user does, from an empty folder, on an empty database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("dashboard")
    words = [sys.executable, "-m", "advisor", "dashboard", "--no-open", "--port", str(port), "--db", "sqlite://"]
    with subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE) as served:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", served)
        yield f"http://127.0.0.1:{port}"
        served.terminate()


def _wait_for(url: str, served: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert served.poll() is None, served.stderr and served.stderr.read().decode()
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - http, of this machine
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the dashboard does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(PATIENCE_MS)
    foreign: list[str] = []
    opened.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    yield opened
    asked_outside = [url for url in foreign if url.startswith(("http:", "https:", "ws:", "wss:"))]
    opened.close()
    assert asked_outside == []


def decision(page: Page) -> str:
    return page.locator("h3", has_text=" serves ").first.inner_text()


def settle(page: Page) -> None:
    """Wait until the page has been worked out; inputs are drawn anew meanwhile."""
    page.wait_for_timeout(300)
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()


def unfold(page: Page, group: str) -> None:
    """Open a group of inputs."""
    page.locator('[data-testid="stSidebar"]').get_by_text(group, exact=True).last.click()
    page.wait_for_timeout(500)


def wait_for_decision(page: Page, *words: str) -> None:
    for word in words:
        page.locator("h3", has_text=word).first.wait_for()
    settle(page)


def test_a_visitor_asks_and_sees_the_decision_change_with_load_gpu_and_price(page: Page, address: str) -> None:
    page.goto(address)
    wait_for_decision(page, "50 qps of chat")
    before = decision(page)
    load = page.get_by_label("Requests per second", exact=True)
    load.fill("2")
    load.press("Enter")
    wait_for_decision(page, "2 qps of chat")
    assert decision(page) != before
    unfold(page, "GPUs and models")
    chosen = page.get_by_label("GPU types", exact=True)
    chosen.click()
    chosen.type("h100-sxm-80gb", delay=20)
    page.get_by_role("option", name="h100-sxm-80gb").wait_for()
    chosen.press("Enter")
    wait_for_decision(page, "h100-sxm-80gb serves 2 qps")
    page.locator("h3", has_text=" serves ").first.click()  # closes the list of GPU types
    settle(page)
    unfold(page, "Prices")
    price = page.get_by_label("Own price per GPU-hour", exact=True)
    price.fill("h100-sxm=1.11")
    price.press("Enter")
    wait_for_decision(page, "for $1.11/h")
    assert "gpu-cost=h100-sxm" in page.url.replace("%3D", "=")


def test_a_shared_link_opens_the_same_view(page: Page, address: str) -> None:
    page.goto(f"{address}/?qps=7&workload=rag&gpus=h200-sxm-141gb")
    wait_for_decision(page, "7 qps of rag", "h200-sxm-141gb")
    assert page.get_by_label("Requests per second", exact=True).input_value() == "7"


def test_an_uploaded_trace_is_the_workload_and_a_broken_one_is_told_with_its_line(
    page: Page, address: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("t_s,input_tokens,output_tokens\n0,100,20\n1,many,20\n", encoding="utf-8")
    page.goto(f"{address}/?qps=5&workload=chat")
    wait_for_decision(page, "5 qps of chat")
    unfold(page, "Workload")
    page.locator("input[type=file]").first.set_input_files(str(broken))
    page.get_by_text("column input_tokens").first.wait_for()
    assert page.get_by_text(":3").first.is_visible()
    page.locator("input[type=file]").first.set_input_files(str(TRACE))
    wait_for_decision(page, "5 qps of azure-conversation-2023")
    page.get_by_text("--trace azure-conversation-2023.csv").first.wait_for()
    page.reload()
    wait_for_decision(page, "5 qps of azure-conversation-2023")
    page.get_by_role("link", name="Load").first.click()
    page.locator("h3", has_text="The plan under load").wait_for()
    assert "trace=azure-conversation-2023.csv" in page.url


def test_answers_are_downloaded_as_the_command_line_writes_them(page: Page, address: str) -> None:
    page.goto(f"{address}/?qps=5&workload=chat")
    wait_for_decision(page, "5 qps of chat")
    with page.expect_download() as given:
        page.get_by_role("button", name="JSON").first.click()
    text = Path(given.value.path()).read_text(encoding="utf-8")
    assert '"schema_version": 1' in text
    assert given.value.suggested_filename == "recommendation.json"


def test_a_plot_is_taken_along_as_rows_and_as_a_picture(page: Page, address: str) -> None:
    page.goto(f"{address}/prices?qps=5&workload=chat&gpus=h100-sxm-80gb")
    plot = page.locator('[data-testid="stVegaLiteChart"]').first
    plot.wait_for()
    settle(page)
    with page.expect_download() as given:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    assert given.value.suggested_filename == "what-a-price-of-h100-sxm-80gb-does.csv"
    assert Path(given.value.path()).read_text(encoding="utf-8").startswith("contender,price,usd_per_hour")
    plot.hover()
    with page.expect_download() as drawn:
        page.get_by_role("button", name="Download as PNG").first.click()
    assert Path(drawn.value.path()).read_bytes().startswith(b"\x89PNG")


def test_nothing_feasible_leaves_the_page_usable(page: Page, address: str) -> None:
    page.goto(f"{address}/?qps=5&workload=chat&e2e=5ms")
    page.get_by_text("Nothing meets this question").wait_for()
    limit = page.get_by_label("End-to-end limit", exact=True)
    limit.fill("9s")
    limit.press("Enter")
    wait_for_decision(page, "within e2e p95 ≤ 9 s")


def test_the_map_is_opened_from_the_menu_with_the_same_question(page: Page, address: str) -> None:
    page.goto(f"{address}/?qps=2&isl=800&osl=300&e2e=1300ms&gpus=h100-sxm-80gb")
    wait_for_decision(page, "2 qps of")
    page.get_by_role("link", name="Crossover").click()
    page.locator("h3", has_text="Where the cheaper one changes").wait_for()
    settle(page)
    page.goto(f"{page.url}&crossover.and=output-tokens")
    page.get_by_text("of the map").first.wait_for()
    page.locator('[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg').first.wait_for()
    assert "gpus=h100-sxm-80gb" in page.url


def test_the_review_is_exported_as_a_file_that_holds_all_it_needs(page: Page, address: str) -> None:
    page.goto(f"{address}/review?qps=5&workload=chat&gpus=h100-sxm-80gb")
    page.get_by_role("button", name="HTML").wait_for()
    with page.expect_download() as given:
        page.get_by_role("button", name="HTML").click()
    text = Path(given.value.path()).read_text(encoding="utf-8")
    assert given.value.suggested_filename == "review.html"
    assert "serves 5 qps of chat" in text
    assert "<script" not in text
    assert "https://fonts" not in text
    if page.get_by_role("button", name="PDF").is_enabled():
        with page.expect_download() as printed:
            page.get_by_role("button", name="PDF").click()
        assert printed.value.suggested_filename == "review.pdf"
        assert Path(printed.value.path()).read_bytes().startswith(b"%PDF-")
