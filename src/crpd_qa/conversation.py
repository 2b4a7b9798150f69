"""A follow-up and its history -> a question that stands alone."""

import re
from collections.abc import Sequence

from crpd_qa.documents import Document
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.structure import locate
from crpd_qa.store.lexical import terms

_OPENING = re.compile(
    r"^\W*(?:ok(?:ay)?|so|well|yes|no|right|thanks|thank you)?\W*"
    r"(?:and|but|or|also|then|plus|what about|how about|what if|why not|why so|since when|by whom|who else|what else|"
    r"which ones?|how so|how come)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:its?|they|them|their|theirs|he|him|his|she|her|hers|those|these|ones?|the other|the others|the same|"
    r"(?:is|was|than|to|for|of|in|under|after|before|from|about|on|with|by|like) (?:that|this)|"
    r"that (?:many|much|one|way)|this one|such|both of|neither|either|"
    r"the (?:first|second|third|last|next|former|latter))\b",
    re.IGNORECASE,
)
_NO_PRONOUN = re.compile(
    r"\b(?:is|was|would|will) it (?:possible|allowed|legal|true|okay|ok|permitted|forbidden|prohibited)\b"
    r"|\bits own\b|\bhis or her\b|\bhe or she\b|\bhim or her\b|\bsuch as\b"
    r"|\b(?:of|in|for|to|under|about) this report\b",
    re.IGNORECASE,
)
_TOPIC_CHANGE = re.compile(
    r"\b(?:different (?:thing|question|topic|subject)|another (?:thing|question|topic|subject)|something else|"
    r"new (?:question|topic)|change of (?:topic|subject)|unrelated|by the way|on another note)\b",
    re.IGNORECASE,
)
_OPENING_OTHER = re.compile(
    r"^\W*(?:а|и|но|или|ну|тогда|ал|ж[әа]не|сонда|б[іи]ра[қк]|немесе|et|mais|ou|alors|y|e|pero|o|entonces)\b",
    re.IGNORECASE,
)
_PRONOUN_OTHER = re.compile(
    r"\b(?:они|их|им|ими|н[иё]х|ним|н[её]го|ней|неё|его|её|ее|эти|этих|этого|этой|этот|там же|такие|таких"
    r"|олар\w*|оның|оны[нңқ]?|онда|б[ұу]лар\w*|б[ұу]ны[ңн]|осы\w*|солар\w*"
    r"|ils|elles|leurs?|eux|ceux|celles|cela|en est-il|ell[oa]s|es[oa]s?|ést[oa]s?|de ellos)\b",
    re.IGNORECASE,
)
"""Russian, Kazakh, French, Spanish."""
_STEP = re.compile(
    r"\b(?:the )?(?P<way>next|following|previous|preceding|(?P<count>one|two|three|four|five|\d{1,2}) "
    r"(?:further|more|later|after|earlier|before|back)(?: on| up| down)?)\b",
    re.IGNORECASE,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def resolve(question: str, history: Sequence[str], document: Document | None) -> Query:
    """The question as it is to be looked for. `history` holds the earlier questions, oldest first.

    A question that stands alone is returned as it is: a change of topic drags nothing along.
    """
    context = ""
    for earlier in history:
        context = _resolve(earlier, context, document).text
    return _resolve(question, context, document)


def _resolve(question: str, context: str, document: Document | None) -> Query:
    if not context or not depends(question):
        return Query(question)
    step = _step_from(question, context, document)
    return Query(step) if step else Query(question, context)


def depends(question: str) -> bool:
    """Whether a question cannot be understood alone, by its opening, its pronouns or its few words."""
    if _TOPIC_CHANGE.search(question):
        return False
    words = terms(question)
    if _OPENING.search(question):
        return True
    if _OPENING_OTHER.search(question) or _PRONOUN_OTHER.search(question):
        return True
    if _PRONOUN.search(_NO_PRONOUN.sub("", question)):
        return True
    return len(words) <= 1


def _step_from(question: str, context: str, document: Document | None) -> str:
    """ "and the next one?" after "what does paragraph 107 say?" is "paragraph 108"."""
    step = _STEP.search(question)
    place = locate(context, document) if step and document else None
    if not step or not document or not place or not place.found:
        return ""
    way = step["way"].lower()
    back = any(word in way for word in ("previous", "preceding", "earlier", "before", "back"))
    count = step["count"] or "1"
    distance = _COUNTS.get(count.lower()) or int(count) if count.isdigit() or count.lower() in _COUNTS else 1
    labels = [paragraph.label for paragraph in document]
    there = labels.index(place.found[0]) - distance if back else labels.index(place.found[-1]) + distance
    return f"paragraph {labels[there]}" if 0 <= there < len(labels) else ""
