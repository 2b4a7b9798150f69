"""The language of a page: what the visitor chose, else what the browser asks for."""

import re
from typing import cast

from starlette.requests import HTTPConnection

from crpd_qa.language import Language, in_other_script, is_place_alone
from crpd_qa.texts import LANGUAGES

_RANGE = re.compile(r"\s*([a-z]{1,8})(?:-[a-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)


def preferred(accept_language: str) -> str:
    """The best of LANGUAGES for an Accept-Language header (RFC 9110, section 12.5.4); English if none is wanted."""
    wanted: dict[str, float] = {}
    for item in accept_language[:500].split(","):
        if (match := _RANGE.fullmatch(item)) and (code := match[1].lower()) in LANGUAGES:
            wanted.setdefault(code, float(match[2] or 1))
    best = max(wanted, key=lambda code: wanted[code], default="en")
    return best if wanted.get(best) else "en"


def question_language(question: str, chosen: Language | None, page: str) -> Language | None:
    """What was chosen; of a question in another script, that no language here is written in, and of the name of a place
    the page's; None: to be detected."""
    return chosen or (cast(Language, page) if in_other_script(question) or is_place_alone(question) else None)


def page_language(request: HTTPConnection) -> str:
    """The language to answer a page's request in: `?lang=`, else the browser's, else English."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else preferred(request.headers.get("accept-language", ""))
