"""Finding out what a server is and understands, by its own word and by two small requests."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from advisor.domain.model import Content
from advisor.domain.timing import Failure
from advisor.errors import MeasureError
from advisor.loadgen.address import read_address
from advisor.loadgen.asks import Ask, completions_path, request_body
from advisor.loadgen.client import Client
from advisor.loadgen.exchange import Exchange
from advisor.loadgen.prompts import shipped_prompts, word_count
from advisor.loadgen.target import Dialect, Inspected, Target, TokenRate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.loadgen.client import Answer
    from advisor.loadgen.prompts import Prompts

PROBE_S = 120.0
"""How long a probe may take: the first request of a server compiles what start-up left out."""
PROBE_TOKENS = 24
SHORT_WORDS = 40
LONG_WORDS = (400, 120)
"""Words of the longer probe; the second where a server has no room for the first."""
PROBE_SEED = 9973
TERSE = "Answer with the single word yes."

DIALECTS = (
    Dialect(stream_usage=True, continuous_usage=True, ignore_eos=True),
    Dialect(stream_usage=True, continuous_usage=False, ignore_eos=True),
    Dialect(stream_usage=True, continuous_usage=False, ignore_eos=False),
    Dialect(stream_usage=False, continuous_usage=False, ignore_eos=True),
    Dialect(stream_usage=False, continuous_usage=False, ignore_eos=False),
)
"""What is asked for, most first; the first that a server does not refuse is taken."""
UNPROCESSABLE = frozenset({400, 422})
VERSIONS = {
    "version": ("/version", "version"),
    "props": ("/props", "build_info"),
    "sglang": ("/get_server_info", "version"),
}
ENGINES = {
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llama.cpp",
    "library": "llama.cpp",
    "nvidia": "nim",
    "advisor-demo": "advisor-demo",
}
"""Engines by the owner that they name in their list of models."""
ENGINE_OF_METRICS = {
    b"advisor_demo:": "advisor-demo",
    b"vllm:": "vllm",
    b"sglang:": "sglang",
    b"llamacpp:": "llama.cpp",
}
"""Engines by how the names of their metrics begin, for servers behind one that lists models of its own. The first counts."""


async def inspect(target: Target, *, prompts: Prompts | None = None, called: Sequence[str] = ()) -> Inspected:
    """Ask a server what it serves, and probe what it understands; `prompts` are those that it will be measured with.

    An empty `served_name` takes the first name of `called` that is served; without such names, the one model there is.

    Raises
    ------
    InputError
        If the address or the key is none.
    MeasureError
        If nobody answers there, the answer is not that of an OpenAI-style server, or it serves other models.
    """
    address = read_address(target.url)
    client = Client(address, api_key=target.api_key)
    try:
        listed = await client.fetch(f"{address.api}/models")
        models = _models(target, listed)
        named = replace(target, served_name=_served(target, [model["id"] for model in models], called))
        version = await _version(client, address.root)
        metrics = await client.fetch(f"{address.root}/metrics")
        engine = _engine(models, named.served_name) or _engine_of_metrics(metrics)
        if version == engine:  # the demo engine says its name there, whoever asks
            version = await _told(client, f"{address.root}/version", "advisor_version")
        probe = _Probe(client, named, address.api)
        dialect, tokens = await _probed(probe, prompts)
    finally:
        await client.close()
    return Inspected(
        served_name=named.served_name,
        models=tuple(model["id"] for model in models),
        engine=engine,
        engine_version=version,
        max_model_len=_max_model_len(models, named.served_name),
        dialect=dialect,
        tokens=tokens,
        has_metrics=metrics.status == 200 and b"# " in metrics.body,
    )


class _Probe:
    """Sends one small request at a time."""

    def __init__(self, client: Client, target: Target, api: str) -> None:
        self._client, self.target, self._api = client, target, api

    async def send(self, prompt: str, dialect: Dialect, *, max_tokens: int) -> Exchange:
        """Return a request that has ended, one way or another."""
        target = replace(self.target, dialect=dialect)
        body = request_body(target, Ask(prompt, max_tokens), running_counts=dialect.continuous_usage)
        done: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        request = self._client.request(completions_path(target, self._api), body)
        exchange = Exchange(0, request, asked_tokens=max_tokens, forced=False, ended=done.set_result)
        exchange.due_s = perf_counter()
        self._client.send(exchange)
        await asyncio.wait([done], timeout=PROBE_S)
        if not done.done():
            exchange.abandon(Failure.STALLED, f"no answer within {PROBE_S:g} s", perf_counter())
        return done.result()


async def _probed(probe: _Probe, prompts: Prompts | None) -> tuple[Dialect, TokenRate]:
    """Return the dialect of a server, and how many tokens words have there: those of the prompts, or of all shipped ones."""
    first_prompts = prompts or shipped_prompts(Content.CHAT)
    dialect, first = await _dialect(probe, first_prompts)
    words, tokens = word_count(_text(first_prompts, SHORT_WORDS)), first.reply.tokens("prompt_tokens")
    more_words, more_tokens = await _longer(probe, dialect, first_prompts)
    if not more_tokens > tokens:
        raise MeasureError(f"{probe.target.url} does not count the tokens of a prompt", hint="try one request by hand")
    per_word = (more_tokens - tokens) / (more_words - words)
    overhead = max(tokens - per_word * words, 0.0)
    of_content = {}
    for content in () if prompts else Content:
        more_words, more_tokens = await _longer(probe, dialect, shipped_prompts(content))
        of_content[content] = (more_tokens - overhead) / more_words
    return dialect, TokenRate(per_word, overhead, of_content)


async def _longer(probe: _Probe, dialect: Dialect, prompts: Prompts) -> tuple[int, int]:
    """Return words and tokens of a long prompt."""
    for words in LONG_WORDS:
        seen = await probe.send(_text(prompts, words), dialect, max_tokens=1)
        if seen.succeeded:
            return words, seen.reply.tokens("prompt_tokens")
    raise _unusable(probe.target, seen, "does not answer a prompt of a few hundred words")


def _text(prompts: Prompts, words: int) -> str:
    return prompts.compose(words, words, seed=PROBE_SEED)


async def _dialect(probe: _Probe, prompts: Prompts) -> tuple[Dialect, Exchange]:
    """Return the first dialect that the server does not refuse, as far as it really follows it, and a request in it."""
    for dialect in DIALECTS:
        exchange = await probe.send(_text(prompts, SHORT_WORDS), dialect, max_tokens=PROBE_TOKENS)
        if exchange.status not in UNPROCESSABLE:
            break
    if not exchange.succeeded:
        raise _unusable(probe.target, exchange, "does not answer as an OpenAI-style server")
    followed = exchange.reply.tokens("completion_tokens") >= PROBE_TOKENS
    if followed and dialect.ignore_eos:  # it may have written so much by itself: ask for what ends soon
        terse = await probe.send(TERSE, dialect, max_tokens=PROBE_TOKENS)
        followed = terse.succeeded and terse.reply.tokens("completion_tokens") >= PROBE_TOKENS
    told_early = dialect.continuous_usage and exchange.reply.told_early
    return replace(dialect, continuous_usage=told_early, ignore_eos=dialect.ignore_eos and followed), exchange


def _models(target: Target, listed: Answer) -> list[dict[str, Any]]:
    """Return the models that a server lists; none if it keeps no list."""
    if listed.status == 0:
        raise MeasureError(
            f"nobody answers at {target.url}: {listed.problem}", hint="is the server running, and ready?"
        )
    if listed.status in {401, 403}:
        raise MeasureError(f"{target.url} refuses the API key (status {listed.status})", hint="give the server's key")
    told = listed.json()
    models = told.get("data") if isinstance(told, dict) else None
    if listed.status == 200 and not isinstance(models, list):
        raise MeasureError(
            f"{target.url} is no OpenAI-style server: its list of models is none",
            hint="give the address below which /v1/chat/completions lies",
        )
    return [model for model in models or [] if isinstance(model, dict) and isinstance(model.get("id"), str)]


def _served(target: Target, names: list[str], called: Sequence[str]) -> str:
    wanted = [target.served_name] if target.served_name else list(called)
    if not wanted and len(names) == 1:
        return names[0]
    served = next((name for name in wanted if name in names), None)
    if names and served is None:
        raise MeasureError(
            f"{target.url} serves {', '.join(names)}, not {wanted[0] if wanted else 'any one model'}",
            hint=f"if that is what you mean, say --served-name {names[0]}",
        )
    return served or (wanted[0] if wanted else "")


def _engine(models: list[dict[str, Any]], name: str) -> str:
    owner = next((str(model.get("owned_by", "")) for model in models if model["id"] == name), "")
    return ENGINES.get(owner, "")


def _engine_of_metrics(metrics: Answer) -> str:
    """Return the engine that the names of metrics tell; nothing where there are none."""
    page = metrics.body if metrics.status == 200 else b""
    return next((name for begins, name in ENGINE_OF_METRICS.items() if b"\n" + begins in b"\n" + page), "")


def _max_model_len(models: list[dict[str, Any]], name: str) -> int | None:
    told = next((model.get("max_model_len") for model in models if model["id"] == name), None)
    return told if isinstance(told, int) and told > 0 else None


async def _version(client: Client, root: str) -> str:
    for path, key in VERSIONS.values():
        if told := await _told(client, f"{root}{path}", key):
            return told
    return ""


async def _told(client: Client, path: str, key: str) -> str:
    """Return a text that a server tells at a path, nothing where it does not."""
    told = (await client.fetch(path)).json()
    return str(told[key]) if isinstance(told, dict) and isinstance(told.get(key), str) else ""


def _unusable(target: Target, exchange: Exchange, problem: str) -> MeasureError:
    seen = f"{exchange.failure}: {exchange.detail}".strip(": ") or "no usage"
    return MeasureError(f"{target.url} {problem} ({' '.join(seen.split())[:300]})", hint="try one request by hand")
