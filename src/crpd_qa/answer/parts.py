"""A question that asks several things -> its parts: "How many ... and who ...?", "in towns and in villages"."""

import re

from crpd_qa.store.lexical import terms

_ASKING = (
    r"(?:how|what|which|who|whose|whom|when|where|why|is|are|was|were|does|do|did"
    r"|can|could|may|must|has|have|should|will)"
)
_BEFORE = r"(?:(?:at|in|on|to|by|for|from|till|until|under|with|of|since)\s+)?"
_BREAK = re.compile(
    rf"(?:\s*[,;?]\s*|\s+)(?:and|but|or)\s+(?:also\s+|then\s+|if so,?\s+)?(?={_BEFORE}{_ASKING}\b)"
    rf"|\s*[,;?:]\s+(?={_BEFORE}{_ASKING}\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"\b{_ASKING}\b", re.IGNORECASE)
_CONDITION = re.compile(
    rf"(?:if|when|once|after|before|since|as|because|although|while|besides|apart from)\b(?!\s+(?:when\b|{_ASKING}\b))",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:its?|they|them|their|those|these|that|he|she|such|there|ones?|this)\b", re.IGNORECASE)

_COMMA = re.compile(r"\s*[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
_PREPOSITION = r"(?P<first>for|in|at|on|by|from|to|with|among|under|during)"
_AND = r"\s*,?\s+and\s+(?:then\s+|also\s+)?"
_REPEATED = re.compile(
    rf"(?P<head>.*?\w)\s+(?P<items>{_PREPOSITION}\s[^,;]+?(?:,\s*(?P=first)\s[^,;]+?)*{_AND}(?P=first)\s.+)",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"(?:compare\s+(?P<one>.+?)\s+(?:with|to|and|against)"
    r"|how\s+(?:do|does|did)\s+(?P<two>.+?)\s+compare\s+(?:with|to|against))\s+(?P<other>.+)",
    re.IGNORECASE,
)


def question_parts(question: str) -> list[str]:
    """The parts as they can be looked for, in order; the question alone if it asks one thing.

    What stands before the first part ("Over five years, ...") goes with each. A part with a pronoun cannot be
    looked for alone: the whole question takes its place.
    """
    parts: list[str] = []
    opening = ""
    question = " ".join(question.split())
    for piece in _BREAK.split(question):
        piece = piece.strip(" ?,;.")
        if not parts and (not _ASKS.search(piece) or _CONDITION.match(piece)) and "," not in piece:
            opening = f"{opening} {piece}".strip()
        elif terms(piece):
            for item in _listed(piece) or [piece]:
                whole = parts and not opening and _PRONOUN.search(item)
                parts.append(question if whole else f"{opening}, {item}" if opening else item)
    return parts if len(parts) > 1 else [question]


def _listed(piece: str) -> list[str]:
    """The questions that "For whom is it free: pupils, students?" or "by rail and by air" puts together."""
    if match := _COMPARISON.fullmatch(piece):
        return [match["one"] or match["two"], match["other"]]
    head, _, listed = piece.partition(":")
    if terms(head) and terms(listed) and ":" not in listed:
        items = _COMMA.split(listed)
    elif match := _REPEATED.fullmatch(piece):
        head = match["head"]
        items = re.split(rf"(?:{_AND}|\s*,\s*)(?={match['first']}\s)", match["items"], flags=re.IGNORECASE)
    else:
        return []
    return [f"{head} {item.strip()}" for item in items if terms(item)] if len(items) > 1 else []
