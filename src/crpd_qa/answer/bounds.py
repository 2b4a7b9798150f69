"""How a figure is bounded: at least, at most, more than, less than."""

import re

_MORE = r"(?:more|longer|higher|older|later)"
_LESS = r"(?:less|fewer|lower|shorter|younger|earlier)"
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
