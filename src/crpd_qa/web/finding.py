"""Words looked for within a document's text: alike whatever their case, their accents, and the kind of space or dash.

`static/report.js` does the same in the browser, where the words stay; this is for pages without JavaScript.
"""

import re
import unicodedata

MAX_FOUND_CHARS = 200
"""Characters of what is looked for that are read."""
MIN_FOUND_CHARS = 2


class _Folded(dict[int, str]):
    """Code of a character -> one character that all like it become, so that places in the text stay."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isspace() and character != "\n":
            folded = " "
        else:
            folded = unicodedata.normalize("NFD", character)[0].lower()[0]
        self[code] = folded
        return folded


_FOLDED = _Folded({ord(dash): "-" for dash in "‐‑‒–—"} | {ord(quote): "'" for quote in "‘’ʼ"})


def asked_for(words: str) -> str:
    """What is looked for; "" for less than can be."""
    wanted = " ".join(words[:MAX_FOUND_CHARS].split())
    return wanted if len(wanted) >= MIN_FOUND_CHARS else ""


def places(wanted: str, text: str) -> list[tuple[int, int]]:
    """[start, end) of each place in the text where these words stand; none goes over the end of a line."""
    if not wanted:
        return []
    return [m.span() for m in re.finditer(re.escape(wanted.translate(_FOLDED)), text.translate(_FOLDED))]
