"""The real library of the real report, built once for all tests.

Most tests are of what stands around the reader, which takes twenty times as long as all else of an answer: these go the
quick way. `reading` reads, and what the pages of the documentation show is tried as people get it.
"""

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from filelock import FileLock

from crpd_qa import Assistant
from crpd_qa.documents import Document
from crpd_qa.encode import Encoder
from crpd_qa.library import Library
from crpd_qa.library import library as opened
from crpd_qa.library import write as written_to
from crpd_qa.library.bundled import make_ready, stale_reason
from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.settings import settings
from several_documents import make_several

ROOT = Path(__file__).parents[1]

os.environ["CRPD_QA_READER"] = "none"
# As many processes as cores run at once, here and in what the tests start.
os.environ["CRPD_QA_THREADS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def _encoder_loaded_once() -> Iterator[None]:
    """Hundreds of libraries are opened and written to that share one encoder; its files are verified each time."""

    @lru_cache(2)
    def loaded(folder: Path, threads: int, *_: int) -> Encoder:
        return Encoder(folder, threads=threads)

    def load(folder: Path, *, threads: int = 0) -> Encoder:
        model = (folder / "encoder.onnx").stat()
        return loaded(folder.resolve(), threads, model.st_ino, model.st_mtime_ns)

    with pytest.MonkeyPatch.context() as patch:
        for module in (opened, written_to):
            patch.setattr(module, "Encoder", load)
        yield


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
def empty_library(index_folder: Path) -> Callable[..., Path]:
    """Makes a library without documents in a folder, for documents in English: the encoder is the real one.

    `multilingual`: for documents and questions in other languages too.
    """

    def make(folder: Path, *, multilingual: bool = False) -> Path:
        manifest = read_manifest(index_folder).model_copy(update={"documents": []})
        own = manifest.multilingual
        if not multilingual:
            manifest = manifest.model_copy(update={"multilingual": None})
        # Named as the models say, or the commands would embed them anew, for ten seconds.
        examples = written_to._examples_folder(manifest)
        linked = {manifest.encoder.folder: manifest.encoder.folder, examples: manifest.examples}
        if multilingual and own:
            linked[own.folder] = own.folder
        for name, real in linked.items():
            # Each linked by itself: a change sweeps what is not named, and must not sweep the real library's.
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(index_folder / real)
        write_manifest(folder, manifest.model_copy(update={"examples": examples}))
        return folder

    return make


@pytest.fixture(scope="session")
def ten(empty_library: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """A report of ten paragraphs, on which each rule is seen to matter."""
    folder = empty_library(tmp_path_factory.mktemp("ten") / "library")
    LibraryWriter(folder).add(ROOT / "tests" / "ten_paragraphs.txt")
    return quick(folder)


@pytest.fixture(scope="session")
def several_folder(index_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of several small documents, made once for all processes of a run: see `several_documents`."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "several-documents"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            make_several(index_folder, folder)
    return folder / "library"


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
