"""What changes a library: make one, read documents in, take them out.

Segments and models are written beside the library's own, under names that tell their content; then `library.json` is
put in its place. A kill before that leaves the library as it was; what nothing names is swept away by a later change.
"""

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson
from filelock import FileLock, Timeout

from crpd_qa.documents import Document, read_document
from crpd_qa.documents.record import packed, to_record
from crpd_qa.encode import Encoder, Floats
from crpd_qa.encode.multilingual import BATCH, PACKAGED, installed_or_none, multilingual_sha256, open_multilingual
from crpd_qa.errors import DocumentError, DocumentNotFoundError, IndexBuildError, IndexNotFoundError
from crpd_qa.files import sha256
from crpd_qa.language import LANGUAGES, words_of
from crpd_qa.library.embed import Encoders, count_texts, embed
from crpd_qa.library.folders import content_sha256, is_whole, named, sweep, writing_to
from crpd_qa.library.library import DOCUMENT, QUESTIONS, WORDS, count_words, document_of, milvus_collections
from crpd_qa.library.manifest import (
    FORMAT_VERSION,
    DocumentEntry,
    LibraryManifest,
    ModelEntry,
    Source,
    read_manifest,
    write_manifest,
)
from crpd_qa.library.overrides import Override, add_override, forget_override, mended, overrides_path, read_overrides
from crpd_qa.library.questions import WrittenQuestions, question_files, read_questions
from crpd_qa.settings import settings
from crpd_qa.store.manifest import FILE_NAME as FOLDER_MANIFEST
from crpd_qa.store.merged import MERGED_FROM, merged_segments, write_merged
from crpd_qa.store.segment import Segment

if TYPE_CHECKING:
    from crpd_qa.store.milvus import MilvusWriter

DATA = Path(__file__).parents[1] / "data"
OFF_TOPIC = {language: DATA / f"off-topic.{language}.txt" for language in LANGUAGES}
"""By language, messages of every kind that no report answers, one a line: sport, orders to the program, abuse, ..."""
HELP = {language: DATA / f"help.{language}.txt" for language in LANGUAGES}
"""By language, messages that are answered by saying what can be asked: greetings, thanks, what the program is, ..."""

Progress = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done, and how much there is."""

COMMIT_SECONDS = 60
"""So long a change waits for another process's: each takes a moment, embedding is done before."""
MAX_SYMBOL = 150
"""Characters."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Models:
    """The settings that decide how a library's texts are embedded."""

    name: str
    multilingual: str


@dataclass(frozen=True)
class Embedded:
    """A document as it was read, and the entry of its segment, which is written; `models` embedded it."""

    document: Document
    entry: DocumentEntry
    models: tuple[ModelEntry, ModelEntry | None]


class LibraryWriter:
    """Changes one library. The encoders are loaded at the first document and kept for the next."""

    def __init__(
        self,
        folder: str | Path,
        progress: Progress = lambda step, done, total: None,
        *,
        threads: int = 0,
        store: str | None = None,
    ) -> None:
        """`threads` embed; 0 takes one for each core. `store`: Milvus's address, "" for none, None: the setting's."""
        self.folder = Path(folder)
        self._progress = progress
        self._address = settings().store if store is None else store
        self._encoders = lru_cache(1)(partial(_encoders, self.folder, threads=threads))

    def ensure(self, models: Models) -> bool:
        """Make an empty library, or embed one anew whose models are others now. Returns whether anything was done.

        Raises ModelError, IndexBuildError.
        """
        if not self.outdated(models):
            return False
        before = self._found()
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            if before and not _other_models(before, models) and self._only_examples(before):
                return True
            manifest = _export(self.folder, models.name, installed_or_none(models.multilingual), self._progress)
            for entry in before.documents if before else ():
                document, questions, original = _kept(self.folder, entry)
                manifest = with_entry(manifest, self._segment(manifest, document, questions, original, entry.source))

            def remade(now: LibraryManifest | None) -> LibraryManifest:
                if now and _same_models(now, manifest):
                    return now  # another process was first
                if (now.documents if now else []) != (before.documents if before else []):
                    raise IndexBuildError(f"{self.folder} was changed meanwhile; give the command again")
                return manifest

            self.commit(remade)
        return True

    def _only_examples(self, before: LibraryManifest) -> bool:
        """Embed the examples anew where that is all there is to do. Returns whether it was."""
        encoders = [name for name in _models_of(before) if name != before.examples]
        if not all(is_whole(self.folder / name) for name in encoders):
            return False
        fresh = before.model_copy(update={"examples": _examples_folder(before)})
        _write_examples(self.folder, fresh, self._progress)

        def renewed(now: LibraryManifest | None) -> LibraryManifest:
            if now is None or not _same_models(now, fresh):
                raise IndexBuildError(f"the models of {self.folder} were changed meanwhile; give the command again")
            return now.model_copy(update={"examples": fresh.examples})

        self.commit(renewed)
        return True

    def outdated(self, models: Models, *, verify: bool = True) -> str:
        """Why `ensure` has something to do, or "". `verify` reads the models' files too, 90 MB."""
        before = self._found()
        if before is None:
            return f"there is no library in {self.folder}"
        if why := _other_models(before, models):
            return why
        if before.examples != _examples_folder(before):
            return "the examples of other talk have changed"
        damaged = [name for name in _models_of(before) if verify and not is_whole(self.folder / name)]
        return f"{self.folder / damaged[0]} was changed since it was written" if damaged else ""

    def _found(self) -> LibraryManifest | None:
        """None where there is no library. Raises IndexDamagedError: what a damaged one named is never given up."""
        try:
            return read_manifest(self.folder)
        except IndexNotFoundError:
            return None

    def add(self, source: Path, *, bundled: bool = False, **given: str) -> tuple[DocumentEntry, Document]:
        """Read a file into the library; it takes the place of the document of the same symbol and language.

        `given` are what the file cannot tell or tells wrongly: symbol, state, kind, language, title, date.
        Raises DocumentError, IndexBuildError, and what opening a library raises.
        """
        document = read_document(source, **given)
        return self.add_document(document, source, bundled=bundled), document

    def add_document(self, document: Document, source: Path, *, bundled: bool = False) -> DocumentEntry:
        """A document that was read, with its original file; its corrections are applied."""
        return self.put(self._embed_from(document, source, bundled=bundled))

    def embed(self, source: Path, **given: str) -> "Embedded":
        """Read a file and write its segment; the library does not have it before it is `put`.

        What was embedded once and is still there is not embedded again. Raises what `add` raises.
        """
        return self._embed_from(read_document(source, **given), source, bundled=False)

    def put(self, embedded: "Embedded", instead: DocumentEntry | None = None) -> DocumentEntry:
        """Give a document that was embedded its place, or that of another. Raises IndexBuildError."""
        entry = embedded.entry

        def change(now: LibraryManifest | None) -> LibraryManifest:
            if now is None or (now.encoder, now.multilingual) != embedded.models:
                raise IndexBuildError(f"the models of {self.folder} were changed meanwhile; give the command again")
            if instead and (instead.symbol, instead.language) != (entry.symbol, entry.language):
                kept = [e for e in now.documents if (e.symbol, e.language) != (instead.symbol, instead.language)]
                now = now.model_copy(update={"documents": kept})
            return with_entry(now, entry)

        with self._writing():
            self.commit(change)
        return entry

    def _embed_from(self, document: Document, source: Path, *, bundled: bool) -> "Embedded":
        with self._writing():
            read_from = Source(name=source.name, sha256=source_sha256(source), bundled=bundled)
            return self._embed(document, read_questions(source, document), source, read_from)

    def _embed(self, document: Document, questions: WrittenQuestions, original: Path, read_from: Source) -> "Embedded":
        """Mend, and write the segment."""
        check_symbol(document.symbol)
        manifest = read_manifest(self.folder)
        after = mended(document, self.folder)
        entry = self._segment(manifest, after, questions.of(document, after), original, read_from)
        return Embedded(document, entry, (manifest.encoder, manifest.multilingual))

    def remove(self, symbol: str, language: str = "") -> list[DocumentEntry]:
        """Take a document out, in that language or in all. Raises DocumentNotFoundError."""
        gone: list[DocumentEntry] = []

        def without(now: LibraryManifest | None) -> LibraryManifest:
            now = now or read_manifest(self.folder)
            gone[:] = [e for e in now.documents if e.is_called(symbol) and language in ("", e.language)]
            if not gone:
                raise DocumentNotFoundError(f"the library has no document {symbol!r}; see crpd-qa list")
            return now.model_copy(update={"documents": [e for e in now.documents if e not in gone]})

        read_manifest(self.folder)
        with self._writing():
            self.commit(without)
        return gone

    def read(self, symbol: str, language: str = "") -> tuple[DocumentEntry, Document]:
        """A document of the library as it was read; where it has several versions, the language says which.

        Raises DocumentNotFoundError, IndexDamagedError.
        """
        entry = self._entry(symbol, language)
        return entry, _kept(self.folder, entry)[0]

    def original(self, symbol: str, language: str = "") -> tuple[DocumentEntry, Path]:
        """The file that it was read from, verified."""
        entry = self._entry(symbol, language)
        return entry, _kept(self.folder, entry)[2]

    def mend(self, symbol: str, language: str, override: Override) -> DocumentEntry:
        """Correct a paragraph, or take out what is none; the correction survives the next reading of the file.

        Raises DocumentNotFoundError, DocumentError for a paragraph that is not there.
        """
        entry = self._entry(symbol, language)
        document, questions, original = _kept(self.folder, entry)
        if (paragraph := document.paragraph(override.label)) is None:
            raise DocumentError(
                f"{entry.symbol} has no paragraph {override.label!r}; its last is {document.paragraphs[-1].label}. "
                f"See what was read: crpd-qa check {entry.symbol}"
            )
        if not override.text and len(document) == 1:
            raise DocumentError(f"{override.label} is the only paragraph of {entry.symbol}: remove the document")
        if override.text == paragraph.text:
            return entry
        with self._writing():
            add_override(self.folder, entry.symbol, entry.language, override)
            return self.put(self._embed(document, questions, original, entry.source))

    def describe(self, symbol: str, language: str, /, **given: str) -> DocumentEntry:
        """Say what a document is where its file does not: symbol, state, kind, language, title, date.

        The original is read again with it; what is not given stays, and corrections go along. Raises
        DocumentNotFoundError, DocumentError.
        """
        entry = self._entry(symbol, language)
        before, questions, original = _kept(self.folder, entry)
        known = {name: getattr(entry, name) for name in ("symbol", "state", "kind", "language", "title", "date")}
        document = read_document(original, **(known | {name: value for name, value in given.items() if value}))
        check_symbol(document.symbol)
        if (document.symbol, document.language) != (entry.symbol, entry.language):
            if read_manifest(self.folder).find(document.symbol, document.language):
                raise DocumentError(f"the library has a {document.symbol} in {document.language} already")
            for override in read_overrides(overrides_path(self.folder, entry.symbol, entry.language)):
                add_override(self.folder, document.symbol, document.language, override)
        with self._writing():
            return self.put(self._embed(document, questions.of(before, document), original, entry.source), entry)

    def restore(self, symbol: str, language: str, label: str) -> DocumentEntry:
        """Take a correction back: the paragraph is as it was read. Raises DocumentNotFoundError, DocumentError."""
        entry = self._entry(symbol, language)
        with self._writing():
            if not forget_override(self.folder, entry.symbol, entry.language, label):
                raise DocumentError(f"{entry.symbol} has no correction of paragraph {label!r}")
        return self.describe(entry.symbol, entry.language)

    def _entry(self, symbol: str, language: str) -> DocumentEntry:
        """Of a document in that language, or of the only one. Raises DocumentNotFoundError."""
        found = [e for e in read_manifest(self.folder).documents if e.is_called(symbol)]
        own = [e for e in found if language in ("", e.language)]
        if not own:
            raise DocumentNotFoundError(
                f"the library has no document {symbol!r}{f' in {language}' if found else ''}; see crpd-qa list"
            )
        if len(own) > 1:
            languages = ", ".join(e.language for e in own)
            raise DocumentNotFoundError(f"{symbol} is there in {languages}; say which: --language {own[0].language}")
        return own[0]

    def _segment(
        self,
        manifest: LibraryManifest,
        document: Document,
        questions: WrittenQuestions,
        original: Path,
        read_from: Source,
    ) -> DocumentEntry:
        encoders = self._encoders(manifest.encoder.folder, manifest.encoder.dimension, _other(manifest))
        entry = _write_segment(
            self.folder, manifest, document, questions, original, read_from, encoders, self._progress
        )
        if rows := self._rows(manifest):
            self._fill(rows, [entry])  # here, where no other process waits
        return entry

    def fill(self) -> None:
        """Write to the store what it lacks of the library. Raises StoreAwayError, and what opening a library raises."""
        manifest = read_manifest(self.folder)
        if rows := self._rows(manifest):
            self._fill(rows, manifest.documents)

    def lacking(self) -> list[DocumentEntry]:
        """Documents of the library that the store lacks. Raises StoreAwayError, and what opening a library raises."""
        manifest = read_manifest(self.folder)
        rows = self._rows(manifest)
        there = rows.held() if rows else ()
        return [entry for entry in manifest.documents if rows and entry.segment not in there]

    def unmerged(self, *, verify: bool = False) -> str:
        """Why `merge` has something to do, or "". `verify` reads all that is merged, 2 KB a paragraph."""
        manifest = read_manifest(self.folder)
        if self._address:
            return ""  # another store searches all documents together by itself
        if verify and manifest.merged and not is_whole(self.folder / manifest.merged):
            return f"{self.folder / manifest.merged} was changed since it was written"
        held = _held(self.folder, manifest)
        waiting = [entry for entry in manifest.documents if not entry.questions and entry.segment not in held]
        if sum(entry.paragraphs for entry in waiting) < MERGED_FROM:
            return ""
        count = sum(entry.paragraphs for entry in waiting if _mergeable(self.folder, entry))
        return f"{count} paragraphs are not merged for searching" if count >= MERGED_FROM else ""

    def merge(self, *, verify: bool = False) -> None:
        """Merge the documents for searching if enough came since the last time, or what was merged is damaged.

        Meanwhile the library is asked and changed as ever. Raises IndexBuildError, IndexDamagedError.
        """
        if not self.unmerged(verify=verify):
            return
        before = read_manifest(self.folder)
        with suppress(Timeout), self._writing(), FileLock(self.folder / ".merging.lock", timeout=0):
            entries = [entry for entry in before.documents if _mergeable(self.folder, entry)]
            segments = {entry.segment: Segment(self.folder / entry.segment, entry.sha256) for entry in entries}
            multilingual = before.multilingual.dimension if before.multilingual else None
            with writing_to(self.folder, "merged") as building:
                write_merged(building, segments, before.encoder.dimension, multilingual, self._progress)
                words = count_words(segment.path(WORDS) for segment in segments.values())
                (building / WORDS).write_bytes(orjson.dumps(words))
                merged = named(building, content_sha256(building)[:16])

            def with_merged(now: LibraryManifest | None) -> LibraryManifest:
                if now is None or not _same_models(now, before):
                    raise IndexBuildError(f"the models of {self.folder} were changed meanwhile; give the command again")
                return now.model_copy(update={"merged": merged})

            self.commit(with_merged)

    def _rows(self, manifest: LibraryManifest) -> "MilvusWriter | None":
        """None where the folder is all there is to the store."""
        if not self._address:
            return None
        from crpd_qa.store.milvus import MilvusWriter, connected

        other = manifest.multilingual.dimension if manifest.multilingual else None
        collections = milvus_collections(manifest)
        return MilvusWriter(connected(self._address), collections, manifest.encoder.dimension, other)

    def _fill(self, rows: "MilvusWriter", entries: Sequence[DocumentEntry]) -> None:
        there = rows.held()
        lacking = [entry for entry in entries if entry.segment not in there]
        for done, entry in enumerate(lacking):
            self._progress(f"Writing {entry.symbol} to the store", done, len(lacking))
            rows.put(Segment(self.folder / entry.segment, entry.sha256), entry)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A full disk and a read-only folder are said in one line; nothing half written is left."""
        try:
            yield
        except (OSError, RuntimeError) as error:  # libraries raise RuntimeError for a full disk
            # NumPy tells only how much it could write.
            reason = getattr(error, "strerror", None) or ("no room" if isinstance(error, OSError) else error)
            raise IndexBuildError(
                f"cannot write to {self.folder}: {reason}; what was there is untouched. Free space, or name "
                "another folder in CRPD_QA_INDEX"
            ) from error

    def commit(self, change: Callable[[LibraryManifest | None], LibraryManifest]) -> None:
        """Read the newest `library.json`, change it, write it; one process at a time."""
        try:
            with FileLock(self.folder / ".lock", timeout=COMMIT_SECONDS):
                now = self._found()
                manifest = change(now)
                rows = self._rows(manifest)
                if rows:  # whoever reads the new manifest finds all that it names
                    self._fill(rows, manifest.documents)
                write_manifest(self.folder, manifest)
                gone = _named_in(now) - _named_in(manifest) if now else set()
                sweep(self.folder, gone, _named_in(manifest), rows.forget if rows else None)
            self.merge()
        except Timeout:
            raise IndexBuildError(
                f"another process has been changing {self.folder} for {COMMIT_SECONDS} seconds; wait for it to end"
            ) from None


def source_sha256(source: Path) -> str:
    """Hex digest of a document's file and of the questions beside it."""
    return hashlib.sha256("".join(sha256(path) for path in (source, *question_files(source))).encode()).hexdigest()


def _other_models(manifest: LibraryManifest, models: Models) -> str:
    """That a library's models are others than wanted, or ""."""
    had = (manifest.encoder.name, manifest.multilingual.name if manifest.multilingual else "")
    has = (models.name, installed_or_none(models.multilingual))
    # A library made where the packaged model is installed serves English where it is not.
    if had == has or (had == (models.name, models.multilingual) and models.multilingual == PACKAGED):
        return ""
    return f"the models are {' and '.join(filter(None, has))} now, they were {' and '.join(filter(None, had))}"


def with_entry(manifest: LibraryManifest, entry: DocumentEntry) -> LibraryManifest:
    """In the place of the same document, else at the end."""
    documents = list(manifest.documents)
    old = manifest.find(entry.symbol, entry.language)
    if old:
        documents[documents.index(old)] = entry
    else:
        documents.append(entry)
    return manifest.model_copy(update={"documents": documents, "crpd_qa_version": version("crpd-qa")})


def _same_models(one: LibraryManifest, other: LibraryManifest) -> bool:
    return (one.encoder, one.multilingual) == (other.encoder, other.multilingual)


def _mergeable(folder: Path, entry: DocumentEntry) -> bool:
    """Whether a document has no written questions, be it answered or not: these are searched beside its paragraphs."""
    if entry.questions:
        return False
    path = Segment(folder / entry.segment, entry.sha256).path(QUESTIONS)
    return not WrittenQuestions.model_validate_json(path.read_bytes()).unanswered


def _held(folder: Path, manifest: LibraryManifest) -> set[str]:
    """Segments that are merged."""
    return set(merged_segments(folder / manifest.merged)) if manifest.merged else set()


def _models_of(manifest: LibraryManifest) -> list[str]:
    multilingual = [manifest.multilingual.folder] if manifest.multilingual else []
    return [manifest.encoder.folder, *multilingual, manifest.examples]


def _named_in(manifest: LibraryManifest) -> set[str]:
    return {*_models_of(manifest), manifest.merged, *(entry.segment for entry in manifest.documents)}


def _export(folder: Path, name: str, multilingual: str, progress: Progress) -> LibraryManifest:
    """Write the encoders and the examples of what no document answers; returns a manifest without documents."""
    from crpd_qa.encode.export import export_encoder  # loads torch

    progress("Exporting the encoder", 0, 1)
    label = _UNSAFE.sub("-", Path(name).name)[:60]
    with writing_to(folder, "models") as building:
        digest = export_encoder(name, building)
        dimension = len(Encoder(building).encode("").vector)
        encoder_folder = named(building, f"{label}.{content_sha256(building)[:12]}")
    progress("Exporting the encoder", 1, 1)
    other = None
    if multilingual:
        progress("Preparing the multilingual encoder", 0, 1)
        with writing_to(folder, "models") as building:
            other_digest = multilingual_sha256(multilingual, building)
            other_label = f"{_UNSAFE.sub('-', Path(multilingual).name)[:60]}-multilingual"
            other_folder = named(building, f"{other_label}.{content_sha256(building)[:12]}")
        other_encoder = open_multilingual(multilingual, folder / other_folder, threads=_cores())
        other = ModelEntry(
            name=multilingual,
            sha256=other_digest,
            dimension=len(other_encoder.query("")),
            folder=other_folder,
        )
        progress("Preparing the multilingual encoder", 1, 1)
    manifest = LibraryManifest(
        crpd_qa_version=version("crpd-qa"),
        encoder=ModelEntry(name=name, sha256=digest, dimension=dimension, folder=encoder_folder),
        multilingual=other,
        examples="",
    )
    manifest = manifest.model_copy(update={"examples": _examples_folder(manifest)})
    if not is_whole(folder / manifest.examples):
        _write_examples(folder, manifest, progress)
    return manifest


def _examples_folder(manifest: LibraryManifest) -> str:
    """Named by the texts and the models, so that changed ones are embedded anew."""
    models = [manifest.encoder.sha256, manifest.multilingual.sha256 if manifest.multilingual else ""]
    texts = [sha256(path) for path in (*OFF_TOPIC.values(), *HELP.values())]
    return f"models/examples-{hashlib.sha256(''.join(models + texts).encode()).hexdigest()[:12]}"


def _write_examples(folder: Path, manifest: LibraryManifest, progress: Progress) -> None:
    encoders = _encoders(folder, manifest.encoder.folder, manifest.encoder.dimension, _other(manifest))
    files = {"off-topic": OFF_TOPIC, "help": HELP}
    examples = {
        name: {language: path.read_text("utf-8").splitlines() for language, path in own.items()}
        for name, own in files.items()
    }
    every = {name: [text for texts in own.values() for text in texts] for name, own in examples.items()}
    total = sum(len(own["en"]) + (len(every[name]) if encoders.multilingual else 0) for name, own in examples.items())
    done = 0

    def counted(rows: list[Floats]) -> list[Floats]:
        nonlocal done
        done += len(rows)
        progress("Embedding examples of other talk", done, total)
        return rows

    counted([])
    with writing_to(folder, "models") as building:
        for name, own in examples.items():
            rows = [row for text in own["en"] for row in counted([encoders.english.encode(text).vector])]
            np.save(building / f"{name}.english.npy", np.array(rows, dtype=np.float32))
            if encoders.multilingual:
                texts = every[name]
                rows = []
                for start in range(0, len(texts), BATCH):
                    rows += counted(list(encoders.multilingual.passages(texts[start : start + BATCH])))
                np.save(building / f"{name}.multilingual.npy", np.array(rows, dtype=np.float32))
        named(building, Path(manifest.examples).name)


def _other(manifest: LibraryManifest) -> tuple[str, str] | None:
    """(name, folder) of the multilingual model."""
    return (manifest.multilingual.name, manifest.multilingual.folder) if manifest.multilingual else None


def _encoders(
    folder: Path, english: str, dimension: int, other: tuple[str, str] | None, *, threads: int = 0
) -> Encoders:
    multilingual = open_multilingual(other[0], folder / other[1], threads=threads or _cores()) if other else None
    return Encoders(Encoder(folder / english, threads=threads), dimension, multilingual)


def _cores() -> int:
    """That this process may use: the multilingual engine's threads spin, and are slow where they share a core."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write_segment(
    folder: Path,
    manifest: LibraryManifest,
    document: Document,
    questions: WrittenQuestions,
    original: Path,
    read_from: Source,
    encoders: Encoders,
    progress: Progress,
) -> DocumentEntry:
    total, done = count_texts(document, questions, encoders), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(f"Embedding {document.symbol}", done, total)

    record = orjson.dumps(to_record(document))
    models = f"{manifest.encoder.sha256}{manifest.multilingual.sha256 if manifest.multilingual else ''}"
    asked, program = questions.model_dump_json().encode(), f"{version('crpd-qa')} {FORMAT_VERSION}"
    content = b"".join([record, asked, read_from.sha256.encode(), models.encode(), program.encode()])
    name = f"segments/{slug(document.symbol)}.{document.language}.{hashlib.sha256(content).hexdigest()[:12]}"
    if is_whole(folder / name):  # added again, or taken out and added: nothing has to be embedded
        os.utime(folder / name)
    else:
        with writing_to(folder, "segments") as building:
            (building / DOCUMENT).write_bytes(packed(record))
            (building / QUESTIONS).write_bytes(asked)
            (building / WORDS).write_bytes(orjson.dumps(_words(document, questions)))
            shutil.copyfile(original, building / original_name(original))
            advance(0)
            embed(document, questions, encoders, advance).save(building)
            named(building, Path(name).name)
    return DocumentEntry(
        symbol=document.symbol,
        language=document.language,
        state=document.state,
        kind=document.kind,
        title=document.title,
        date=document.date,
        numbering=document.numbering,
        paragraphs=len(document),
        sentences=sum(len(p.sentences) for p in document),
        questions=questions.count,
        warnings=len(document.warnings),
        segment=name,
        sha256=sha256(folder / name / FOLDER_MANIFEST),
        source=read_from,
    )


def check_symbol(symbol: str) -> None:
    """Raises DocumentError for what cannot stand in an address: "../x", "a//b", control characters, "#" (`a#107`)."""
    parts = symbol.split("/")
    unfit = "#" in symbol or not symbol.isprintable() or any(part.strip() in ("", ".", "..") for part in parts)
    if len(symbol) > MAX_SYMBOL or unfit:
        raise DocumentError(f"{symbol[:MAX_SYMBOL]!r} cannot be a symbol; one such as CRPD/C/KEN/1 was expected")


def _words(document: Document, questions: WrittenQuestions) -> dict[str, Counter[str]]:
    """By language, how often each word stands in the document and in its questions."""
    found: dict[str, Counter[str]] = {document.language: Counter()}
    texts = [(document.language, paragraph.text) for paragraph in document]
    for language, text in (*texts, *(question for own in questions.answers for question in own)):
        found.setdefault(language, Counter()).update(words_of(text))
    return found


def slug(symbol: str) -> str:
    """A symbol as part of a file's name: another symbol never has the same."""
    plain = _UNSAFE.sub("-", symbol.replace("/", "-"))[:80]
    return plain if plain == symbol.replace("/", "-") else f"{plain}-{hashlib.sha256(symbol.encode()).hexdigest()[:8]}"


def original_name(source: Path) -> str:
    """Under which the original file is kept in the segment."""
    return f"original{_UNSAFE.sub('', source.suffix.lower())[:8]}"


def _kept(folder: Path, entry: DocumentEntry) -> tuple[Document, WrittenQuestions, Path]:
    """A document of the library as it was read, with its questions and its original file. Raises IndexDamagedError."""
    segment = Segment(folder / entry.segment, entry.sha256)
    questions = WrittenQuestions.model_validate_json(segment.path(QUESTIONS).read_bytes())
    return document_of(segment), questions, segment.path(original_name(Path(entry.source.name)))


def sources(paths: Sequence[Path]) -> list[Path]:
    """The files that are named, and those below the folders that are, in order.

    Hidden ones are left out, and the questions that were written for another.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            beside = {questions for file in files for questions in question_files(file)}
            found += [file for file in files if file not in beside]
        else:
            found.append(path)
    return list(dict.fromkeys(found))
