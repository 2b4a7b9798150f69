"""Whose voice a question asks for: the State's (reports, replies) or the Committee's (lists of issues, conclusions).

The words that say so are tables of each language's file: `voices`, `voices_beside`, `dialogue`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import pairwise

from crpd_qa.language import Language
from crpd_qa.languages.tables import is_word, table

STATE = ("state-report", "replies")
COMMITTEE = ("concluding-observations", "list-of-issues")
MAX_GAP, GAP_BESIDE_NAME = 4, 1
"""Words that may stand between those of a phrase that names a voice; "say of homes in Chile" is not what Chile says."""
_WORD = re.compile(r"\w+")


def voices(question: str, language: Language, names: Sequence[str], kinds: Collection[str]) -> dict[str, set[str]]:
    """Of each kind of document whose voice is asked for, the words of the question that say so.

    `names` are those of States, as the question has them; `kinds` are those of the documents that are asked.
    """
    found = voices_named(question, language)
    word = table(language, "states")["word"]
    by_name = reduce(lambda text, name: text.replace(name, word), names, question)
    if not found.keys().isdisjoint(COMMITTEE):  # "what did the Committee conclude, and what had Croatia reported?"
        found |= voices_named(by_name, language, "voices", GAP_BESIDE_NAME)
    beside = voices_named(question, language, "voices_beside")
    if len(found.keys() | beside.keys()) > 1:
        found = beside | found
    told = {clause.side for clause in clauses(by_name, language)}
    both = {STATE, COMMITTEE} <= told
    for side in (STATE, COMMITTEE):  # what was asked of a State that has no list of issues stands in the conclusions
        own = found.keys() & set(side)
        if (own or both) and own.isdisjoint(kinds):
            found[next((kind for kind in side if kind in kinds), side[0])] = set().union(*(found[kind] for kind in own))
    return found


@dataclass(frozen=True, slots=True)
class Clause:
    """[start, end) of a question; from `before` on with the word that joins it to the one before."""

    before: int
    start: int
    end: int
    side: tuple[str, ...]
    """STATE or COMMITTEE, whose voice it asks for; () where neither was named yet."""


def clauses(question: str, language: Language) -> list[Clause]:
    """What punctuation, or a word like "and", parts in a question whose words are a single blank apart.

    "Homes in Chile: how many are there, and what did the Committee conclude?" asks the State, then the Committee.
    """
    joining = "|".join(word for word in table(language, "talk")["openings"] if " " not in word)
    joins = re.finditer(rf"(?<=[.?!;:]) | [-–—] |,? (?:{joining}) ", question, re.IGNORECASE)
    places = [(0, 0), *(join.span() for join in joins), (len(question), 0)]
    found: list[Clause] = []
    side: tuple[str, ...] = ()
    for (before, start), (end, _) in pairwise(places):
        clause = question[start:end]
        if _tells(clause, language, "committee", COMMITTEE):
            side = COMMITTEE
        elif _tells(clause, language, "state", STATE) or (not side and _asks(clause, language)):
            side = STATE
        found.append(Clause(before, start, end, side))
    return found


def clauses_of(kind: str, own: Sequence[Clause], question: str, language: Language) -> list[Clause]:
    """What comes before all, and the clauses that name the voice of a kind of document, else those of its side."""
    naming = [
        clause
        for clause in own
        for phrases in ("voices", "voices_beside")
        if kind in voices_named(question[clause.start : clause.end], language, phrases)
    ]
    return [clause for clause in own if not clause.side or (clause in naming if naming else kind in clause.side)]


def joined(own: Sequence[Clause], question: str) -> str:
    """The clauses as one text; a joining word stays only between those that it joined."""
    text, end = "", 0
    for clause in own:
        if clause.before == end:
            text += question[end : clause.end]
        else:
            text = f"{text.rstrip(' ,')} {question[clause.start : clause.end]}"
        end = clause.end
    return text.strip(" ,")


def _tells(clause: str, language: Language, who: str, side: Collection[str]) -> bool:
    found = voices_named(clause, language, "voices", GAP_BESIDE_NAME)
    return _has(clause, table(language, "dialogue")[who]) or not found.keys().isdisjoint(side)


def _asks(clause: str, language: Language) -> bool:
    asking, words = table(language, "talk")["asking"], _WORD.findall(clause.lower())
    begun = any(words[: len(own)] == own for own in map(str.split, table(language, "dialogue")["asks"]))
    return begun or clause.endswith("?") or any(is_word(word, own) for word in words for own in asking)


def _has(clause: str, phrases: Sequence[str]) -> bool:
    """Whether words of a clause begin, one after another, as those of a phrase do."""
    text = " " + " ".join(_WORD.findall(clause.lower()))
    return any(re.search(r" " + r"\w* ".join(map(re.escape, phrase.split())), text) for phrase in phrases)


def voices_named(question: str, language: Language, phrases: str = "voices", gap: int = MAX_GAP) -> dict[str, set[str]]:
    """Of each kind of document, the words of one of the table's phrases that the question has near each other."""
    words = _WORD.findall(question)
    found = {kind: set().union(*(_says(words, p, gap) for p in own)) for kind, own in _split(language, phrases).items()}
    return {kind: said for kind, said in found.items() if said}


@cache
def _split(language: Language, name: str) -> dict[str, list[list[str]]]:
    return {kind: [phrase.split() for phrase in phrases] for kind, phrases in table(language, name).items()}


def _says(words: Sequence[str], phrase: Sequence[str], gap: int) -> set[str]:
    """The words that begin as those of a phrase do, near each other, in any order: "¿qué recomendó el Comité?"."""
    for place, word in enumerate(words):
        if word.lower().startswith(phrase[0]):
            near = words[max(place - gap - 1, 0) : place + gap + 2]
            others = [next((w for w in near if w.lower().startswith(wanted)), "") for wanted in phrase[1:]]
            if all(others):
                return {word, *others}
    return set()
