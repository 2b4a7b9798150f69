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
        with self._loading:
            tokenizer, model = self._model
        if len(tokenizer.encode(sentence).ids) > MAX_SENTENCE_TOKENS:
            return Objection(np.inf, 0, len(sentence))
        given = inputs(tokenizer, [(evidence(paragraphs, sentence, state), [sentence])])
        logits, words = model.run(
            ["refuted", "words"],
            {"ids": given.ids, "positions": given.positions, "block": given.block, "sentences": given.sentences},
        )
        worst = int(np.where(given.sentences[0, 0] > 0, words[0], -np.inf).argmax())
        return Objection(float(logits[0, 0]), *_word_around(sentence, *given.spans[0, worst].tolist()))


def _word_around(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The whole word that a piece of one stands in."""
    while start and sentence[start - 1].isalnum():
        start -= 1
    while end < len(sentence) and sentence[end].isalnum():
        end += 1
    return start, end
