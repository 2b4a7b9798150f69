"""Words that turn a sentence round: negation, quantifiers, comparisons.

Encoders hardly see them ("Forced labour is not prohibited" lies next to "Forced labour is prohibited"), so they are
compared by rule.
"""

import re
from itertools import islice

# Negations in form only: free of charge, only, blind or deaf.
_FREE = r"(?:(?:extra|additional) )?(?:cost|charge|expense|fee|payment|paying)s?\b"
_SENSES = r"(?:hear|see|speak|walk|read)\b"
_BUT = r"(?:but|except|other than)\b"
_MORE = r"(?:more|longer|higher|older|later)"
_LESS = r"(?:less|fewer|lower|shorter|younger|earlier)"
_BOUNDED = rf"(?:be |last |take |work |wait )?(?:{_MORE}|{_LESS}) than\b"
NEGATION = re.compile(
    rf"\b(?:not(?! (?:only|exceed|{_BOUNDED})| {_SENSES})|cannot(?! {_SENSES})|"
    rf"no(?![,:;!]|\. ?\d| {_BOUNDED}| {_FREE}| one {_BUT})|"
    rf"never|without(?! {_FREE})|neither|nor|none(?! {_BUT})|nobody(?! {_BUT})|(?<!cost )(?<!costs )nothing(?! {_BUT})|"
    r"nowhere|hardly|refus\w+|prohibit\w*|"
    r"forb[ia]d\w*|ban(?:s|ned)?|fail(?:s|ed|ure)?|lack(?:s|ed|ing)?|unable|denie[sd]|deny)\b|n[’']t\b",
    re.IGNORECASE,
)
"""A sentence means something else without one of these."""
WEAK_NEGATION = re.compile(
    r"\b(?:free(?:d|ly)?|exempt\w*|except\w*|unless|only|solely|illegal|unlawful\w*|inaccessible|inviolable|unimpeded|"
    r"unhindered|barrier-free|void|absen\w+|incapable|impossible|contrary|exclud\w*|exclusion\w*|"
    r"eliminat\w*|remov\w*|prevent\w*|depriv\w*|unemploy\w*|out of|instead|obstacle\w*|tolerat\w*|null|abolish\w*|"
    r"against|unsound|stripped|other than|invalid|(?:keep\w*|stop\w*) (?:\w+ ){0,3}(?:from|away)|bar(?:s|red)|"
    rf"(?:no|without) {_FREE}|costs? \w* ?nothing|(?:no one|nobody|none|nothing) {_BUT}|cannot {_SENSES})\b",
    re.IGNORECASE,
)
"""Words by which a paraphrase may say what the paragraph says with a negation, or the other way about."""

_AFFIRMED = (
    ("cannot", "can"), ("without", "with"), (r"prohibit\w*", "permit"), (r"forb[ia]d\w*", "allow"),
    (r"ban\w*", "allow"), ("unable", "able"), (r"lack\w*", "have"), ("neither", "both"), ("nor", "and"),
    ("none", "all"), ("nobody", "everybody"), ("nothing", "everything"), ("never", "always"),
    (r"refus\w+", "agree"), (r"fail\w*", "manage"), ("hardly", "well"), (r"den\w+", "grant"),
)  # fmt: skip

_QUANTIFIERS = {
    "all": r"all(?! the same)|(?<!almost )(?<!nearly )every(?! (?:year|month|day|\d))|everyone|"
    r"(?<!almost )(?<!nearly )everybody|each(?! (?:year|month|day))|(?<!without )any(?! other)|anyone|anybody|"
    r"whoever|entire|always|throughout",
    "only": r"only(?! (?:if|about|some|\d))|solely|exclusively|sole|merely",
    "most": r"most|majority|mostly|mainly|generally|chiefly|largely|principally|more than half",
    "few": r"few|hardly any|minority|rarely|seldom",
    "some": r"some(?! \d)|certain|several|partly|sometimes|a number of|a few|various|many|in part",
}
QUANTIFIERS = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _QUANTIFIERS.items()}
COMPATIBLE = {
    "all": {"all"},
    "only": {"only"},
    "most": {"most"},
    "few": {"few"},
    "some": {"some", "most", "few"},
}
"""Which quantifiers of a paragraph bear out one of a sentence."""

_BOUNDS = {
    "least": rf"at least|not? (?:\w+ )?{_LESS} than|minimum(?: of)?|or more|or older|"
    r"and older|or over|from",
    "most": rf"at most|up to|not? (?:\w+ )?{_MORE} than|not (?:\w+ )?exceed\w*|maximum(?: of)?|at the most|or less|"
    r"or younger|within",
    "over": r"more than|over|above|exceed\w*|in excess of|longer than|upwards of",
    "under": r"less than|fewer than|under|below|younger than|lower than|not even",
}
_BOUND = {
    kind: re.compile(
        rf"(?:\b(?:{words})\b)(?:\s+(?:about|around|the|a|of|age of|aged|some|nearly))*\s*\W?$", re.IGNORECASE
    )
    for kind, words in _BOUNDS.items()
}
_BOUND_AFTER = re.compile(r"\s*(?:\w+\s)?or (?P<more>more|older|over|above)\b|\s*(?:\w+\s)?or (?:less|younger|fewer)\b")
OPPOSITE_BOUND = {
    "least": {"most", "under"},
    "most": {"least", "over"},
    "over": {"under", "most"},
    "under": {"over", "least"},
}


def bound_of(text: str, start: int, end: int) -> str:
    """ "least", "most", "over", "under" or "": how the figure at [start, end) of a text is bounded."""
    after = _BOUND_AFTER.match(text, end)
    if after:
        return "least" if after["more"] else "most"
    before = text[max(0, start - 40) : start]
    # "not more than" ends in "more than": the longer reading is tried first.
    return next((kind for kind in ("least", "most", "over", "under") if _BOUND[kind].search(before)), "")


def unmet_quantifiers(claim: str, evidence: str) -> tuple[dict[str, str], bool]:
    """Quantifiers of the claim whose kind the evidence lacks; and whether it has one of a kind that the claim lacks."""
    held = {kind for kind, pattern in QUANTIFIERS.items() if pattern.search(evidence)}
    said = {kind: match[0] for kind, pattern in QUANTIFIERS.items() if (match := pattern.search(claim))}
    unmet = {kind: word for kind, word in said.items() if not COMPATIBLE[kind] & held}
    return unmet, bool(held - said.keys())


MAX_NEGATIONS = 20
"""No sentence has more that mean anything, and each makes a text of its own."""


def affirmed(text: str) -> list[str]:
    """The text without each of its negations in turn, the first MAX_NEGATIONS of them."""
    found = []
    for match in islice(NEGATION.finditer(text), MAX_NEGATIONS):
        opposite = next((word for negation, word in _AFFIRMED if re.fullmatch(negation, match[0], re.IGNORECASE)), "")
        found.append(" ".join(f"{text[: match.start()]} {opposite} {text[match.end() :]}".split()))
    return found
