"""Errors: problem details (RFC 9457) for programs, a plain page for people."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from crpd_qa.errors import StoreAwayError
from crpd_qa.texts import texts
from crpd_qa.web.address import base_path, own_path
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.rendering import AWAY, SLOW, render_error

MEDIA_TYPE = "application/problem+json"
STORE_AWAY = "The documents cannot be searched just now. Please try again in a minute."
AWAY_SECONDS = 10
"""What a client is told to wait when the store is away."""
TOO_SLOW = "This took too long. Please try again in a few seconds."
FAILURE = "Something went wrong here. Please try again later."
_KINDS = {STORE_AWAY: AWAY, TOO_SLOW: SLOW}
"""Of one status, what is not told as the others are."""
_TOLD = (413, 429, 500, 503, AWAY, SLOW)
"""What our own pages are told in their language; of all else they are told what the route says, which knows it."""
_IN_WORDS = {
    404: "There is nothing at this address.",
    405: "This address cannot be used in this way.",
}


_WRONG = {
    "missing": "is missing",
    "string_type": "has to be text",
    "string_unicode": "has to be text, without lone surrogates",
    "string_too_short": "is empty",
    "string_pattern_mismatch": "is empty",
    "string_too_long": "has more than {max_length} characters",
    "list_type": "has to be a list",
    "too_short": "has fewer than {min_length} entries",
    "too_long": "has more than {max_length} entries",
    "literal_error": "has to be {expected}",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "greater_than_equal": "has to be at least {ge}",
    "less_than_equal": "has to be at most {le}",
    "dict_type": "has to be an object",
    "model_attributes_type": "has to be a JSON object, sent as application/json",
}
"""Pydantic's types of errors, in words for who wrote the request."""


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it. `type` is always about:blank: the status says it all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Too Many Requests",
                    "status": 429,
                    "detail": "You have asked 30 times in a minute. Please wait 12 seconds.",
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problem(status: int, detail: str) -> Problem:
    """A problem with the status's own title."""
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)


def problem_response(
    request: HTTPConnection, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """A page where a browser asks for one, problem details everywhere else and always below /api: there in English for
    programs, else in the language of the page that asks.
    """
    programs = own_path(request.scope).startswith("/api/")
    for_people = "text/html" in request.headers.get("accept", "")
    if for_people and not programs:
        app = request.scope.get("app")
        several = bool(app and getattr(app.state, "several_documents", bool)())
        kind = _KINDS.get(detail, status)
        html = render_error(kind, page_language(request), base_path(request.scope), several=several)
        return HTMLResponse(html, status, headers)
    told = detail if programs and not for_people else in_words(status, detail, page_language(request))
    return JSONResponse(problem(status, told).model_dump(), status, headers, media_type=MEDIA_TYPE)


def in_words(status: int, detail: str, language: str) -> str:
    """What a page of ours says of a problem: why, and what one can do."""
    kind = _KINDS.get(detail, status)
    if kind not in _TOLD:
        return detail
    t = texts(language)
    return f"{t[f'error_{kind}_title']}. {t[f'error_{kind}_text']}"


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These problems as OpenAPI describes them."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    wait = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        | ({"headers": wait} if status in (429, 503) else {})
        for status in statuses
    }


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = str(error.detail)
    if said == HTTPStatus(error.status_code).phrase:
        said = _IN_WORDS.get(error.status_code, said)
    return problem_response(request, error.status_code, said, dict(error.headers or {}))


def store_away(error: StoreAwayError) -> HTTPException:
    """What people are told; the reason is the operator's to know."""
    logging.getLogger(__name__).warning("%s", error)
    return HTTPException(503, STORE_AWAY, {"Retry-After": str(AWAY_SECONDS)})


async def _store_away(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreAwayError)
    return await _http_error(request, store_away(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, 422, "; ".join(_what_is_wrong(each) for each in error.errors()[:5]))


def _what_is_wrong(error: dict[str, Any]) -> str:
    """Which field, and what would be right. What was sent is left out: it may be long, and it is the visitor's."""
    kind, (_, *place), context = error["type"], error["loc"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])  # ours
    if kind == "json_invalid":
        return f"the body is no JSON: it cannot be read from character {place[0]} on"
    if place[-1:] == ["[key]"]:
        return f"{place[0]} has no field {place[1]!r}: it can have {context['expected']}"
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)[1:] or "the body"
    return f"{name} {_WRONG.get(kind, 'cannot be read').format(**context)}"


async def _failure(request: Request, _: Exception) -> Response:
    return problem_response(request, 500, FAILURE)


EXCEPTION_HANDLERS: dict[Any, Any] = {
    HTTPException: _http_error,
    RequestValidationError: _invalid,
    StoreAwayError: _store_away,
    Exception: _failure,
}
