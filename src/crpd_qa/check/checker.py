"""The checker: a small cross-encoder in ONNX Runtime, trained by `train/checker.py`; it shares the reader's weights.

Trained on true sentences and the same with one mistake, as MiniCheck was (Tang et al. 2024); low-rank updates of the
reader's layers (LoRA, Hu et al. 2021) keep it small.
"""

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

from crpd_qa.check.evidence import checker_tokenizer, evidence, inputs
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Floats, Ints
from crpd_qa.encode.session import session
from crpd_qa.errors import ModelError
from crpd_qa.read.reader import PACKAGED

MAX_SENTENCE_TOKENS = 250
"""A longer one is refused unread: with its evidence it has more than the model has places for."""


class Objection(NamedTuple):
    """What the checker holds against a sentence."""

    logit: float
    """That the paragraphs do not bear the sentence out."""
    start: int
    end: int
    """[start, end) in the sentence of the words that they bear out least."""


class Part(NamedTuple):
    """[start, end) of a text."""

    text: str
    start: int
    end: int


class Checker:
    """The model in a folder (`checker.onnx` beside the reader's files). Safe to use from several threads."""

    def __init__(self, folder: Path = PACKAGED, *, threads: int = 0) -> None:
        """`threads` 0 takes one for each physical core."""
        self._folder = folder
        self._threads = threads
        self._loading = Lock()

    @cached_property
    def _model(self) -> tuple[Tokenizer, InferenceSession]:
        try:
            tokenizer = checker_tokenizer(str(self._folder / "tokenizer.json"))
            return tokenizer, session(self._folder / "checker.onnx", self._threads)
        except Exception as error:  # both libraries raise their own, undocumented kinds
            raise ModelError(
                f"the checker in {self._folder} cannot be loaded ({str(error).splitlines()[0]}); install crpd-qa again"
            ) from error

    @classmethod
    @cache
    def packaged(cls, threads: int = 0) -> "Checker":
        """The one of this version: a process holds it once, however many libraries are opened."""
        return cls(threads=threads)

    def object(self, sentence: str, paragraphs: Sequence[Paragraph], state: str = "") -> Objection:
        """`paragraphs` are those that are cited, `state` the name of the State whose they are. Raises ModelError."""
        if len(self._load()[0].encode(sentence).ids) > MAX_SENTENCE_TOKENS:
            return Objection(np.inf, 0, len(sentence))
        [(whole, spans, words)] = self._run([sentence], evidence(paragraphs, sentence, state))
        return Objection(whole, *_word_around(sentence, *spans[words.argmax()].tolist()))

    def weigh(self, parts: Sequence[Part], paragraphs: Sequence[Paragraph], state: str = "") -> list[float]:
        """The logit that the paragraphs do not bear out these words of a sentence, for ways to say it.

        All are read at one go, beside the evidence for the first. Raises ModelError.
        """
        read = self._run([part.text for part in parts], evidence(paragraphs, parts[0].text, state))
        return [
            float(words[(spans[:, 1] > start) & (spans[:, 0] < end)].max())
            for (_, start, end), (_, spans, words) in zip(parts, read, strict=True)
        ]

    def _load(self) -> tuple[Tokenizer, InferenceSession]:
        with self._loading:
            return self._model

    def _run(self, sentences: Sequence[str], given: str) -> list[tuple[float, Ints, Floats]]:
        """Of each, that the evidence does not bear it out; where its n tokens stand: (n, 2); that the evidence does not
        bear these out: (n,).
        """
        tokenizer, model = self._load()
        taken = inputs(tokenizer, [(given, sentences)])
        logits, words = model.run(
            ["refuted", "words"],
            {"ids": taken.ids, "positions": taken.positions, "block": taken.block, "sentences": taken.sentences},
        )
        own = taken.sentences[0] > 0
        return [
            (float(logit), taken.spans[0, tokens], words[0, tokens])
            for logit, tokens in zip(logits[0], own, strict=True)
        ]


def _word_around(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The whole word that a piece of one stands in."""
    while start and sentence[start - 1].isalnum():
        start -= 1
    while end < len(sentence) and sentence[end].isalnum():
        end += 1
    return start, end
