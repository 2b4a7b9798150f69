"""A question that asks several things -> its parts: "How many ... and who ...?"."""

import re

from crpd_qa.index.lexical import terms

_ASKING = (
    r"(?:how|what|which|who|whose|whom|when|where|why|is|are|was|were|does|do|did"
    r"|can|could|may|must|has|have|should|will)"
)
_BEFORE = r"(?:(?:at|in|on|to|by|for|from|till|until|under|with|of|since)\s+)?"
_BREAK = re.compile(
    rf"(?:\s*[,;?]\s*|\s+)(?:and|but|or)\s+(?:also\s+|then\s+|if so,?\s+)?(?={_BEFORE}{_ASKING}\b)"
    rf"|\s*[,;?]\s+(?={_BEFORE}{_ASKING}\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"\b{_ASKING}\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:its?|they|them|their|those|these|that|he|she|such|there|ones?|this)\b", re.IGNORECASE)


def question_parts(question: str) -> list[str]:
    """The parts as they can be looked for, in order; the question alone if it asks one thing.

    What stands before the first part ("Over five years, ...") goes with each. A part with a pronoun cannot be
    looked for alone: the whole question takes its place.
    """
    parts: list[str] = []
    opening = ""
    for piece in _BREAK.split(question):
        piece = piece.strip(" ?,;")
        if not parts and not _ASKS.search(piece):
            opening = f"{opening} {piece}".strip()
        elif terms(piece):
            whole = parts and _PRONOUN.search(piece)
            parts.append(question if whole else f"{opening}, {piece}" if opening else piece)
    return parts if len(parts) > 1 else [question]
