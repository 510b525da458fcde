"""Which path is answered by what. To add one, write a function and enter it in `ROUTES`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST

from advisor import __version__
from advisor.demo.asked import RefusedError, read_asked
from advisor.demo.connection import SERVER, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.demo.asked import Asked
    from advisor.demo.connection import Call
    from advisor.demo.service import Service

STARTED_AT = int(time.time())


def _json(value: Any) -> Answer:
    return Answer(json.dumps(value).encode())


def _chat(service: Service, call: Call) -> Asked:
    return _asked(service, call, chat=True)


def _completion(service: Service, call: Call) -> Asked:
    return _asked(service, call, chat=False)


def _asked(service: Service, call: Call, *, chat: bool) -> Asked:
    names = (service.listening.served_name,)
    return read_asked(bytes(call.body), chat=chat, setup=service.setup, names=names)


def _models(service: Service, call: Call) -> Answer:
    del call
    model = {
        "id": service.listening.served_name,
        "object": "model",
        "created": STARTED_AT,
        "owned_by": SERVER,
        "root": service.listening.settings.get("checkpoint", ""),
        "parent": None,
        "max_model_len": service.setup.longest_tokens,
        "simulated": True,
    }
    return _json({"object": "list", "data": [model]})


def _health(service: Service, call: Call) -> Answer:
    del call
    return Answer(b"", status=503 if service.failed else 200)


def _version(service: Service, call: Call) -> Answer:
    del service, call
    return _json({"version": SERVER, "advisor_version": __version__, "simulated": True})


def _settings(service: Service, call: Call) -> Answer:
    del call
    return _json({"simulated": True, "settings": dict(service.listening.settings)})


def _metrics(service: Service, call: Call) -> Answer:
    del call
    return Answer(service.measures.text(), kind=CONTENT_TYPE_LATEST)


ROUTES: dict[tuple[str, str], Callable[[Service, Call], Answer | Asked]] = {
    ("POST", "/v1/chat/completions"): _chat,
    ("POST", "/v1/completions"): _completion,
    ("GET", "/v1/models"): _models,
    ("GET", "/health"): _health,
    ("GET", "/ping"): _health,
    ("GET", "/version"): _version,
    ("GET", "/server_info"): _settings,
    ("GET", "/metrics"): _metrics,
}


def handle(service: Service, call: Call) -> Answer | Asked:
    """Answer a call, or understand what it asks of the engine.

    Raises
    ------
    RefusedError
        If there is nothing at its path, or its method is not the one.
    """
    route = ROUTES.get((call.method, call.path))
    if route is not None:
        return route(service, call)
    if any(path == call.path for _, path in ROUTES):
        raise RefusedError("Method Not Allowed", status=405)
    raise RefusedError("Not Found", status=404)
