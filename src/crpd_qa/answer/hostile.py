"""Text that gives orders to the program instead of asking the report. General forms, not anybody's wording."""

import re

_ORDERS = (
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}"
    r"\b(?:instruction|rule|prompt|everything|all|previous|prior|above|told)",
    r"\b(?:you are|you're|act as|pretend to be|behave as|become) (?:now )?(?:an? )?"
    r"\w*(?:bot|dan|mode|jailbr\w+|unfiltered|evil|hacker|ai without)\b",
    r"\b(?:developer|god|admin|debug|jailbreak) mode\b",
    r"\b(?:reveal|print|show|repeat|output|leak|tell me)\b.{0,40}\b(?:system prompt|hidden instructions|api key"
    r"|password|secret|your (?:hidden |secret |initial |original )?(?:prompt|instructions|rules|configuration))",
    r"(?:^|\W)(?:system|admin|administrator|developer|assistant)"
    r"(?:\s+(?:notice|message|update|override|note))?\s*[\]:>]",
    r"\b(?:confirm|repeat|state|claim|say|pretend)\b.{0,60}"
    r"\b(?:cite|citing|as a fact|as the source|with (?:the )?citation)",
    r"\bhas been (?:updated|corrected|changed|replaced)\b.{0,120}\b(?:confirm|repeat|cite|say)\b",
)
_CODE = (
    r"\"role\"\s*:\s*\"(?:system|assistant)\"|#{2,}\s*(?:instruction|response|system)\b|<\|\w+\|>",
    r"<\s*/?\s*(?:script|iframe|img|svg|object|embed|style)\b|\bjavascript:|\bonerror\s*=",
    r"\bdrop\s+table\b|\bunion\s+select\b|';\s*--|\bor\s+1\s*=\s*1\b|\{\{.*\}\}|\$\{.*\}|\.\./\.\./",
)
_ABUSE = (
    r"\byou\b.{0,40}\b(?:stupid|useless|dumb|idiot\w*|moron\w*|junk|trash|garbage|worthless|shut up|go to hell|suck)\b",
    r"\b(?:stupid|useless|dumb|worthless) (?:\w+ ){0,3}(?:bot|machine|program|thing|piece|pile)\b",
    r"\b(?:jokes?|insults?|mock|slurs?|make fun|making fun)\b.{0,60}"
    r"\b(?:disab\w+|blind|deaf|wheelchairs?|cripples?|handicapped|autis\w+)\b",
    r"\b(?:retards?|cripples) (?:are|should|must|deserve)\b",
)
_TASKS = (
    r"\b(?:write|code|create|compose|generate|draw|make)\b(?: (?:me|us|up))?(?: \w+){0,3} (?:function|script|program"
    r"|poem|song|story|essay|joke|recipe|image|picture|sql|html|python|javascript|lyrics|limerick|rap)\b",
)
_HOSTILE = re.compile("|".join((*_ORDERS, *_CODE, *_ABUSE, *_TASKS)), re.IGNORECASE | re.DOTALL)


def is_hostile(question: str) -> bool:
    """Whether a text tries to command, abuse or employ the program."""
    return _HOSTILE.search(question) is not None
