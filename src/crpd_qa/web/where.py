"""The filter "Where to look" of the chat and of the form: what there is to choose, and what a form says of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crpd_qa.documents.model import KINDS
from crpd_qa.languages.states import state_name
from crpd_qa.library import Library
from crpd_qa.scope import FIRST_YEAR, LAST_YEAR, Scope
from crpd_qa.texts import texts
from crpd_qa.web.words import kind_in_words, language_name

FIELDS = ("state", "kind", "article", "document", "document_language")
YEAR_FROM, YEAR_TO = "year_from", "year_to"


@dataclass(frozen=True)
class Choice:
    """A list to choose from, `name` that of the form's field; (value, text) of each, after the one for all."""

    name: str
    label: str
    everything: str
    options: tuple[tuple[str, str], ...]
    chosen: str = ""


def choices(library: Library, language: str, scope: Scope) -> list[Choice]:
    """What the library can be narrowed to; a field that has one value alone narrows nothing and is left out."""
    t, entries = texts(language), library.entries
    years = sorted({str(entry.year) for entry in entries if entry.year})
    options: dict[str, Iterable[tuple[str, str]]] = {
        "state": sorted(((s, state_name(s, language)) for s in {e.state for e in entries if e.state}), key=_by_text),
        "kind": [(k, kind_in_words(k, language)) for k in KINDS if any(entry.kind == k for entry in entries)],
        "article": [(str(n), t["where_article_one"].format(number=n)) for n in _articles(library)],
        "document": sorted((symbol, symbol) for symbol in {entry.symbol for entry in entries}),
        "document_language": sorted(
            ((code, language_name(code, language)) for code in {e.language for e in entries}), key=_by_text
        ),
        YEAR_FROM: [(year, year) for year in years],
        YEAR_TO: [(year, year) for year in years],
    }
    chosen = {
        **{name: str(values[0]) for name in FIELDS if (values := getattr(scope, name))},
        **{
            name: str(year)
            for name, year in zip((YEAR_FROM, YEAR_TO), (*scope.year[:1], *scope.year[-1:]), strict=False)
        },
    }
    everything = {name: t[f"where_{name}_all"] for name in FIELDS} | dict.fromkeys(
        (YEAR_FROM, YEAR_TO), t["where_year_all"]
    )
    return [
        Choice(name, t[f"where_{name}"], everything[name], own, chosen.get(name, ""))
        for name, found in options.items()
        if len(own := tuple(found)) > 1
    ]


def scope_of_form(said: Mapping[str, Sequence[str]]) -> Scope:
    """What a form's fields narrow to; what is empty narrows nothing. Raises ScopeError."""
    given: dict[str, object] = {name: [v for v in said.get(name, ()) if v.strip()] for name in FIELDS}
    first, last = (next((v for v in said.get(name, ()) if v.strip()), "") for name in (YEAR_FROM, YEAR_TO))
    if first or last:
        given["year"] = [first or FIRST_YEAR, last or LAST_YEAR]
    return Scope.of(given)


def fields_of_form(scope: Scope) -> list[tuple[str, str]]:
    """The fields that say a scope, to be sent along with another question."""
    fields = [(name, str(value)) for name in FIELDS for value in getattr(scope, name)]
    if scope.year:
        fields += [(YEAR_FROM, str(scope.year[0])), (YEAR_TO, str(scope.year[-1]))]
    return fields


def _articles(library: Library) -> list[int]:
    """Articles of the Convention under which any document has paragraphs."""
    bits = int(np.bitwise_or.reduce(library.store.articles, initial=np.uint64(0)))
    return [article for article in range(1, 64) if bits >> article & 1]


def _by_text(option: tuple[str, str]) -> str:
    return option[1].casefold()
