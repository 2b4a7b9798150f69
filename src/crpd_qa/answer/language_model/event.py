"""What an endpoint sends back, in whichever shape, as pieces of text and an end.

OpenAI's chat completions say a piece as a string. Other servers say it as a list of parts, keep what the model thought
beside it or among the parts, put the reply into a call of a function, or answer as one JSON object although a stream
was asked for.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from crpd_qa.errors import LanguageModelError

MAX_BYTES = 8_000_000
"""What is longer is no reply. A token comes in some hundred bytes, and a model may think before it writes."""

_SAID = ("content", "text", "tool_calls", "function_call", "function", "arguments", "partial_json", "input")
"""Members of a message, a part or a call that hold what the model writes, in their order."""
_DELTA = ("delta", "message")
_FINISH = ("finish_reason", "stop_reason", "done_reason")
_NO_FINISH = ("", "null", "none")
_TOO_LONG = ("length", "max_tokens", "model_length")
_REFUSED = ("content_filter", "refusal", "safety")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event adds to the reply."""

    text: str
    finished: bool = False
    """Whether it is the last."""


async def pieces(body: AsyncIterable[bytes]) -> AsyncGenerator[Piece, None]:
    """The pieces of a response: a stream of events, or one JSON object.

    Raises LanguageModelError for what is neither, for an error that the endpoint reports, and for a reply that it says
    was cut or refused.
    """
    rest, streamed = [], False
    async with aclosing(_lines(body)) as lines:
        async for line in lines:
            field, _, value = line.partition(b":")
            if field == b"data" and (data := value.strip()):
                streamed = True
                yield Piece("", finished=True) if data == b"[DONE]" else piece(_json(data))
            elif not streamed:
                rest.append(line)
    whole = b"\n".join(line for line in rest if line.partition(b":")[0] not in (b"", b"event", b"id", b"retry")).strip()
    if not streamed and whole:
        yield Piece(piece(_json(whole)).text, finished=True)


def piece(event: Any) -> Piece:
    """What an event, or a whole response, says. Raises LanguageModelError where it says that there is no answer."""
    if not isinstance(event, dict):
        return Piece("")
    if event.get("error") or event.get("type") == "error":
        raise LanguageModelError("model_failed")
    choices = event.get("choices")
    choice = next((c for c in choices if isinstance(c, dict)), {}) if isinstance(choices, list) else event
    message = next((choice[name] for name in _DELTA if isinstance(choice.get(name), dict)), choice)
    finish = next((str(m[name]) for m in (choice, message) for name in _FINISH if m.get(name)), "").lower()
    if finish in _TOO_LONG:
        raise LanguageModelError("model_endless")
    if finish in _REFUSED or message.get("refusal"):
        raise LanguageModelError("model_refused")
    return Piece(_said(message), finish not in _NO_FINISH)


def _said(value: Any, depth: int = 8) -> str:
    """The text of a message, without what the model thought. Of several calls the first, which the others repeat."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_said(part, depth - 1) for part in value) if depth else ""
    if not isinstance(value, dict) or not depth or _is_thought(value):
        return ""
    found = []
    for name in _SAID:
        inner = value.get(name)
        if name == "tool_calls" and isinstance(inner, list):
            inner = [call for call in inner[:1] if isinstance(call, dict) and call.get("index") in (None, 0)]
        if name in ("arguments", "input") and isinstance(inner, dict):
            inner = json.dumps(inner) if inner else ""
        found.append(_said(inner, depth - 1))
    return "".join(found)


def _is_thought(part: Mapping[str, Any]) -> bool:
    kind = str(part.get("type", "")).lower()
    return part.get("thought") is True or kind.startswith(("think", "reason", "redacted", "signature"))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise LanguageModelError("model_unreadable") from None


async def _lines(body: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """Lines end in a line feed: other ends of a line, such as U+2028, may stand within JSON."""
    length, kept = 0, b""
    async for chunk in body:
        length += len(chunk)
        if length > MAX_BYTES:
            raise LanguageModelError("model_endless")
        *lines, kept = (kept + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r")
    if kept:
        yield kept.rstrip(b"\r")
