"""A server process that behaves as FAKE_ENGINE (JSON) tells it: run as ``python fake_engine.py serve CHECKPOINT --port ...``.

``log`` is printed first. ``exit`` ends it then. ``child`` starts a process that leaves its session, has no parent, and is deaf;
its number is written to that file. ``deaf`` ignores a polite end. ``mute`` never listens. ``sick`` is a file that, once it is
there, makes its health 503. ``answers`` are JSON files by path. ``late_s`` is waited before it listens. ``lose_port_once`` is a
file that, unless it is there yet, makes it fail for want of its port. ``die_when`` is a file at which it ends with
``last_words``. ``slow_end`` takes longer to end politely than an abandoned server may, and writes that file last.
"""

# ruff: noqa: T201 - an engine logs to its output
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOLD: dict[str, Any] = json.loads(os.environ.get("FAKE_ENGINE", "{}"))

ORPHAN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = """
import pathlib, subprocess, sys
orphan = subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
pathlib.Path(sys.argv[2]).write_text(str(orphan.pid))
"""


def flag(name: str) -> str:
    return sys.argv[sys.argv.index(f"--{name}") + 1]


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        sick = path == "/health" and Path(TOLD.get("sick", "nowhere")).exists()
        self.send_response(503 if sick else 200)
        self.end_headers()
        self.wfile.write(self._body(path))

    def _body(self, path: str) -> bytes:
        if path == "/v1/models":
            return json.dumps({"data": [{"id": flag("served-model-name")}]}).encode()
        if path in TOLD.get("answers", {}):
            return Path(TOLD["answers"][path]).read_bytes()
        return b"{}"

    def log_message(self, *_: object) -> None:
        pass


def lose_port(once: str | None) -> None:
    if once and not Path(once).exists():
        Path(once).touch()
        raise OSError(98, "Address already in use")


def die_when(trigger: Path) -> None:
    while not trigger.exists():
        time.sleep(0.02)
    print(TOLD["last_words"], flush=True)
    os._exit(1)


def end_slowly(*_: object) -> None:
    time.sleep(2.5)
    Path(TOLD["slow_end"]).touch()
    sys.exit(0)


def main() -> None:
    if TOLD.get("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if TOLD.get("slow_end"):
        signal.signal(signal.SIGTERM, end_slowly)
    if TOLD.get("child"):
        subprocess.run([sys.executable, "-c", PARENT, ORPHAN, TOLD["child"]], check=True)
    for line in TOLD.get("log", []):
        print(line, flush=True)
    if "exit" in TOLD:
        sys.exit(TOLD["exit"])
    if TOLD.get("mute"):
        time.sleep(600)
    lose_port(TOLD.get("lose_port_once"))
    time.sleep(TOLD.get("late_s", 0.0))
    server = ThreadingHTTPServer((flag("host"), int(flag("port"))), Answering)
    if "die_when" in TOLD:
        threading.Thread(target=die_when, args=(Path(TOLD["die_when"]),), daemon=True).start()
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
