"""The first page -> what the document is: its symbol, State, kind, language, date and title.

The United Nations' first pages are laid out alike in all languages: symbol and date beside the organization's name, the
body that the document is for, then the title, then sometimes the date of receipt. Words are the languages' own files'.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale

from crpd_qa.documents.lines import Line, Metadata
from crpd_qa.documents.model import DOCUMENT_LANGUAGES, KINDS, DocumentLanguage, Kind
from crpd_qa.languages.states import EUROPEAN_UNION, state_code, states_named
from crpd_qa.languages.tables import table

if TYPE_CHECKING:
    from lingua import LanguageDetector

FIRST_PAGE_LINES = 80
"""Where a form has no pages."""
MAX_TITLE = 300
"""Characters; longer blocks are text."""
MASTHEAD = 0.2
"""Of a page's height: what the United Nations print above the title."""
SAMPLE = 1500
"""Characters from each of three places that tell the language."""
_LEAST_LETTERS = 40

_SYMBOL = re.compile(r"[A-Z]{1,6}(?:/[A-Za-z0-9][A-Za-z0-9.\-]{0,15}){2,8}")
_SYMBOL_IN_NAME = re.compile(r"(?<![A-Za-z])([A-Z]{2,6}_C_[A-Z0-9][\w.\-]{0,60})")
_SYMBOL_WITH_HYPHENS = re.compile(r"(?<![A-Za-z])([A-Z]{2,6}-C-[A-Z]{2,3}-[A-Z0-9][\w.\-]{0,60})")
_LANGUAGE_OF_NAME = re.compile(r"[_\-. ](?:[EFSRAC]|EN|FR|ES|SP|RU|AR|ZH|ENG|FRE|SPA|RUS)$", re.IGNORECASE)
_NOTE_MARKS_BACKWARDS = re.compile(r"\s*(?:[*†‡]+\s*,)*[\s*†‡]*")
_BEGINS_TEXT = re.compile(r"(?:[IVX]{1,5}|[A-ZА-Я]|\d{1,3})\s*[.)]\s*(?:\s|$)|\[|GE\.\d|[*†‡]")
_DAYS = re.compile(r"(?:[^\W\d]+,\s*)?\d{1,2}\b[^.]{0,30}[-–][^.]{0,30}\b(?:19|20)\d\d(?:\s*(?:года|г\.))?")
_RECEIVED = re.compile(r"\[[^\[\]]*\]")


def read_metadata(lines: Sequence[Line], path: Path) -> Metadata:
    """What the first page says; what it does not say is empty. Only the symbol may come from the file's name."""
    first_page = _first_page(lines)
    symbol = _symbol(lines, first_page) or symbol_in_name(path.stem)
    language = language_of(lines)
    title = _title(first_page)
    return Metadata(
        symbol=symbol,
        state=_state_of_symbol(symbol) or _state_of_title(title, language),
        kind=kind_of_symbol(symbol) or kind_of_title(title) or "",
        language=language or "",
        date=_date(first_page),
        title=title,
        received=_received(first_page),
    )


def _first_page(lines: Sequence[Line]) -> list[Line]:
    pages = {line.page for line in lines if line.page is not None}
    page = min(pages, default=None)
    on_it = [line for line in lines if line.page == page][: None if pages else FIRST_PAGE_LINES]
    return [line for line in on_it if line.role not in ("footnote", "footer")]


def _pieces(lines: Sequence[Line]) -> Iterator[str]:
    """What stands apart on a page: a masthead's line holds the left side and the right one."""
    for line in lines:
        for piece in re.split(r"[\t\n]", line.text):
            if piece := _without_note_marks(piece):
                yield piece


def _symbol(lines: Sequence[Line], first_page: Sequence[Line]) -> str:
    """The first one that stands alone on the first page, else that of most pages' headers."""
    for piece in _pieces(first_page):
        if _SYMBOL.fullmatch(piece):
            return piece
    headers = Counter(p for p in _pieces([x for x in lines if x.role == "header"]) if _SYMBOL.fullmatch(p))
    return headers.most_common(1)[0][0] if headers else ""


def symbol_in_name(stem: str) -> str:
    """ "Kenya_2012_CRPD_C_KEN_1" -> "CRPD/C/KEN/1"; "" for a name without a symbol."""
    name = _LANGUAGE_OF_NAME.sub("", stem)
    if match := _SYMBOL_IN_NAME.search(name):
        return match[1].replace("_", "/").rstrip("/.-")
    if match := _SYMBOL_WITH_HYPHENS.search(name):
        return re.sub(r"-(?!\d+$)|(?<=[A-Z])-", "/", match[1]).rstrip("/.-")
    return ""


_STATE_IN_SYMBOL = re.compile(r"[A-Z]{2,6}/C/([A-Z]{3})(?:/|$)")


def _state_of_symbol(symbol: str) -> str:
    for part in symbol.split("/")[1:]:
        code = part.split("-")[0]  # "CHN-HKG" is China's
        if (len(code) == 3 and code.isupper()) or code == EUROPEAN_UNION:
            found = state_code(code)
            if found is not None:
                return found
    # A treaty body's own place for the State, though the code is nobody's that is known.
    own = _STATE_IN_SYMBOL.match(symbol)
    return own[1] if own else ""


def _state_of_title(title: str, language: DocumentLanguage | None) -> str:
    """The one State that a title names."""
    languages = [language] if language else DOCUMENT_LANGUAGES
    named = {state.code for known in languages for state in states_named(title, known)}
    return named.pop() if len(named) == 1 else ""


def kind_of_symbol(symbol: str) -> Kind | None:
    """By the parts after the State, or None: "CRPD/C/HRV/CO/1" -> "concluding-observations"."""
    parts = symbol.split("/")
    if "GC" in parts:
        return "general-comment"
    if not _state_of_symbol(symbol):
        return None
    state = _state_of_symbol(symbol)
    position = next(
        i for i, part in enumerate(parts) if i and state in (part.split("-")[0], state_code(part.split("-")[0]))
    )
    after = parts[position + 1 :]
    added = any(part.startswith("Add.") for part in after)
    match after:
        case ["CO", *_]:
            return "follow-up" if added else "concluding-observations"
        case ["FCO", *_]:
            return "follow-up"
        case ["Q", *_]:
            return "replies" if added else "list-of-issues"
        case ["QPR", *_]:
            return "list-of-issues"
        case ["RQ", *_]:
            return "replies"
        case [number, *_] if number[0].isdigit():
            return "state-report"
    return None


def kind_of_title(title: str) -> Kind | None:
    """What a title, in any language, calls the document first: "Replies of ... to the list of issues" are replies."""
    lowered = title.lower()
    found = [
        (match.start(), -len(phrase), kind)
        for language in DOCUMENT_LANGUAGES
        for kind in KINDS
        for phrase in table(language, "metadata")["kinds"].get(kind, ())
        if (match := re.search(rf"\b{re.escape(phrase)}", lowered))
    ]
    return min(found)[2] if found else None


@cache
def _detector() -> "LanguageDetector":
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()


def language_of(lines: Sequence[Line]) -> DocumentLanguage | None:
    """The language of the text, not of its first page; None if it is none in which documents can be read.

    lingua chooses among all that it knows, so that Portuguese is not taken for Spanish.
    """
    first = min((line.page for line in lines if line.page is not None), default=None)
    body = [line for line in lines if line.role == "body"]
    text = " ".join(line.text for line in body if first is None or line.page != first)
    if len(text) < SAMPLE:
        text = " ".join(line.text for line in body)
    places = [len(text) * quarter // 4 for quarter in (1, 2, 3)] if len(text) > 6 * SAMPLE else [0, SAMPLE, 2 * SAMPLE]
    sample = " ".join(text[place : place + SAMPLE] for place in places)
    if sum(character.isalpha() for character in sample) < _LEAST_LETTERS:
        return None
    detected = _detector().detect_language_of(sample)
    name = detected.iso_code_639_1.name.lower() if detected else ""
    return next((language for language in DOCUMENT_LANGUAGES if language == name), None)


@cache
def _dates() -> tuple[tuple[re.Pattern[str], dict[str, int]], ...]:
    """For each language a pattern of day, month and year as it writes them, and the months' numbers (CLDR)."""
    found = []
    for language in DOCUMENT_LANGUAGES:
        months: dict[str, int] = {}
        for context in ("format", "stand-alone"):
            names = Locale(language).months[context]["wide"]
            months |= {name.lower(): number for number, name in names.items()}
        month = "|".join(map(re.escape, sorted(months, key=len, reverse=True)))
        day = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th|º|\.)?"
        pattern = (
            rf"(?<![\w.\-–])(?:(?:{day}\s+(?:de\s+)?)?(?P<month>{month})|(?P<first>{month})\s+(?P<then>\d{{1,2}}),?)"
            rf"\s+(?:del?\s+)?(?P<year>(?:19|20)\d\d)(?!\w)(?:\s*(?:года|г\.))?"
        )
        found.append((re.compile(pattern, re.IGNORECASE), months))
    return tuple(found)


def _iso(text: str, *, whole: bool) -> str:
    """The first date in a text, or the one that is all of it."""
    for pattern, months in _dates():
        if match := (pattern.fullmatch(text) if whole else pattern.search(text)):
            month = months[(match["month"] or match["first"]).lower()]
            day = match["day"] or match["then"]
            return f"{match['year']}-{month:02}" + (f"-{int(day):02}" if day and 1 <= int(day) <= 31 else "")
    return ""


def _date(first_page: Sequence[Line]) -> str:
    """That below the distribution, where the United Nations print it; else the first that stands alone."""
    pieces = list(_pieces(first_page))
    distribution = _phrases("distribution")
    start = next((i for i, piece in enumerate(pieces) if piece.lower().startswith(distribution)), 0)
    for piece in (*pieces[start:], *pieces[:start]):
        found = _iso(_without(piece, distribution), whole=True)
        if found:
            return found
    return ""


def _without(piece: str, beginnings: tuple[str, ...]) -> str:
    """ "Distr.: General 5 June 2017" -> "5 June 2017"."""
    return re.sub(r"^\D*?(?=\d)", "", piece) if piece.lower().startswith(beginnings) else piece


def _received(first_page: Sequence[Line]) -> str:
    return next(
        (found for line in first_page for note in _RECEIVED.findall(line.text) if (found := _iso(note, whole=False))),
        "",
    )


def _phrases(name: str) -> tuple[str, ...]:
    return tuple(phrase for language in DOCUMENT_LANGUAGES for phrase in table(language, "metadata")[name])


def _title(first_page: Sequence[Line]) -> str:
    """As printed, without note marks; a State's name that stands alone below it follows after a colon."""
    start = next(
        (
            i
            for i, line in enumerate(first_page)
            if line.text.lower().startswith(_phrases("body")) and i < len(first_page)
        ),
        None,
    )
    if start is None:
        return _largest(first_page)
    titles: list[str] = []
    added = skipped = False
    for block in _title_blocks(first_page[start + 1 :]):
        lowered = block.lower()
        if skipped and block[0].islower():
            continue  # "Consideration of reports" goes on
        skipped = lowered.startswith(_phrases("before_title")) or _is_of_a_session(lowered)
        if lowered in _phrases("addition"):
            added = True
        elif titles and not added:
            if state_code(block):
                titles.append(block)
            break
        elif not skipped:
            titles = [block]
            if added:
                break
    return ": ".join(titles)


def _is_of_a_session(lowered: str) -> bool:
    """ "Seventeenth session", "Geneva, 9-27 March 2026"."""
    return len(lowered) < 60 and bool(lowered.endswith(_phrases("session")) or _DAYS.fullmatch(lowered))


def _title_blocks(lines: Sequence[Line]) -> Iterator[str]:
    """Blocks below the body's name, up to the date of receipt or the beginning of the text."""
    sizes = Counter(line.size for line in lines if line.size)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    block: list[str] = []
    before: Line | None = None
    for line in lines:
        text = line.text.strip()
        if not any(character.isalnum() for character in text):
            continue
        if line.role == "contents" or _BEGINS_TEXT.match(text) or len(text) > MAX_TITLE:
            break
        if before is not None and block and not _goes_on(before, line):
            yield _joined(block)
            block = []
        block.append(text)
        before = line
        if sum(map(len, block)) > MAX_TITLE and line.size <= usual:
            return
    if block:
        yield _joined(block)


def _goes_on(before: Line, line: Line) -> bool:
    """Whether two lines are of one block of a title."""
    if before.whole or line.whole or _is_of_a_session(before.text.strip().lower()):
        return False
    if line.text.strip().lower().startswith(_phrases("before_title")):
        return False
    if before.block and line.block:
        return before.block == line.block
    same_look = (before.size, before.bold) == (line.size, line.bold)
    near = not line.bottom or line.top - before.bottom < 0.6 * (line.bottom - line.top)
    return same_look and near and not before.marks and not before.text.rstrip().endswith("*")


def _joined(lines: Sequence[str]) -> str:
    return _without_note_marks(" ".join(" ".join(lines).split()))


def _without_note_marks(text: str) -> str:
    """ "General*, **" -> "General"; read from the end, so that no other mark is tried."""
    text = text.strip()
    marks = _NOTE_MARKS_BACKWARDS.match(text[::-1])
    return text[: len(text) - marks.end()] if marks else text


def _largest(first_page: Sequence[Line]) -> str:
    """The title of a page that names no body: its first heading, or what is printed largest below a masthead."""
    distribution = _phrases("distribution")
    has_masthead = any(piece.lower().startswith(distribution) for piece in _pieces(first_page))
    printed = [
        line
        for line in first_page
        if line.role == "body"
        and any(c.isalpha() for c in line.text)
        and not (has_masthead and line.top < MASTHEAD * line.height)
    ]
    if not printed:
        return ""
    first = next((line for line in printed if line.heading), None)
    if first is None:
        largest = max(line.size for line in printed)
        first = next(line for line in printed if line.size == largest)
    rest = printed[printed.index(first) :]
    block = [first.text]
    for before, line in pairwise(rest):
        if not _goes_on(before, line) or line.heading != first.heading or sum(map(len, block)) > MAX_TITLE:
            break
        block.append(line.text)
    title = _joined(block)
    return title if len(title) <= MAX_TITLE else ""
