"""What a client asks for: the body of a request, read and checked as the engine would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.demo.scheduler import Wish
from advisor.demo.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.demo.setup import EngineSetup

BAD_REQUEST, NOT_FOUND = 400, 404
KINDS = {BAD_REQUEST: "BadRequestError", NOT_FOUND: "NotFoundError"}


class RefusedError(Exception):
    """A request that is answered with an error: a status, a sentence, and the field that is wrong."""

    def __init__(self, message: str, *, field: str | None = None, status: int = BAD_REQUEST) -> None:
        super().__init__(message)
        self.field = field
        self.status = status

    @property
    def kind(self) -> str:
        """The type of error, in the words of the protocol."""
        return KINDS.get(self.status, "BadRequestError")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as understood. `counts_usage` adds a last event with the counts, `counts_always` adds them to every event."""

    chat: bool
    model: str
    wish: Wish
    streams: bool
    counts_usage: bool = False
    counts_always: bool = False


REFUSED_BY_DIFFUSION: dict[str, tuple[Any, ...]] = {
    "temperature": (1.0,),
    "seed": (),
    "min_tokens": (0,),
    "min_p": (0.0,),
    "logit_bias": ({},),
    "bad_words": ([],),
    "allowed_token_ids": (),
    "structured_outputs": (),
    "guided_json": (),
    "guided_regex": (),
    "guided_choice": (),
    "guided_grammar": (),
    "response_format": ({"type": "text"},),
}
"""Fields that vLLM refuses for block diffusion (0.27 to 0.33), and the values of them that change nothing."""

NOT_SIMULATED: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "prompt_logprobs": (),
    "echo": (False,),
    "suffix": ("",),
    "tools": ([],),
    "structured_outputs": (),
    "response_format": ({"type": "text"},),
    "use_beam_search": (False,),
}
"""Fields that would change what an engine does or returns, and that this one does not act on."""


def read_asked(body: bytes, *, chat: bool, setup: EngineSetup, names: tuple[str, ...]) -> Asked:
    """Return what the body of a request asks for.

    Raises
    ------
    RefusedError
        If it is malformed, asks for another model, or for what the engine refuses or does not simulate.
    """
    fields = _object(body)
    model = _model(fields, names)
    prompt_tokens = _prompt_tokens(fields, chat=chat)
    if setup.canvas:
        _refuse(fields, REFUSED_BY_DIFFUSION, "{} is not supported with diffusion models")
    _refuse(fields, NOT_SIMULATED, "{} is not simulated by this demo engine")
    options = _of_kind(fields, "stream_options", dict) or {}
    return Asked(
        chat=chat,
        model=model,
        wish=_wish(fields, prompt_tokens, setup),
        streams=bool(_of_kind(fields, "stream", bool)),
        counts_usage=bool(options.get("include_usage")),
        counts_always=bool(options.get("include_usage")) and bool(options.get("continuous_usage_stats")),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError as problem:
        raise RefusedError(f"the body is no JSON: {problem}") from None
    if not isinstance(fields, dict):
        raise RefusedError("the body is no JSON object")
    return fields


def _model(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    model = fields.get("model") or names[0]
    if model not in names:
        raise RefusedError(f"The model `{model}` does not exist.", field="model", status=NOT_FOUND)
    return str(model)


def _prompt_tokens(fields: Mapping[str, Any], *, chat: bool) -> int:
    tokens = _of_messages(fields.get("messages")) if chat else _of_prompt(fields.get("prompt"))
    return max(tokens, 1)


def _of_messages(messages: Any) -> int:
    if not isinstance(messages, list) or not messages or not all(isinstance(m, dict) for m in messages):
        raise RefusedError("messages must be a list of objects, and not empty", field="messages")
    return sum(_of_content(message.get("content")) for message in messages)


def _of_content(content: Any) -> int:
    if content is None:
        return 0
    if isinstance(content, str):
        return counted(content)
    if isinstance(content, list) and all(isinstance(p, dict) and isinstance(p.get("text"), str) for p in content):
        return sum(counted(part["text"]) for part in content)
    raise RefusedError("content must be text; nothing else is simulated", field="messages")


def _of_prompt(prompt: Any) -> int:
    alone = prompt[0] if isinstance(prompt, list) and len(prompt) == 1 and not isinstance(prompt[0], int) else prompt
    if isinstance(alone, str) or (isinstance(alone, list) and alone and all(isinstance(t, int) for t in alone)):
        return counted(alone)
    raise RefusedError("prompt must be one text, or one list of token numbers", field="prompt")


def _refuse(fields: Mapping[str, Any], refused: Mapping[str, tuple[Any, ...]], sentence: str) -> None:
    for name, harmless in refused.items():
        value = fields.get(name)
        if value is not None and value not in harmless:
            raise RefusedError(sentence.format(f"{name} = {json.dumps(value)[:80]}"), field=name)


def _wish(fields: Mapping[str, Any], prompt_tokens: int, setup: EngineSetup) -> Wish:
    room = setup.longest_tokens - prompt_tokens
    asked = _count(fields, "max_completion_tokens") or _count(fields, "max_tokens")
    if room < (asked or 1):
        raise RefusedError(
            f"This model's maximum context length is {setup.longest_tokens} tokens. However, you requested "
            f"{asked or 1} output tokens and your prompt contains {prompt_tokens} input tokens.",
            field="max_tokens" if asked and room > 0 else "messages",
        )
    least = _count(fields, "min_tokens") or 1
    if least > (asked or room):
        raise RefusedError(f"min_tokens must be at most max_tokens={asked or room}, got {least}", field="min_tokens")
    return Wish(
        prompt_tokens=prompt_tokens,
        most_tokens=asked or room,
        least_tokens=least,
        ignores_end=bool(_of_kind(fields, "ignore_eos", bool)),
        most_steps=_most_steps(fields, setup),
    )


def _most_steps(fields: Mapping[str, Any], setup: EngineSetup) -> int | None:
    extra = _of_kind(fields, "vllm_xargs", dict) or {}
    if setup.canvas is None or "diffusion_max_steps" not in extra:
        return None
    return _count(extra, "diffusion_max_steps")


def _count(fields: Mapping[str, Any], name: str) -> int | None:
    value = _of_kind(fields, name, int)
    if value is None or (value == 0 and name == "min_tokens"):
        return None
    if isinstance(value, bool) or value < 1:
        raise RefusedError(f"{name} must be at least 1, got {value}", field=name)
    return int(value)


def _of_kind(fields: Mapping[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        raise RefusedError(f"{name} must be of type {kind.__name__}, got {json.dumps(value)[:80]}", field=name)
    return value
