"""A report's file -> an index on disk. Exporting the encoder takes sentence-transformers; answering does not."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from crpd_qa.document import Document, Paragraph, questions_path, read_document
from crpd_qa.document.questions import read_questions
from crpd_qa.encoder import Encoder, Encoding, Floats, Ints
from crpd_qa.errors import IndexBuildError, IndexDamagedError, IndexNotFoundError
from crpd_qa.index.dense import DenseIndex
from crpd_qa.index.lexical import LexicalIndex
from crpd_qa.index.manifest import (
    FILE_NAME,
    FORMAT_VERSION,
    DocumentEntry,
    Manifest,
    ModelEntry,
    describe_files,
    read_manifest,
    sha256,
    verify_files,
)
from crpd_qa.index.model import export_encoder
from crpd_qa.index.multilingual import PACKAGED, Progress, installed_or_none, write_multilingual
from crpd_qa.index.paragraphs import write_paragraphs
from crpd_qa.index.tokens import TokenIndex, content_mask, inverse_document_frequency
from crpd_qa.language import LANGUAGES

DATA = Path(__file__).parents[1] / "data"
OFF_TOPIC = {language: DATA / f"off-topic.{language}.txt" for language in LANGUAGES}
"""By language, messages of every kind that no report answers, one a line: sport, orders to the program, abuse, ..."""
HELP = {language: DATA / f"help.{language}.txt" for language in LANGUAGES}
"""By language, messages that are answered by saying what can be asked: greetings, thanks, what the program is, ..."""

T = TypeVar("T")


def build_index(
    document_path: Path,
    folder: Path,
    *,
    model_name: str,
    multilingual: str = PACKAGED,
    symbol: str = "",
    title: str = "",
    progress: Progress = lambda step, done, total: None,
) -> Manifest:
    """Build into a temporary sibling of `folder`, then put it in its place; a killed build leaves the old one whole.

    `multilingual` names the model for questions in other languages; "none" leaves it out, as it is where the packaged
    one is not installed. Raises DocumentError, ModelError or IndexBuildError.
    """
    document = read_document(document_path, symbol, title)
    building = folder.with_name(f".{folder.name}.building")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            shutil.rmtree(building, ignore_errors=True)  # of a killed build
            building.mkdir()
            manifest = _write(document, document_path, building, model_name, multilingual, progress)
            _replace(folder, building)
    except Timeout:
        raise IndexBuildError(f"another build of {folder} is at work; wait for it to end") from None
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        raise IndexBuildError(
            f"cannot write the index to {folder}: {error.strerror or error}; an index that was there is untouched. "
            "Free space, or name another folder: crpd-qa index --output FOLDER"
        ) from error
    return manifest


def stale_reason(folder: Path, document_path: Path, model_name: str, multilingual: str = PACKAGED) -> str | None:
    """Why an index must be built (again), or None if it is whole and was made from these."""
    try:
        manifest = read_manifest(folder)
        verify_files(folder, manifest)
    except (IndexNotFoundError, IndexDamagedError) as error:
        return str(error).partition(";")[0]
    if manifest.model.name != model_name:
        return f"the model is {model_name} now, it was {manifest.model.name}"
    had, has = manifest.multilingual.name if manifest.multilingual else "", installed_or_none(multilingual)
    if had != has:
        return f"the model for other languages is {has or 'none'} now, it was {had or 'none'}"
    if manifest.documents[0].sha256 != source_sha256(document_path):
        return f"{document_path.name} or its questions have changed"
    return None


def source_sha256(document_path: Path) -> str:
    """Hex digest of all that an index is made from: the report, its questions, the off-topic and help examples."""
    questions = [questions_path(document_path, language) for language in LANGUAGES]
    parts = [sha256(path) for path in (document_path, *questions, *OFF_TOPIC.values(), *HELP.values()) if path.exists()]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _write(
    document: Document, document_path: Path, folder: Path, model_name: str, multilingual: str, progress: Progress
) -> Manifest:
    progress("Exporting the encoder", 0, 1)
    digest = export_encoder(model_name, folder)
    progress("Exporting the encoder", 1, 1)

    # The exported encoder embeds the report too: the same path for questions and paragraphs, and the faster one.
    encoder = Encoder(folder)
    questions = sum(len(p.questions) for p in document)
    unanswered = [question for p in document for question in p.unanswered]
    off_topic = {language: path.read_text("utf-8").splitlines() for language, path in OFF_TOPIC.items()}
    help = {language: path.read_text("utf-8").splitlines() for language, path in HELP.items()}
    total = len(document) + questions + len(unanswered) + len(off_topic["en"]) + len(help["en"])
    steps = _counted(progress, "Embedding paragraphs and questions", total)

    def embed(texts: Iterable[str]) -> Floats:
        rows = [steps(encoder.encode(text)).vector for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), dimension)

    contexts = [_context(p) for p in document]
    encodings = [steps(_encode_content(encoder, c + p.text)) for c, p in zip(contexts, document, strict=True)]
    dimension = len(encodings[0].vector)
    DenseIndex.build(
        np.stack([encoding.vector for encoding in encodings]),
        [embed(p.questions) for p in document],
        embed(unanswered),
        embed(off_topic["en"]),
        embed(help["en"]),
    ).save(folder)
    LexicalIndex.build([p.text for p in document]).save(folder)
    TokenIndex(
        vectors=np.concatenate([encoding.tokens for encoding in encodings]),
        offsets=np.cumsum([0, *(len(encoding.ids) for encoding in encodings)]),
        sentences=np.concatenate(
            [
                _sentence_of_token(encoding.spans[:, 0] - len(context), paragraph)
                for encoding, context, paragraph in zip(encodings, contexts, document, strict=True)
            ]
        ),
        idf=inverse_document_frequency([encoding.ids for encoding in encodings], encoder.vocabulary),
    ).save(folder)
    write_paragraphs(document, folder)
    passages = [c + p.text for c, p in zip(contexts, document, strict=True)]
    other = installed_or_none(multilingual)
    other_languages = None
    if other:
        asked = {language: read_questions(questions_path(document_path, language)) for language in LANGUAGES}
        every_off_topic = [text for own in off_topic.values() for text in own]
        every_help = [text for own in help.values() for text in own]
        other_languages = write_multilingual(other, passages, asked, every_off_topic, every_help, folder, progress)

    manifest = Manifest(
        format_version=FORMAT_VERSION,
        crpd_qa_version=version("crpd-qa"),
        model=ModelEntry(name=model_name, sha256=digest, dimension=dimension),
        multilingual=other_languages,
        documents=[
            DocumentEntry(
                symbol=document.symbol,
                title=document.title,
                sha256=source_sha256(document_path),
                paragraphs=len(document),
                sentences=sum(len(p.sentences) for p in document),
                questions=questions,
            )
        ],
        files=describe_files(folder),
    )
    (folder / FILE_NAME).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    return manifest


def _context(paragraph: Paragraph) -> str:
    """The heading, in words, is embedded before the paragraph: it names what the text below often only implies."""
    topic = paragraph.section.topic
    return f"{topic}. " if topic else ""


def _encode_content(encoder: Encoder, text: str) -> Encoding:
    encoding = encoder.encode(text)
    return encoding.keep(content_mask(text, encoding))


def _counted(progress: Progress, step: str, total: int) -> Callable[[T], T]:
    """A function that hands on what it is given, and reports one more done."""
    done = 0

    def advance(result: T) -> T:
        nonlocal done
        done += 1
        progress(step, done, total)
        return result

    return advance


def _sentence_of_token(starts: Ints, paragraph: Paragraph) -> npt.NDArray[np.int16]:
    """(n_tokens,) the sentence in which each token starts; -1 before the paragraph's text (the heading).

    What stands between sentences (the mark of a bullet) goes with the sentence before it.
    """
    sentence_starts = np.array([start for start, _ in paragraph.sentences])
    found = np.searchsorted(sentence_starts, starts, side="right") - 1
    return np.where(starts < 0, -1, np.maximum(found, 0)).astype(np.int16)


def _replace(folder: Path, built: Path) -> None:
    """Put the built folder in the old one's place."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        built.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        built.rename(folder)
