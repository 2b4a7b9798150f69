"""A library, opened for answering: a snapshot of its documents, searched together."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import orjson

from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.record import from_record, unpacked
from crpd_qa.encode import Encoder
from crpd_qa.encode.multilingual import TextEncoder, installed_or_none, open_multilingual
from crpd_qa.errors import DocumentNotFoundError, IndexDamagedError, ParagraphNotFoundError
from crpd_qa.language import LANGUAGES, Language
from crpd_qa.languages.adjectives import states_described
from crpd_qa.languages.states import state_name, states_named
from crpd_qa.library.manifest import COPY_NAME, FILE_NAME, DocumentEntry, LibraryManifest, read_manifest
from crpd_qa.library.questions import WrittenQuestions
from crpd_qa.scope import Scope
from crpd_qa.settings import settings
from crpd_qa.store.faiss import FaissStore
from crpd_qa.store.manifest import REMEDY
from crpd_qa.store.merged import Merged, merged_segments
from crpd_qa.store.protocol import Space, Store
from crpd_qa.store.segment import Segment
from crpd_qa.store.vectors import Examples

if TYPE_CHECKING:
    from crpd_qa.store.milvus import Collections

DOCUMENT = "document.json.gz"
"""A quarter of `UNPACKED`, as earlier versions wrote it."""
UNPACKED = "document.json"
QUESTIONS = "questions.json"
WORDS = "words.json"
MAX_DOCUMENTS = 200
"""So many documents' texts are kept in memory."""


class Library:
    """Documents with their segments. What `library.json` said when it was opened stays so for this object."""

    def __init__(
        self,
        folder: Path,
        manifest: LibraryManifest,
        *,
        threads: int = 0,
        store: str | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        """`store`: Milvus's address, "" for this folder, None for the setting's.

        `encoder`: the manifest's, where it is loaded already.
        """
        self.folder = folder
        self.manifest = manifest
        self._multilingual = manifest.multilingual is not None and bool(installed_or_none(manifest.multilingual.name))
        self._threads = threads
        self._address = settings().store if store is None else store
        self._lock = Lock()
        self._read = lru_cache(MAX_DOCUMENTS)(self._read_document)
        self._read_questions = lru_cache(MAX_DOCUMENTS)(
            lambda number: WrittenQuestions.model_validate_json(
                self.store.segments[number].path(QUESTIONS).read_bytes()
            )
        )
        try:
            self._written = self._last_written()
            self.encoder = encoder or Encoder(self._verified(manifest.encoder.folder), threads=threads)
            self.store = self._opened_store(Examples.load(self._verified(manifest.examples), "english"))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise IndexDamagedError(f"the library in {folder} cannot be read ({error}); {REMEDY}") from error

    @classmethod
    def open(cls, folder: str | Path, *, threads: int = 0, store: str | None = None) -> "Library":
        """Open and verify. Raises IndexNotFoundError or IndexDamagedError; each says the command that mends it.

        `store`: Milvus's address, "" for this folder, None for the setting's; it is connected to at the first search.
        """
        folder = Path(folder)
        return cls(folder, read_manifest(folder), threads=threads, store=store)

    def _opened_store(self, examples: Examples) -> Store:
        segments, entries = [self._segment(entry) for entry in self.entries], self.entries
        if not self._address:
            return FaissStore(segments, entries, examples, self.encoder.vocabulary, self._merged())
        from crpd_qa.store.milvus import MilvusStore, connected

        collections = milvus_collections(self.manifest)
        return MilvusStore(connected(self._address), collections, segments, entries, examples, self.encoder.vocabulary)

    def _merged(self) -> Merged | None:
        return Merged.open(self.folder / self.manifest.merged) if self.manifest.merged else None

    def changed(self) -> bool:
        """Whether the library on the disk is another one than was opened."""
        try:
            return self._last_written() != self._written
        except OSError:
            return False

    def _last_written(self) -> int:
        """When what `read_manifest` reads was written: nanoseconds. Raises OSError."""
        try:
            return (self.folder / FILE_NAME).stat().st_mtime_ns
        except FileNotFoundError:
            return (self.folder / COPY_NAME).stat().st_mtime_ns

    def reopened(self) -> "Library":
        """The library as it is on the disk now. Raises what `open` raises."""
        manifest = read_manifest(self.folder)
        same = manifest.encoder == self.manifest.encoder
        encoder = self.encoder if same else None
        return Library(self.folder, manifest, threads=self._threads, store=self._address, encoder=encoder)

    def _verified(self, name: str) -> Path:
        """A folder of models or examples, each of whose files is what it was when it was written."""
        segment = Segment(self.folder / name)
        for file in segment.files:
            segment.path(file)
        return self.folder / name

    def _segment(self, entry: DocumentEntry) -> Segment:
        return Segment(self.folder / entry.segment, entry.sha256)

    @cached_property
    def entries(self) -> tuple[DocumentEntry, ...]:
        """Every document in every language, in the order of the store's segments."""
        return tuple(self.manifest.documents)

    @cached_property
    def version(self) -> str:
        """Eight hexadecimal digits, others for other documents or encoders: the same question may be answered anew."""
        models = [self.manifest.encoder.sha256, self.manifest.multilingual.sha256 if self.manifest.multilingual else ""]
        return hashlib.sha256("\n".join([*models, *(entry.sha256 for entry in self.entries)]).encode()).hexdigest()[:8]

    @property
    def has_several(self) -> bool:
        """Whether there is more than one document, whatever versions each has."""
        return len({entry.symbol for entry in self.entries}) > 1

    def only_document(self, scope: Scope) -> Document | None:
        """The document that the scope narrows to, if it is one."""
        numbers = self.matching(scope)
        symbols = {self.entries[number].symbol for number in numbers}
        return self.document_at(numbers[0]) if len(symbols) == 1 else None

    def documents(self, scope: Scope, *, most: int) -> list[Document]:
        """Those that the scope allows, each in one language; none if they are more than `most`."""
        first = {self.entries[number].symbol: number for number in reversed(self.matching(scope))}
        return [self.document_at(number) for number in reversed(first.values())] if len(first) <= most else []

    def versions(self, symbol: str) -> tuple[DocumentEntry, ...]:
        """The entries of a document, one a language; none if it is not here."""
        return tuple(entry for entry in self.entries if entry.is_called(symbol))

    def document(self, symbol: str, language: str = "") -> Document:
        """A document by its symbol, in that language or else the first. Raises DocumentNotFoundError."""
        return self.document_at(self._number(symbol, language))

    def original(self, symbol: str, language: str = "") -> Path:
        """The file that a document was read from. Raises DocumentNotFoundError or IndexDamagedError."""
        return self.store.segments[self._number(symbol, language)].original()

    def _number(self, symbol: str, language: str) -> int:
        """Of the segment."""
        numbers = [i for i, entry in enumerate(self.entries) if entry.is_called(symbol)]
        numbers.sort(key=lambda i: self.entries[i].language != language)
        if not numbers:
            raise DocumentNotFoundError(f"the library has no document {symbol!r}; it has: {self._listed()}")
        return numbers[0]

    def _listed(self) -> str:
        symbols = list(dict.fromkeys(entry.symbol for entry in self.entries))
        return ", ".join(symbols[:5]) + (f" and {len(symbols) - 5} more (crpd-qa list)" if len(symbols) > 5 else "")

    def document_at(self, number: int) -> Document:
        """The document of that segment, from 0."""
        with self._lock:
            return self._read(number)

    def _read_document(self, number: int) -> Document:
        return document_of(self.store.segments[number])

    def at(self, position: int) -> tuple[Document, Paragraph]:
        """The document and the paragraph of a position in the store."""
        number, place = self.store.segment_of(position)
        document = self.document_at(number)
        return document, document.paragraphs[place]

    def entry_at(self, position: int) -> DocumentEntry:
        """The entry of the document that holds a position."""
        return self.entries[self.store.segment_of(position)[0]]

    def position(self, symbol: str, label: str) -> int:
        """Where a paragraph stands in the store. Raises ParagraphNotFoundError or DocumentNotFoundError."""
        document = self.document(symbol)
        paragraph = document.paragraph(label)
        if paragraph is None:
            raise ParagraphNotFoundError(
                f"{document.symbol} has no paragraph {label}; its last is {document.paragraphs[-1].label}"
            )
        return self.positions(document, [paragraph])[0]

    def positions(self, document: Document, paragraphs: Iterable[Paragraph]) -> list[int]:
        """Where some of a document's paragraphs stand in the store."""
        entries = [(entry.symbol, entry.language) for entry in self.entries]
        first = int(self.store.first[entries.index((document.symbol, document.language))])
        places = {paragraph.label: place for place, paragraph in enumerate(document)}
        return [first + places[paragraph.label] for paragraph in paragraphs]

    def questions(self, number: int) -> WrittenQuestions:
        """The questions written for the document of that segment."""
        with self._lock:
            return self._read_questions(number)

    def question_at(self, position: int, which: int, *, english: bool) -> tuple[str, str]:
        """(language, text) of a question that the paragraph at a position answers: of all, or of those in English."""
        number, place = self.store.segment_of(position)
        own = self.questions(number).answers[place]
        return [q for q in own if not english or q[0] == "en"][which]

    def require(self, scope: Scope) -> Scope:
        """The same scope. Raises DocumentNotFoundError for a document of it that is not here."""
        for symbol in scope.document:
            self._number(symbol, "")
        return scope

    def matching(self, scope: Scope) -> tuple[int, ...]:
        """Numbers of the segments that a scope allows, but for its articles."""
        return self.store.matching(scope)

    def selects(self, scope: Scope) -> bool:
        """Whether a scope allows any paragraph."""
        return self.store.holds(scope)

    def have_questions(self, scope: Scope) -> bool:
        """Whether every document that a scope allows has written questions: only then these tell paragraphs apart."""
        return all(self.entries[number].questions for number in self.matching(scope))

    def needs_multilingual(self, language: Language, scope: Scope) -> bool:
        """Whether a question is looked for by the multilingual encoder: those in English are found better by their
        own, if the scope allows any document in English."""
        return self.multilingual and (
            language != "en" or all(self.entries[number].language != "en" for number in self.matching(scope))
        )

    @property
    def multilingual(self) -> bool:
        """Whether questions and documents in other languages than English find by meaning."""
        return self._multilingual

    @cached_property
    def multilingual_encoder(self) -> TextEncoder:
        """Loaded at the first question that needs it."""
        entry = self.manifest.multilingual
        assert entry is not None
        return open_multilingual(entry.name, self.folder / entry.folder, threads=self._threads)

    @cached_property
    def multilingual_space(self) -> Space:
        """Loaded at the first question that needs it."""
        return self.store.multilingual(Examples.load(self.folder / self.manifest.examples, "multilingual"))

    def states_in(self, question: str, language: Language) -> list[tuple[str, str]]:
        """Codes and names, as written, of the States that a question names: also those that only the library knows.

        Where it names none, those whose adjectives it has: "Are there Russian schools in Armenia?" is about Armenia.
        """
        found = [(state.code, question[state.start : state.end]) for state in states_named(question, language)]
        own = [(code, name) for name, code in self._own_names.items() if re.search(rf"\b{re.escape(name)}", question)]
        return (found + own) or [(s.code, question[s.start : s.end]) for s in states_described(question, language)]

    @cached_property
    def _own_names(self) -> dict[str, str]:
        """Names of States that the Unicode CLDR does not know, as the documents' titles have them, and their codes.

        Alpha-3 codes are made of a name's letters, in their order, beginning with the first.
        """
        found = {}
        for entry in self.entries:
            if entry.state and state_name(entry.state, "en") == entry.state:
                letters = re.compile(".*".join(re.escape(letter) for letter in entry.state.lower()))
                for name in re.findall(r"\b[^\W\d_]{4,}\b", entry.title):
                    if name[0].isupper() and letters.match(name.lower()):
                        found[name] = entry.state
        return found

    @cached_property
    def words(self) -> dict[Language, Counter[str]]:
        """How often each word, in small letters, stands in the documents of a language and in questions for any.

        Those of a document that was taken out count on until documents are merged the next time.
        """
        merged = self.folder / self.manifest.merged
        there = set(merged_segments(merged)) if self.manifest.merged else set()
        segments = [self._segment(entry).path(WORDS) for entry in self.entries if entry.segment not in there]
        return count_words([merged / WORDS, *segments] if there else segments)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the documents in English and of their questions, in small letters."""
        return frozenset(self.words["en"])


def document_of(segment: Segment) -> Document:
    """The document as it was read. Raises IndexDamagedError."""
    packed = DOCUMENT in segment.files
    path = segment.path(DOCUMENT if packed else UNPACKED)
    try:
        content = path.read_bytes()
        return from_record(orjson.loads(unpacked(content) if packed else content))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(f"{path} cannot be read ({error}); {REMEDY}") from error


def count_words(paths: Iterable[Path]) -> dict[Language, Counter[str]]:
    """The sums of several files' counts of words, by language."""
    found: dict[Language, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for path in paths:
        for language, counts in orjson.loads(path.read_bytes()).items():
            found[language].update(counts)
    return found


def milvus_collections(manifest: LibraryManifest) -> "Collections":
    """Where a library's rows lie in Milvus."""
    from crpd_qa.store.milvus import Collections

    return Collections.of(manifest.encoder.sha256, manifest.multilingual.sha256 if manifest.multilingual else "")
