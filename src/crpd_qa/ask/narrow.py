"""Where a question is looked for: the States that it names, and whose voice it asks for.

"What did the Committee criticise in Croatia, and what had the State reported?" is looked for in Croatia's report and
in the conclusions on it, apart; "How do Armenia and Chile define disability?" in each State's documents, apart.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import product

from crpd_qa.ask.voices import COMMITTEE, voices
from crpd_qa.documents.model import KINDS
from crpd_qa.language import Language
from crpd_qa.languages.adjectives import describes_elsewhere
from crpd_qa.languages.tables import table
from crpd_qa.library import DocumentEntry, Library
from crpd_qa.retrieve.structure import articles_named
from crpd_qa.scope import Scope

ASKING = "list-of-issues"
MAX_GROUPS = 6
"""So many States and voices are answered apart."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`scope` is all that is asked; `groups` its parts that are answered apart, in order, or itself alone."""

    scope: Scope
    groups: tuple[Scope, ...]
    by_question: bool
    """Whether the question narrowed it, so that one may want to widen it."""
    names: tuple[str, ...] = ()
    """Of States that it is narrowed to, as the question has them."""
    strangers: tuple[str, ...] = ()
    """Codes of States that the question names and of which the scope holds no document."""
    spoken: dict[str, set[str]] = field(default_factory=dict)
    """Of several voices that are asked for, by kind of document, the question's words that name each."""
    only_answering: bool = False
    """Whether it has the kinds that answer only since nobody asked for any."""

    @property
    def told(self) -> Scope:
        """What one is told of it: what was chosen, and what the question names."""
        return replace(self.scope, kind=()) if self.only_answering else self.scope

    def not_searched(self, group: Scope) -> tuple[str, ...]:
        """Words that tell nothing in a group's documents: those that name other voices, and the State's own.

        A report does not say that it reports; the Committee does say that it recommends.
        """
        own = set().union(*(self.spoken.get(kind, set()) for kind in COMMITTEE if kind in group.kind))
        return tuple(sorted(set().union(*self.spoken.values()) - own))


def narrow(question: str, language: Language, scope: Scope, library: Library) -> Narrowed:
    """The scope that was chosen, narrowed by what the question names. What was chosen is never widened."""
    symbols = tuple(e.symbol for e in _entries(scope, library) if symbol_in(question, e.symbol))
    narrowed = replace(scope, document=symbols) if symbols else scope
    named = library.states_in(question, language)
    excluded = {code for code, name in named if _excluded(question, name, language)}
    named = [(code, name) for code, name in named if code not in excluded]
    held = {entry.state for entry in _entries(narrowed, library) if entry.state}
    states = tuple(dict.fromkeys(code for code, _ in named if code in held))
    names = tuple(dict.fromkeys(name for code, name in named if code in states))
    strangers = tuple(
        dict.fromkeys(
            code
            for code, name in named
            if code not in held and name not in names and not describes_elsewhere(name, language)
        )
    )
    if states and len(held) > 1:
        narrowed = replace(narrowed, state=states)
    elif held & excluded:
        narrowed = replace(narrowed, state=tuple(sorted(held - excluded)))
    kinds = {entry.kind for entry in _entries(narrowed, library)}
    spoken = voices(question, language, [name for _, name in named], kinds)
    asked = tuple(kind for kind in KINDS if kind in kinds and kind in spoken)
    if asked and len(asked) < len(kinds):
        narrowed = replace(narrowed, kind=asked)
    by_question = narrowed != scope
    only_answering = not asked and not narrowed.kind and not narrowed.document and len(kinds) > 1
    if only_answering:
        # A list of issues asks; it answers nothing, unless that is what one wants to know.
        narrowed = replace(narrowed, kind=tuple(kind for kind in KINDS if kind in kinds and kind != ASKING))
    groups = [
        replace(narrowed, state=(state,) if state else narrowed.state, kind=(kind,) if kind else narrowed.kind)
        for state, kind in product(
            states if len(states) > 1 else ("",),
            asked if len(asked) > 1 else ("",),
        )
    ]
    present = tuple(group for group in groups if library.matching(group))[:MAX_GROUPS]
    spoken = spoken if len(asked) > 1 else {}
    return Narrowed(narrowed, present or (narrowed,), by_question, names, strangers, spoken, only_answering)


def _excluded(question: str, name: str, language: Language) -> bool:
    """Whether the question leaves that State out: "Kenya excepted", "in all States except for Kenya"."""
    words = table(language, "states")["excluding"]
    sides = [rf"{re.escape(said)}\s+{re.escape(name)}" for said in words["before"]]
    sides += [rf"{re.escape(name)},?\s+{re.escape(said)}" for said in words["after"]]
    return bool(re.search(rf"(?<!\w)(?:{'|'.join(sides)})(?!\w)", question, re.IGNORECASE))


def symbol_in(question: str, symbol: str) -> str:
    """A document's symbol as a question has it, whole or without the treaty body's: "AZE/CO/1"; "" if it has none.

    What is no symbol of the United Nations is the name of a file, and may be any word: "women".
    """
    if "/" not in symbol:
        return ""
    short = symbol.partition("/C/")[2]
    names = "|".join(re.escape(name) for name in (symbol, short) if name)
    found = re.search(rf"(?<![\w/])(?:{names})(?![\w/])", question, re.IGNORECASE)
    return found[0] if found else ""


def to_articles(narrowed: Narrowed, question: str, library: Library) -> Narrowed:
    """The same, narrowed to the articles of the Convention that the question names, where there is anything on them."""
    articles = articles_named(question)
    if not articles or narrowed.scope.article or not library.selects(replace(narrowed.scope, article=articles)):
        return narrowed
    return replace(
        narrowed,
        scope=replace(narrowed.scope, article=articles),
        groups=tuple(replace(group, article=articles) for group in narrowed.groups),
        by_question=True,
    )


def _entries(scope: Scope, library: Library) -> list[DocumentEntry]:
    return [library.entries[number] for number in library.matching(scope)]
