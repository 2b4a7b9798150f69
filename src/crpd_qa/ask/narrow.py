"""Where a question is looked for: the States that it names, and whose voice it asks for.

"What did the Committee criticise in Croatia, and what had the State reported?" is looked for in Croatia's report and
in the conclusions on it, apart; "How do Armenia and Chile define disability?" in each State's documents, apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from crpd_qa.documents.model import KINDS
from crpd_qa.language import Language
from crpd_qa.languages.states import states_named
from crpd_qa.languages.tables import table
from crpd_qa.library import Library
from crpd_qa.scope import Scope

MAX_GROUPS = 6
"""So many States and voices are answered apart."""
MAX_GAP = 4
"""Words that may stand between those of a phrase that names a voice."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`scope` is all that is asked; `groups` its parts that are answered apart, in order, or itself alone."""

    scope: Scope
    groups: tuple[Scope, ...]
    by_question: bool
    """Whether the question narrowed it, so that one may want to widen it."""
    named: tuple[str, ...] = ()
    """States that the question names."""
    strangers: tuple[str, ...] = ()
    """Those of them of which the scope holds no document."""


def narrow(question: str, language: Language, scope: Scope, library: Library) -> Narrowed:
    """The scope that was chosen, narrowed by what the question names. What was chosen is never widened."""
    entries = [library.entries[number] for number in library.matching(scope)]
    held = {entry.state for entry in entries if entry.state}
    named = tuple(dict.fromkeys(_named(question, language, library)))
    states = tuple(code for code in named if code in held)
    strangers = tuple(code for code in named if code not in held)
    narrowed = scope
    if states and len(held) > 1:
        narrowed = replace(narrowed, state=states)
        entries = [entry for entry in entries if entry.state in states]
    kinds = {entry.kind for entry in entries}
    voices = tuple(kind for kind in KINDS if kind in kinds and kind in voices_named(question, language))
    if voices and len(voices) < len(kinds):
        narrowed = replace(narrowed, kind=voices)
    groups = [
        replace(narrowed, state=(state,) if state else narrowed.state, kind=(kind,) if kind else narrowed.kind)
        for state, kind in product(
            states if len(states) > 1 else ("",),
            voices if len(voices) > 1 else ("",),
        )
    ]
    present = tuple(group for group in groups if library.matching(group))[:MAX_GROUPS]
    return Narrowed(narrowed, present or (narrowed,), narrowed != scope, named, strangers)


def _named(question: str, language: Language, library: Library) -> Sequence[str]:
    """Codes of the States that a question names: those that all know, and those that only the library knows."""
    own = [code for name, code in library.own_names.items() if re.search(rf"\b{re.escape(name)}", question)]
    return [state.code for state in states_named(question, language)] + own


def voices_named(question: str, language: Language) -> frozenset[str]:
    """Kinds of documents whose voice a question asks for."""
    words = _WORD.findall(question.lower())
    return frozenset(
        kind for kind, phrases in _voices(language).items() if any(_says(words, phrase) for phrase in phrases)
    )


@cache
def _voices(language: Language) -> dict[str, list[list[str]]]:
    return {kind: [phrase.split() for phrase in phrases] for kind, phrases in table(language, "voices").items()}


def _says(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether words begin as those of a phrase do, in order and near each other."""
    starts = [i for i, word in enumerate(words) if word.startswith(phrase[0])]
    for start in starts:
        position = start
        for wanted in phrase[1:]:
            window = range(position + 1, min(position + 2 + MAX_GAP, len(words)))
            found = next((i for i in window if words[i].startswith(wanted)), None)
            if found is None:
                break
            position = found
        else:
            return True
    return False
