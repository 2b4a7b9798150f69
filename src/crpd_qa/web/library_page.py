"""The page /library: every document under its State, and a search in that list."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from urllib.parse import urlencode

from crpd_qa.documents.model import KINDS
from crpd_qa.languages.states import state_name
from crpd_qa.library import DocumentEntry, Library
from crpd_qa.texts import LANGUAGES
from crpd_qa.web.addresses import original_address, reader_address
from crpd_qa.web.rendering import render
from crpd_qa.web.words import counted, date_in_words, kind_in_words, language_name

MAX_SEARCHED = 200
"""Characters of what is searched for that are read."""


@dataclass(frozen=True)
class Version:
    """A document in one language, with where it is read and where its original file is."""

    entry: DocumentEntry
    language: str
    """Its name in the page's language."""
    address: str
    original: str
    form: str
    """Of the original file: "PDF"."""


@dataclass(frozen=True)
class Listed:
    """A document as the list has it: what is said of it is said of its first version, that which is read first."""

    versions: tuple[Version, ...]
    name: str
    """ "Kenya: State report, 2012" """
    date: str

    @property
    def entry(self) -> DocumentEntry:
        return self.versions[0].entry


@dataclass(frozen=True)
class OfState:
    """A State's documents, by kind in the order of a dialogue, then by date; `name` is "" for those of no State."""

    name: str
    documents: tuple[Listed, ...]


def render_library(library: Library, language: str, search: str = "", kind: str = "", *, base: str = "") -> str:
    """The page in a language, with the documents of a kind that have all words of `search`. `base`: see `render`."""
    entries = library.entries
    wanted = search[:MAX_SEARCHED]
    kinds = [each for each in KINDS if any(entry.kind == each for entry in entries)]
    only = kind if kind in kinds else ""
    found = {entry.symbol for entry in entries if only in ("", entry.kind) and _matches(entry, wanted.split())}
    own = [entry for entry in entries if entry.symbol in found]
    return render(
        "library.html",
        language,
        here="/library",
        base=base,
        several=library.has_several,
        keep={name: value for name, value in (("q", wanted), ("kind", only)) if value},
        search=wanted,
        kind=only,
        kinds=[(each, kind_in_words(each, language)) for each in kinds],
        count=_counted(entries, language),
        found=_counted(own, language) if own else "",
        of_states=_of_states(own, language, base),
    )


def _counted(entries: Sequence[DocumentEntry], language: str) -> str:
    """ "14 documents of 5 States" """
    documents = counted("library_documents", len({entry.symbol for entry in entries}), language)
    states = len({entry.state for entry in entries if entry.state})
    return counted("library_count", states, language, documents=documents) if states else documents


def versions_of(entries: Iterable[DocumentEntry], language: str, base: str) -> tuple[Version, ...]:
    """The versions of a document, as a page in that language leads to them."""
    return tuple(
        Version(
            entry,
            language_name(entry.language, language),
            f"{reader_address(entry.symbol, base)}?{urlencode({'lang': language, 'in_language': entry.language})}",
            original_address(entry.symbol, entry.language, base),
            PurePath(entry.source.name).suffix[1:5].upper(),
        )
        for entry in entries
    )


def _of_states(entries: Iterable[DocumentEntry], language: str, base: str) -> list[OfState]:
    by_symbol: dict[str, list[DocumentEntry]] = {}
    for entry in entries:
        by_symbol.setdefault(entry.symbol, []).append(entry)
    listed = []
    for own in by_symbol.values():
        own.sort(key=lambda entry: entry.language != language)
        state, kind = own[0].state, kind_in_words(own[0].kind, language)
        known = f"{state_name(state, language)}: {kind}" if state else kind
        known += f", {own[0].date[:4]}" if own[0].date else ""
        listed.append(Listed(versions_of(own, language, base), known, date_in_words(own[0].date, language)))

    def name(document: Listed) -> str:
        return state_name(document.entry.state, language) if document.entry.state else ""

    listed.sort(key=lambda d: (not name(d), _folded(name(d)), KINDS.index(d.entry.kind), d.entry.date, d.entry.symbol))
    return [OfState(state, tuple(own)) for state, own in groupby(listed, key=name)]


def _matches(entry: DocumentEntry, words: Iterable[str]) -> bool:
    """Whether each word begins a word of the State's name or of the kind in any language, or is in symbol or title."""
    names = [state_name(entry.state, language) for language in LANGUAGES] if entry.state else []
    kinds = [kind_in_words(entry.kind, language) for language in LANGUAGES]
    spoken = _folded(" ".join([entry.state, *names, *kinds, entry.date[:4]])).split()
    written = _folded(f"{entry.symbol} {entry.title}")
    return all(
        folded in written or any(name.startswith(folded) for name in spoken) for folded in map(_folded, words) if folded
    )


def _folded(text: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
