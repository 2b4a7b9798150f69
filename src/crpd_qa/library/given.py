"""What a person says of a document, where its file does not say it."""

import datetime
import re
from typing import TypedDict

from crpd_qa.documents.model import DOCUMENT_LANGUAGES, KINDS, typed_symbol
from crpd_qa.errors import CrpdQaError
from crpd_qa.languages.states import state_code
from crpd_qa.library.write import check_symbol

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
MAX_TITLE = 500
"""Characters."""


class Given(TypedDict):
    """Each "" where the document itself says it; `state` ISO 3166 alpha-3, `date` ISO 8601."""

    symbol: str
    state: str
    kind: str
    language: str
    title: str
    date: str


def given(
    *, symbol: str = "", state: str = "", kind: str = "", language: str = "", title: str = "", date: str = ""
) -> Given:
    """What was typed, in the form that documents have it. Raises CrpdQaError for what cannot be."""
    code = state_code(state) if state.strip() else ""
    if code is None:
        raise CrpdQaError(f"{state!r} is no State that is known here: give its usual name or its code, such as KEN")
    symbol = typed_symbol(symbol)
    if symbol:
        check_symbol(symbol)
    for value, known, what in (
        (kind, KINDS, "kind of document"),
        (language, DOCUMENT_LANGUAGES, "document's language"),
    ):
        if value and value not in known:
            raise CrpdQaError(f"{value!r} is no {what}; one of {', '.join(known)} was expected")
    if date.strip() and not _is_date(date.strip()):
        raise CrpdQaError(f"{date!r} is no date; one such as 2017-06-05 or 2017 was expected")
    title = " ".join(title.split())
    if len(title) > MAX_TITLE:
        raise CrpdQaError(f"a title of {len(title)} characters; {MAX_TITLE} at most")
    return Given(symbol=symbol, state=code, kind=kind, language=language, title=title, date=date.strip())


def _is_date(text: str) -> bool:
    """Whether it is a day of the calendar, a month or a year."""
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True
