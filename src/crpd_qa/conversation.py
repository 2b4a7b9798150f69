"""A message and those before it -> what is looked for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from crpd_qa.ask.narrow import Narrowed, symbol_in
from crpd_qa.ask.voices import voices_named
from crpd_qa.documents import Document
from crpd_qa.language import LANGUAGES, Language
from crpd_qa.languages.tables import is_word, table
from crpd_qa.retrieve import Place, Query, Ranking, locate
from crpd_qa.retrieve.structure import in_english, names_place
from crpd_qa.store.lexical import terms

MAX_CONTEXT_CHARACTERS = 1000
"""What was said longest ago is left out: an encoder reads so many words, and the message stands last."""
ANOTHER_THING = 0.5
"""A message names another thing than was spoken of if the paragraph found for both together holds less than this share
of what the paragraph found for it alone holds of its words."""
NEAREST = 3
"""A message goes on with a place that was asked for if one of so many paragraphs found for it alone stands there."""
NAMED = 2
"""Words that carry meaning: with no more of them "and how many are women?" goes on with what was said; after so many
"their" stands for one of them ("may a deaf person bring their own ..."; not so "what share of their ...")."""
COURTESIES = ("thanks", "greetings")
SELF_CONTAINED = 4
"""After so many words that carry meaning a pronoun may well stand for one of them."""

_TOKEN = re.compile(r"\w[\w’'-]*|[,;:]")
_STEP = re.compile(
    r"\b(?:the )?(?P<way>next|following|previous|preceding|(?P<count>one|two|three|four|five|\d{1,2}) "
    r"(?:further|more|later|after|earlier|before|back)(?: on| up| down)?)\b",
    re.IGNORECASE,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message asks for: a place in a document, or what the ranking has found for the query."""

    query: Query
    narrowed: Narrowed
    document: Document | None = None
    """The only one that is asked."""
    place: Place | None = None
    places: tuple[tuple[Document, Place], ...] = ()
    """Where several documents are asked, those that have the place."""
    ranking: Ranking | None = None
    """None where a place is asked for."""
    help: bool = False
    """It asks nothing of the report: a greeting, a thank-you, a question about the program."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What understanding a message takes from retrieval and from answering."""

    narrow: Callable[[Query], Narrowed]
    """The documents in which a question is looked for."""
    articles: Callable[[Query, Narrowed], Narrowed]
    """The same, narrowed to the articles that it names besides."""
    document: Callable[[Query], Document | None]
    """The document that is asked, if it is only one."""
    documents: Callable[[Query], Sequence[Document]]
    """Those that are asked, if they are few."""
    rank: Callable[[Query], Ranking]
    detect: Callable[[str], Language]
    """The language of a text."""
    is_help: Callable[[Query, Ranking, bool], bool]
    """Whether a message asks nothing of the report; True where it may well go on with the one before."""
    answers: Callable[[Understood], bool]
    """Whether an earlier message was answered: what was declined, or was no question, is not gone on with."""
    holds: Callable[[Ranking, Ranking], float]
    """How much of one ranking's question the best paragraph of another one holds, from 0 to 1."""


def understand(message: str, history: Sequence[str], listener: Listener) -> Understood:
    """`history` holds the earlier messages, oldest first. What stands alone drags nothing along."""

    def asks_for_help(own: Understood, how: str) -> bool:
        return bool(own.ranking and listener.is_help(own.query, own.ranking, how == "surely"))

    @cache
    def at(number: int) -> Understood:
        text = messages[number]
        alone = _read(Query(text), listener)
        if alone.ranking is None:
            return alone
        how = leaning(text) if number else ""
        asked = _after_courtesies(text)
        rest = alone if asked in ("", text) else _read(Query(asked), listener)
        if not asked or asks_for_help(alone, how) or asks_for_help(rest, how):
            return replace(alone, help=True)
        if not how:
            return alone
        context = next((at(n).query.text for n in range(number - 1, -1, -1) if answered(n)), "")
        if not context:
            return alone
        if alone.document and (step := _step_from(text, context, alone.document)):
            return _read(Query(step), listener)
        together = _read(Query(text, _last_characters(context)), listener)
        if how == "surely":
            return together
        if not together.ranking:
            return together if _near(alone.ranking, together) else alone
        held, best = listener.holds(alone.ranking, together.ranking), listener.holds(alone.ranking, alone.ranking)
        return together if held >= ANOTHER_THING * best else alone

    @cache
    def answered(number: int) -> bool:
        return listener.answers(at(number))

    messages = [*history, message]
    return at(len(history))


def _read(query: Query, listener: Listener) -> Understood:
    query = replace(query, language=listener.detect(query.text))
    narrowed = listener.narrow(query)
    query = replace(query, scope=narrowed.scope, names=narrowed.names)
    document = listener.document(query)
    place = place_of(query, document) if document else None
    if place:
        return Understood(query, narrowed, document, place)
    if not document and names_place(query.text):
        named = [(own, at) for own in listener.documents(query) if (at := place_of(query, own))]
        places = [(own, at) for own, at in named if at.found] or (named[:1] if query.scope else [])
        if places:  # where none has it, one is told that the first has not
            return Understood(query, narrowed, places=tuple(places))
    narrowed = listener.articles(query, narrowed)
    query = replace(query, scope=narrowed.scope)
    return Understood(query, narrowed, document, ranking=listener.rank(query))


def _near(ranking: Ranking, understood: Understood) -> bool:
    """Whether one of the best paragraphs stands in the place that was asked for before."""
    places = understood.places or ((understood.document, understood.place),)
    there = {(own.symbol, label) for own, place in places if own and place for label in place.found}
    best = range(min(NEAREST, len(ranking)))
    return any((ranking.document(n).symbol, ranking.paragraph(n).label) in there for n in best)


def place_of(query: Query, document: Document) -> Place | None:
    """The place in a document that a question asks for, in any language; None if it asks by its words."""
    names = (symbol_in(query.text, document.symbol), *query.names)
    text = query.text if query.language == "en" else in_english(query.question, names) or query.text
    for word in table(query.language, "places").get("prepositions", ()):
        text = re.sub(rf"\b{word}\s+(?=\d+\s+[^\W\d_])", "", text, flags=re.IGNORECASE)
    return locate(text, document, (*names, *voices_named(text, "en").get(document.kind, ())))


def _last_characters(context: str) -> str:
    if len(context) <= MAX_CONTEXT_CHARACTERS:
        return context
    return context[-MAX_CONTEXT_CHARACTERS:].partition(" ")[2]


def leaning(message: str) -> str:
    """Whether a message goes on with what was said before: "surely", "maybe", or "" where it stands alone.

    Surely where a pronoun needs it, or where it begins so and asks in few words. Maybe where it only begins so, or
    names a single thing: what is found decides.
    """
    words = [token.lower() for token in _TOKEN.findall(message)]
    if _find(words, "changes") or all(word in ",;:" for word in words):
        return ""
    if _leaning_pronoun(words):
        return "surely"
    while filler := _starts(words, "fillers"):
        words = words[filler:]
    opening = _starts(words, "openings")
    asking = {n for n in range(len(words)) if _starts(words[n : n + 1], "asking")}
    things = [
        t for n, word in enumerate(words) if n >= opening and n not in asking for t in terms(word) if not t.isdigit()
    ]
    if not things or (opening and len(things) <= NAMED and any(n >= opening for n in asking)):
        return "surely"
    return "maybe" if opening or len(things) == 1 else ""


def courtesy(message: str) -> str:
    """What a message holds that is answered in kind: "thanks", else "greetings", or ""."""
    words = [token.lower() for token in _TOKEN.findall(message)]
    return next((kind for kind in COURTESIES if _find(words, kind)), "")


def _after_courtesies(message: str) -> str:
    """What a message says after "good morning" and "thank you"; "" if that is all."""
    tokens = list(_TOKEN.finditer(message))
    words = [token[0].lower() for token in tokens]
    said = {n for kind in COURTESIES for start, end in _find(words, kind) for n in range(start, end)}
    first = next((n for n, word in enumerate(words) if n not in said and word not in ",;:"), None)
    if first is None:
        return "" if tokens else message
    return message[tokens[first].start() :] if first else message


def _leaning_pronoun(words: list[str]) -> bool:
    """Whether the first pronoun stands for something that the message does not name."""
    inside = {n for start, end in _find(words, "set_phrases") for n in range(start, end)}
    pronouns = [start for start, end in _find(words, "pronouns") if not inside & set(range(start, end))]
    owning = [start for start, _ in _find(words, "possessives") if start not in inside]
    if not pronouns and not owning:
        return False
    first = min([*pronouns, *owning])
    own_clause = max((end for _, end in _find(words[:first], "clauses")), default=0)
    own_clause = max(own_clause, *(n + 1 for n, word in enumerate(words[:first]) if word in ",;:"), 0)
    if first in owning and len(terms(" ".join(words[:first]))) >= NAMED:
        return False
    before = terms(" ".join(words[:own_clause]))
    return not before and len(terms(" ".join(words[:first]))) < SELF_CONTAINED


Phrase = tuple[str, ...]


@cache
def _phrases(kind: str) -> dict[str, list[Phrase]]:
    """Of all languages, since too little is said to tell which; by the first two letters."""
    found: dict[str, list[Phrase]] = {}
    for language in LANGUAGES:
        for phrase in table(language, "talk").get(kind, ()):
            words = tuple(phrase.split())
            found.setdefault(words[0][:2].rstrip("*"), []).append(words)
    return {first: sorted(phrases, key=len, reverse=True) for first, phrases in found.items()}


def _starts(words: Sequence[str], kind: str) -> int:
    """How many words of a text's beginning are such a phrase; 0 if none."""
    for phrase in _phrases(kind).get(words[0][:2], ()) if words else ():
        if len(words) >= len(phrase) and all(map(is_word, words, phrase)):
            return len(phrase)
    return 0


def _find(words: list[str], kind: str) -> list[tuple[int, int]]:
    """[start, end) of each such phrase."""
    longest = 5
    return [(n, n + length) for n in range(len(words)) if (length := _starts(words[n : n + longest], kind))]


def _step_from(message: str, context: str, document: Document) -> str:
    """ "and the next one?" after "what does paragraph 107 say?" is "paragraph 108"."""
    step = _STEP.search(message)
    place = locate(context, document) if step else None
    if not step or not place or not place.found:
        return ""
    way = step["way"].lower()
    back = any(word in way for word in ("previous", "preceding", "earlier", "before", "back"))
    count = step["count"] or "1"
    distance = _COUNTS.get(count.lower()) or int(count) if count.isdigit() or count.lower() in _COUNTS else 1
    labels = [paragraph.label for paragraph in document]
    there = labels.index(place.found[0]) - distance if back else labels.index(place.found[-1]) + distance
    return f"paragraph {labels[there]}" if 0 <= there < len(labels) else ""
