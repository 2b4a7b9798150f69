"""A question that asks several things -> its parts: "How many ... and who ...?", "in towns and in villages"."""

import re
from functools import cache

from crpd_qa.language import Language
from crpd_qa.languages.tables import is_word, table
from crpd_qa.store.lexical import terms

_ASKING = (
    r"(?:how|what|which|who|whose|whom|when|where|why|is|are|was|were|does|do|did"
    r"|can|could|may|must|has|have|should|will)"
)
_BEFORE = r"(?:(?:at|in|on|to|by|for|from|till|until|under|with|of|since) )?"
# A question's words are a single blank apart before any of these patterns reads it.
_BREAK = re.compile(
    rf"(?: ?[,;?] ?| )(?:and|but|or) (?:also |then |if so,? )?(?={_BEFORE}{_ASKING}\b)"
    rf"| ?[,;?:] (?={_BEFORE}{_ASKING}\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"\b{_ASKING}\b", re.IGNORECASE)
_CONDITION = re.compile(
    rf"(?:if|when|once|after|before|since|as|because|although|while|besides|apart from)\b(?! (?:when\b|{_ASKING}\b))",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:its?|they|them|their|those|these|that|he|she|such|there|ones?|this)\b", re.IGNORECASE)

_HOW_MANY = re.compile(r"\bhow (?:many|much|often|long)\b", re.IGNORECASE)
SELF_CONTAINED = 2
"""Words that carry meaning: with fewer a part says not of whom or what it asks."""
SOON = 2
"""A new question of another language than English asks within so many words of its "and"."""
SHORT = 3
"""Letters of words that carry little meaning, in other languages."""
_TOKEN = re.compile(r"[\w’'-]+|[?;]")

_COMMA = re.compile(r" ?[,;] ?(?:and |or )?| (?:and|or) ", re.IGNORECASE)
_PREPOSITIONS = ("for", "in", "at", "on", "by", "from", "to", "with", "among", "under", "during")
_AND = r" ?,? and (?:then |also )?"
_COMPARISON = re.compile(
    r"(?:compare (?P<one>.+?) (?:with|to|and|against)"
    r"|how (?:do|does|did) (?P<two>.+?) compare (?:with|to|against)) (?P<other>.+)",
    re.IGNORECASE,
)


def question_parts(question: str, language: Language = "en") -> list[str]:
    """The parts as they can be looked for, in order; the question alone if it asks one thing.

    What stands before the first part ("Over five years, ...") goes with each. A part with a pronoun, or of a single
    word that carries meaning ("and how many work?"), cannot be looked for alone: the whole question takes its place.
    """
    question = " ".join(question.split())
    parts: list[str] = []
    opening = ""
    for piece in _pieces(question, language):
        if language == "en" and not parts and (not _ASKS.search(piece) or _CONDITION.match(piece)) and "," not in piece:
            opening = f"{opening} {piece}".strip()
        elif language != "en" or terms(piece):
            for item in (language == "en" and _listed(piece)) or [piece]:
                whole = parts and not opening and not _alone(item, language)
                parts.append(question if whole else f"{opening}, {item}" if opening else item)
    return parts if len(parts) > 1 else [question]


def _alone(part: str, language: Language) -> bool:
    """Whether a part says of whom and what it asks."""
    if language == "en":
        leaning = bool(_PRONOUN.search(part))
    else:
        leaning = any(_is_one(word, language, "pronouns", "possessives") for word in _words(part))
    return not leaning and len(meaning(part, language)) >= SELF_CONTAINED


def meaning(part: str, language: Language) -> set[str]:
    """The words of a question that say what it is about: of English their stems."""
    if language == "en":
        return set(terms(_HOW_MANY.sub("", part)))
    return {word for word in _words(part) if len(word) > SHORT and not _is_one(word, language, "asking")}


def _words(part: str) -> list[str]:
    return [token[0].lower() for token in _TOKEN.finditer(part)]


def _pieces(question: str, language: Language) -> list[str]:
    """What a question puts side by side, whether it can be looked for alone or not."""
    pieces = _BREAK.split(question) if language == "en" else _asking(question, language)
    return [stripped for piece in pieces if (stripped := piece.strip(" ?,;.¿"))]


def _asking(question: str, language: Language) -> list[str]:
    """What "and" or a "?" puts together in another language than English, each asking with a word of its own."""
    tokens = [(token[0].lower(), *token.span()) for token in _TOKEN.finditer(question)]
    asking = [n for n, (word, *_) in enumerate(tokens) if _is_one(word, language, "asking")]
    pieces, first, start = [], 0, 0
    for n, (word, at, end) in enumerate(tokens):
        if (
            (word in "?;" or _is_one(word, language, "openings"))
            and any(first <= place < n for place in asking)
            and any(n < place <= n + SOON for place in asking)
        ):
            pieces.append(question[start:at])
            first, start = n + 1, end
    return [*pieces, question[start:]]


def _is_one(word: str, language: Language, *kinds: str) -> bool:
    return any(is_word(word, wanted) for kind in kinds for wanted in table(language, "talk")[kind])


def _listed(piece: str) -> list[str]:
    """The questions that "For whom is it free: pupils, students?" or "by rail and by air" puts together."""
    if match := _COMPARISON.fullmatch(piece):
        return [match["one"] or match["two"], match["other"]]
    head, _, listed = piece.partition(":")
    if terms(head) and terms(listed) and ":" not in listed:
        items = _COMMA.split(listed)
    elif repeated := min(filter(None, (_repeated(piece, word) for word in _PREPOSITIONS)), default=None):
        start, word = repeated
        head = piece[:start].rstrip()
        items = re.split(rf"(?:{_AND}| ?, ?)(?={word} )", piece[start:], flags=re.IGNORECASE)
    else:
        return []
    return [f"{head} {item.strip()}" for item in items if terms(item)] if len(items) > 1 else []


def _repeated(piece: str, preposition: str) -> tuple[int, str] | None:
    """Where "in A, in B and in C" begins, and its preposition: each item has it, and other commas end the list."""
    start: int | None = None
    item = 0  # where the item that is being read begins
    for token in _list_tokens(preposition).finditer(piece):
        kind = token.lastgroup
        if kind == "other":
            start = None
        elif kind == "last" and start is not None and item < token.start() and token.end() < len(piece):
            return start, preposition
        elif kind in ("first", "last") and start is None:
            start, item = token.end() - len(preposition) - 1, token.end()
        elif kind == "next":
            item = token.end()
    return None


@cache
def _list_tokens(preposition: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<last>{_AND}{preposition} )|(?P<next> ?, ?{preposition} )"
        rf"|(?P<first>(?<=\w ){preposition} )|(?P<other>[,;])",
        re.IGNORECASE,
    )
