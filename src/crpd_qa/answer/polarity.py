"""Words that turn a sentence round: negation, quantifiers, comparisons, contraries.

Encoders hardly see them ("Forced labour is not prohibited" lies next to "Forced labour is prohibited"), so they are
compared by rule.
"""

import re

NEGATION = re.compile(
    r"\b(?:not(?! (?:more|less|fewer|only|exceed))|cannot|no(?! (?:later|more|less|fewer|longer|lower))|never|without|neither|nor|none|nobody|nothing|nowhere|hardly|refus\w+|prohibit\w*|"
    r"forb[ia]d\w*|ban(?:s|ned)?|fail(?:s|ed|ure)?|lack(?:s|ed|ing)?|unable|denie[sd]|deny)\b|n[’']t\b",
    re.IGNORECASE,
)
"""A sentence means something else without one of these."""
WEAK_NEGATION = re.compile(
    r"\b(?:free(?:d|ly)?|exempt\w*|except\w*|unless|only|solely|illegal|unlawful\w*|inaccessible|inviolable|unimpeded|unhindered|"
    r"barrier-free|void|absen\w+|incapable|impossible|contrary|exclud\w*|exclusion\w*|"
    r"eliminat\w*|remov\w*|prevent\w*|depriv\w*|unemploy\w*|out of|instead|obstacle\w*|tolerat\w*|null|abolish\w*|"
    r"against|unsound|stripped|other than)\b",
    re.IGNORECASE,
)
"""Words by which a paraphrase may say what the paragraph says with a negation, or the other way about."""

_QUANTIFIERS = {
    "all": r"all(?! the same)|(?<!almost )(?<!nearly )every(?! (?:year|month|day|\d))|everyone|(?<!almost )(?<!nearly )everybody|each(?! (?:year|month|day))|(?<!without )any(?! other)|anyone|anybody|"
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
    "least": r"at least|not less than|no(?:t)? (?:fewer|less|lower) than|minimum(?: of)?|or more|or older|and older|or over|from",
    "most": r"at most|up to|not more than|no more than|not exceed\w*|maximum(?: of)?|at the most|or less|or younger|within|"
    r"no longer than",
    "over": r"more than|over|above|exceed\w*|in excess of|longer than|upwards of",
    "under": r"less than|fewer than|under|below|younger than|lower than|not even",
}
_BOUND = {
    kind: re.compile(rf"(?:\b(?:{words})\b)(?:\s+(?:about|around|the|a|of|age of|aged|some|nearly))*\s*\W?$", re.IGNORECASE)
    for kind, words in _BOUNDS.items()
}
_BOUND_AFTER = re.compile(r"\s*(?:\w+\s)?or (?P<more>more|older|over|above)\b|\s*(?:\w+\s)?or (?:less|younger|fewer)\b")
OPPOSITE_BOUND = {
    "least": {"most", "under"},
    "most": {"least", "over"},
    "over": {"under", "most"},
    "under": {"over", "least"},
}

CONTRARIES = [
    tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in pair)
    for pair in (
        (
            r"increas\w*|r[io]se\w*|rising|risen|gr[eo]w\w*|growth|expand\w*|higher|improv\w*|up by|raised|gone up|went up|wider|longer|larger",
            r"decreas\w*|f[ae]ll\w*|fell|declin\w*|reduc\w*|dropp?\w*|lower\w*|cut|cuts|shr[aiu]nk\w*|worsen\w*|deteriorat\w*|gone down|went down",
        ),
        (r"male|males|men|man|boys?|husbands?|fathers?", r"female|females|wom[ae]n|girls?|wife|wives|mothers?"),
        (r"urban|town\w*|cit(?:y|ies)|municipal", r"rural|villages?|countryside"),
        (r"mandatory|compulsory|obligat\w+|obliged|required?|requires?|must", r"voluntar\w+|optional\w*|of their own will"),
        (r"highest|best|largest|most|maximum|richest", r"lowest|worst|smallest|fewest|minimum|poorest"),
        (r"before|prior to|until", r"after|following|since"),
        (r"state|public\w*|government\w*", r"private\w*|charit\w+"),
        (r"free of charge|free|gratis|without paying|at no cost", r"paid|for a fee|fees?|charged?|at (?:their|his) own"),
        (r"adults?|older|elderly", r"child|children|minors?|infants?"),
        (r"deaf|hearing", r"blind|visual\w*|sight"),
        (r"guarante\w+|protect\w*|support\w*", r"withdr[ae]w\w*|abolish\w*|suspend\w*|revok\w*"),
        (r"allow\w*|permit\w*|entitle\w*|may", r"forbid\w*|forbidden|prohibit\w*|banned|bans?|bar(?:red|s)"),
        (r"accept\w*|approv\w*|adopt\w*|ratif\w*|introduc\w*", r"reject\w*|repeal\w*|withdr[ae]w\w*|den(?:y|ied|ies)|abolish\w*"),
    )
]


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


def contraries(claim: str, evidence: str) -> list[str]:
    """Words of the claim whose contrary stands in the evidence, while they and their like do not."""
    found = []
    for pair in CONTRARIES:
        for one, other in (pair, pair[::-1]):
            match = one.search(claim)
            if match and not other.search(claim) and other.search(evidence) and not one.search(evidence):
                found.append(match[0])
    return found
