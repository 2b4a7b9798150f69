"""The reader: a small cross-encoder in ONNX Runtime, trained by `train/reader.py`.

Nogueira & Cho 2019 (a question read together with a passage); sentences judged apart, as answerability is best told
(CAsT-answerability, Łajewska & Balog 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from crpd_qa.documents import Paragraph
from crpd_qa.encode import Floats
from crpd_qa.encode.session import session
from crpd_qa.errors import ModelError
from crpd_qa.read.inputs import Inputs, inputs, reader_tokenizer
from crpd_qa.read.windows import Window, windows
from crpd_qa.store.lexical import terms

_DATA = Path(str(files("crpd_qa"))) / "data"
PACKAGED = _DATA / "reader"
"""For questions in English over documents in English."""
MULTILINGUAL = _DATA / "reader-multilingual"
"""For all others: a smaller model."""
MOST_WINDOWS = 3
"""Of a paragraph: a page of text in one is not read whole for every question."""


class Words(NamedTuple):
    """[start, end) in a text, and the probability that a sentence's words asked for begin and end there."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of a question and a paragraph; logits."""

    answers: float
    """That the paragraph answers, wholly or in part: of its likeliest window."""
    sentences: Floats
    """(n_sentences,) that each is needed; -inf for one that was not read."""
    asked_for: tuple[Words | None, ...]
    """For each sentence that was read, its words that were asked for."""


class Reader:
    """The model in a folder (`reader.onnx` with its data, `tokenizer.json`). Safe to use from several threads."""

    def __init__(self, folder: str | Path, *, threads: int = 0) -> None:
        """`threads` 0 takes one for each physical core."""
        self._folder = Path(folder)
        self._threads = threads
        self._loading = Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def load(self) -> tuple[Tokenizer, InferenceSession]:
        """Its tokenizer and its session, loaded at the first call: reading calls it. Raises ModelError."""
        with self._loading:
            if self._loaded is None:
                try:
                    tokenizer = reader_tokenizer(str(self._folder / "tokenizer.json"))
                    self._loaded = tokenizer, session(self._folder / "reader.onnx", self._threads)
                except Exception as error:  # both libraries raise their own, undocumented kinds
                    raise ModelError(
                        f"the reader in {self._folder} cannot be loaded ({str(error).splitlines()[0]}); name another "
                        "folder in CRPD_QA_READER, or none, or install crpd-qa again"
                    ) from error
            return self._loaded

    @classmethod
    @cache
    def packaged(cls, threads: int = 0) -> "Reader":
        """The one of this version: a process holds it once, however many libraries are opened."""
        return cls(PACKAGED, threads=threads)

    @classmethod
    def named(cls, name: str, *, threads: int = 0) -> "Reader | None":
        """The packaged one, none, or the one in that folder; not yet loaded."""
        if name == "packaged":
            return cls.packaged(threads)
        return None if name == "none" else cls(name, threads=threads)

    def read(
        self,
        question: str,
        paragraphs: Sequence[Paragraph],
        likely: Sequence[Floats] | None = None,
        states: Sequence[str] | None = None,
    ) -> tuple[Reading, ...]:
        """One for each paragraph. `states` are, for each, the name of the State whose it is as the question has it, or
        "" (see `windows`). `likely` says of each sentence of each how near it is to the question: of a paragraph
        of many windows the MOST_WINDOWS with the nearest are read. Without it, all.
        Raises ModelError.
        """
        answers = np.full(len(paragraphs), -np.inf)
        sentences = [np.full(len(p.sentences), -np.inf, dtype=np.float32) for p in paragraphs]
        asked_for: list[list[Words | None]] = [[None] * len(p.sentences) for p in paragraphs]
        for number, paragraph in enumerate(paragraphs):
            own = windows(paragraph, states[number] if states else "")
            if likely is not None:
                near = likely[number]
                own = tuple(sorted(own, key=lambda w: -max(near[n] for n, *_ in w.sentences)))[:MOST_WINDOWS]
            for window in own:
                given, whole, each, words = self._run(question, window)
                answers[number] = max(answers[number], whole)
                for (sentence, start, end), logit in zip(window.sentences, each, strict=True):
                    if logit >= sentences[number][sentence]:
                        sentences[number][sentence] = logit
                        likeliest = _likeliest(words, given.offsets[0], start, end)
                        asked_for[number][sentence] = _moved(likeliest, paragraph.sentences[sentence][0] - start)
        return tuple(
            Reading(float(whole), each, tuple(words))
            for whole, each, words in zip(answers, sentences, asked_for, strict=True)
        )

    def where(self, question: str, paragraph: Paragraph) -> Floats:
        """(n_characters,) of the paragraph: the logit that what is asked for begins in the word that stands there, and
        half the one that its sentence is needed; -inf where nothing was read: of many windows the MOST_WINDOWS are
        read that share most words with the question. Raises ModelError.
        """
        logits = np.full(len(paragraph.text), -np.inf, dtype=np.float32)
        asked = set(terms(question))
        for window in sorted(windows(paragraph), key=lambda w: -len(asked.intersection(terms(w.text))))[:MOST_WINDOWS]:
            given, _, needed, words = self._run(question, window)
            for (sentence, start, end), need in zip(window.sentences, needed, strict=True):
                moved = paragraph.sentences[sentence][0] - start
                for token in _inside(given.offsets[0], start, end):
                    place = slice(*(given.offsets[0, token].clip(start, end) + moved))
                    logits[place] = np.maximum(logits[place], words[token, 0] + need / 2)
        return logits

    def _run(self, question: str, window: Window) -> tuple[Inputs, float, Floats, Floats]:
        """What was read; that the window answers; (n_sentences,) that each is needed; (n_tokens, 2) that the words
        asked for begin and end there.

        One at a time: 8-bit activations are scaled over all that is read at one go, so that what stands beside a window
        would change what is said of it; on a few cores it is also the quickest.
        """
        tokenizer, model = self.load()
        given = inputs(tokenizer, [(question, window)])
        answers, needed, words = model.run(
            ["answers", "needed", "words"],
            {"ids": given.ids, "attention": given.attention, "question": given.question, "sentences": given.sentences},
        )
        return given, float(answers[0]), needed[0], words[0]


def _inside(offsets: NDArray[np.int64], start: int, end: int) -> NDArray[np.intp]:
    """The tokens in the sentence at [start, end)."""
    return np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start))


def _likeliest(logits: Floats, offsets: NDArray[np.int64], start: int, end: int) -> Words | None:
    """Of (n_tokens, 2) logits that they begin and end there, the best words of the sentence at [start, end)."""
    inside = _inside(offsets, start, end)
    if not len(inside):
        return None  # it was cut off
    own = np.exp(logits[inside] - logits[inside].max(axis=0))
    begins, ends = (own / own.sum(axis=0)).T
    both = np.triu(np.outer(begins, ends))
    first, last = np.unravel_index(int(both.argmax()), both.shape)
    return Words(int(offsets[inside[first], 0]), int(offsets[inside[last], 1]), float(both[first, last]))


def _moved(words: Words | None, by: int) -> Words | None:
    return words and Words(words.start + by, words.end + by, words.probability)
