"""The real library of the real report, built once for all tests.

Most tests are of what stands around the reader, which takes twenty times as long as all else of an answer: these go the
quick way. `reading` reads, and what the pages of the documentation show is tried as people get it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crpd_qa import Assistant
from crpd_qa.documents import Document
from crpd_qa.library import Library
from crpd_qa.library.bundled import make_ready, stale_reason
from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.settings import settings
from several_documents import make_several

ROOT = Path(__file__).parents[1]

os.environ["CRPD_QA_READER"] = "none"


@pytest.fixture(scope="session")
def index_folder() -> Path:
    config = settings()
    folder = ROOT / "index" / "library"
    models = Models(config.model, config.multilingual_model)
    if stale_reason(folder, models):
        make_ready(folder, models, lambda step, done, total: None)
    return folder


def quick(folder: Path) -> Assistant:
    """Whatever the environment is when a test first asks for it."""
    return Assistant(Library.open(folder), settings().model_copy(update={"reader": "none"}))


@pytest.fixture(scope="session")
def assistant(index_folder: Path) -> Assistant:
    return quick(index_folder)


@pytest.fixture(scope="session")
def reading(library: Library) -> Assistant:
    """The same with the packaged reader."""
    return Assistant(library, settings().model_copy(update={"reader": "packaged"}))


@pytest.fixture(scope="session")
def library(assistant: Assistant) -> Library:
    return assistant.library


@pytest.fixture(scope="session")
def english_only(library: Library) -> Library:
    """The same without a model for other languages."""
    return Library(library.folder, library.manifest.model_copy(update={"multilingual": None}))


@pytest.fixture(scope="session")
def empty_library(index_folder: Path) -> Callable[[Path], Path]:
    """Makes a library without documents in a folder, for documents in English: the encoder is the real one."""

    def make(folder: Path) -> Path:
        manifest = read_manifest(index_folder).model_copy(update={"documents": [], "multilingual": None})
        for name in (manifest.encoder.folder, manifest.examples):
            # Each linked by itself: a change sweeps what is not named, and must not sweep the real library's.
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(index_folder / name)
        write_manifest(folder, manifest)
        return folder

    return make


@pytest.fixture(scope="session")
def ten(empty_library: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """A report of ten paragraphs, on which each rule is seen to matter."""
    folder = empty_library(tmp_path_factory.mktemp("ten") / "library")
    LibraryWriter(folder).add(ROOT / "tests" / "ten_paragraphs.txt")
    return quick(folder)


@pytest.fixture(scope="session")
def several_folder(index_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of several small documents: see `several_documents`."""
    return make_several(index_folder, tmp_path_factory.mktemp("several"))


@pytest.fixture(scope="session")
def several(several_folder: Path) -> Assistant:
    return quick(several_folder)


@pytest.fixture(scope="session")
def written(library: Library, document: Document) -> dict[str, list[str]]:
    """By label, the English questions that were written for the report's paragraphs."""
    return {p.label: own for p, own in zip(document, library.questions(0).english(), strict=True)}


@pytest.fixture(scope="session")
def document(assistant: Assistant) -> Document:
    return assistant.document
