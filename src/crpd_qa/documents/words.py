"""Words of the languages in which documents can be read, as patterns. A page says its language only once it is read,
so that a pattern takes the words of all of them."""

import re

from crpd_qa.documents.model import DOCUMENT_LANGUAGES
from crpd_qa.languages.tables import table


def words(name: str) -> str:
    """An alternation of the words that the languages' files list under that name, the longest first."""
    found = {word for language in DOCUMENT_LANGUAGES for word in table(language, "documents").get(name, ())}
    return "|".join(re.escape(word) for word in sorted(found, key=lambda word: (-len(word), word)))


CONTENTS = re.compile(rf"(?:{words('contents')})\s*:?", re.IGNORECASE)
CONTENTS_COLUMNS = re.compile(
    rf"\(?(?:{words('contents_columns')})\.?(?:\s+(?:{words('contents_columns')})\.?)*\)?", re.I
)
OPENING = re.compile(rf"(?:[IVX]{{1,4}}\.|[A-ZА-Я]\.|\d{{1,2}}\.)?\s*(?:{words('opening')})", re.IGNORECASE)
CLOSING = re.compile(
    rf"(?:[IVX]{{1,4}}\.|[A-ZА-Я]\.|\d{{1,2}}\.)?\s*(?:{words('closing')})(?:\s+(?:{words('and')})\s+.*)?",
    re.IGNORECASE,
)
REPLY = re.compile(rf"(?:{words('reply')})\b", re.IGNORECASE)
ANNEX = re.compile(rf"(?:{words('annex')})\b\s*(?:([IVXLC]{{1,6}}|\d{{1,3}}|[A-ZА-Я])\b)?[\s.:–—-]*(.*)", re.I)
TABLE_CAPTION = re.compile(rf"(?:{words('table')})\.?\s*(?:(?:No\.?|N[°º]|№)\s*)?\d[\d.]*\b.*", re.I)
SOURCE = re.compile(rf"(?:{words('source')})\s*:.*", re.I | re.S)
PART = re.compile(rf"(?:{words('part')})\s+(?:[IVXLC]{{1,6}}|\d{{1,3}}|[A-ZА-Я])\b.*", re.I)

_AN_ARTICLE = r"\d{1,3}(?:\s*\(\d{1,2}\))?(?!\w)"
_JOINED = rf"(?:\s*(?:,|;|&|-|–|—|\b(?:{words('and')}|{words('range')})\b))++\s*+(?:{words('article')})?+\.?+\s*+"
ARTICLES = re.compile(
    rf"\b(?:{words('article')})\.?\s*(?:(?P<first>{words('first')})\b|(?P<numbers>{_AN_ARTICLE}(?:{_JOINED}{_AN_ARTICLE})*+))"
    rf"(?!\w)(?P<rest>(?:\s*(?:,|-|–|{words('range')}|{words('and')})\s*\d{{1,2}}\b)*+)",
    re.IGNORECASE,
)
OF_OTHER_TEXT = re.compile(rf"(?:\.\d+)*[\s\w]{{0,20}}?\b(?:{words('other_text')})\b", re.IGNORECASE)
_RANGE = re.compile(rf"\s*(?:-|–|—|\b(?:{words('range')})\b)\s*", re.IGNORECASE)
LAST_ARTICLE = 50  # of the Convention


def articles_in(heading: str) -> tuple[int, ...]:
    """Articles of the Convention that a heading names: "Specific rights (arts. 5-30)" -> (5, ..., 30).

    Those of its first mention; in "Health (art. 25) and rehabilitation (art. 26)" those of each bracket.
    """
    named: list[int] = []
    for match in ARTICLES.finditer(heading):
        if OF_OTHER_TEXT.match(heading, match.end()):
            continue
        listed = ("1" if match["first"] else match["numbers"]) + match["rest"]
        found: list[int] = []
        last_end = 0
        for number in re.finditer(r"(?<!\()\b\d{1,3}\b(?!\))", listed):
            value = int(number[0])
            between = listed[last_end : number.start()]
            if found and _RANGE.fullmatch(between) and found[-1] < value <= LAST_ARTICLE:
                found.extend(range(found[-1] + 1, value + 1))
            elif 1 <= value <= LAST_ARTICLE:
                found.append(value)
            last_end = number.end()
        bracketed = heading[: match.start()].endswith("(")
        if found and not named and not bracketed:
            return tuple(dict.fromkeys(found))
        if bracketed:
            named += found
    return tuple(dict.fromkeys(named))
