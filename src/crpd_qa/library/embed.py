"""A document -> the rows that are searched of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from crpd_qa.documents import Document, Paragraph, Section
from crpd_qa.encode import Encoder, Encoding, Floats, Ints
from crpd_qa.encode.multilingual import BATCH, TextEncoder
from crpd_qa.library.questions import WrittenQuestions
from crpd_qa.store.lexical import Postings
from crpd_qa.store.segment import SegmentRows, article_bits
from crpd_qa.store.tokens import TokenRows, content_mask, piece_frequencies
from crpd_qa.store.vectors import VectorRows

Advance = Callable[[int], None]
"""Called with the number of texts that were embedded."""

T = TypeVar("T")
_NUMBERED = re.compile(r"^\s*(?:[^\W\d]{1,12}\s+)?\d{1,2}\b\s*[-–—:.]?\s*|^\s*(?:[IVXLC]{1,6}|[A-Z])\.\s+")
_IN_BRACKETS = re.compile(r"\([^()\d]*\d[^()]*\)")


def topic(section: Section) -> str:
    """The innermost heading in words: "Article 9 - Accessibility", "C. Accessibility (art. 9)" -> "Accessibility".

    It is embedded before the paragraph: it names what the text below often only implies.
    """
    words = _NUMBERED.sub("", _IN_BRACKETS.sub("", section.heading)).strip()
    return words or section.heading


def passage(paragraph: Paragraph) -> tuple[str, int]:
    """What is embedded of a paragraph, and where its own text begins in that."""
    heading = topic(paragraph.section)
    opening = f"{heading}. " if heading else ""
    return opening + paragraph.text, len(opening)


@dataclass(frozen=True)
class Encoders:
    """`multilingual` is None where only questions in English, over documents in English, find by meaning."""

    english: Encoder
    dimension: int
    multilingual: TextEncoder | None


def count_texts(document: Document, questions: WrittenQuestions, encoders: Encoders) -> int:
    """How many texts `embed` embeds, for a progress bar."""
    asked = sum(len(own) for own in questions.english()) + sum(lang == "en" for lang, _ in questions.unanswered)
    everything = len(document) + questions.count + len(questions.unanswered)
    english = len(document) + asked if document.language == "en" else 0
    return english + (everything if encoders.multilingual else 0)


def embed(
    document: Document, questions: WrittenQuestions, encoders: Encoders, advance: Advance = lambda count: None
) -> SegmentRows:
    """Only documents in English have rows of the English encoder."""
    passages = [passage(paragraph) for paragraph in document]
    if document.language == "en":
        vectors, tokens, pieces = _english(document, passages, questions, encoders.english, advance)
    else:
        nothing = np.zeros((0, encoders.dimension), dtype=np.float32)
        count = len(document)
        vectors = VectorRows(
            np.zeros((count, encoders.dimension), np.float32), nothing, np.zeros(count + 1, np.int64), nothing
        )
        tokens, pieces = TokenRows.without_vectors(count, encoders.dimension), np.zeros((2, 0), np.int32)
    return SegmentRows(
        vectors=vectors,
        tokens=tokens,
        pieces=pieces,
        postings=Postings.build([paragraph.text for paragraph in document], document.language),
        articles=np.array([article_bits(p.section.articles) for p in document], dtype=np.uint64),
        multilingual=_multilingual(passages, questions, encoders.multilingual, advance)
        if encoders.multilingual
        else None,
    )


def _english(
    document: Document,
    passages: Sequence[tuple[str, int]],
    questions: WrittenQuestions,
    encoder: Encoder,
    advance: Advance,
) -> tuple[VectorRows, TokenRows, npt.NDArray[np.int32]]:
    def counted(result: T) -> T:
        advance(1)
        return result

    encodings = [counted(_encode_content(encoder, text)) for text, _ in passages]
    own = np.stack([encoding.vector for encoding in encodings])

    def vectors(texts: Sequence[str]) -> Floats:
        rows = [counted(encoder.encode(text)).vector for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), own.shape[1])

    asked = questions.english()
    rows = VectorRows(
        paragraphs=own,
        questions=vectors([text for texts in asked for text in texts]),
        offsets=np.cumsum([0, *(len(texts) for texts in asked)]),
        unanswered=vectors([text for language, text in questions.unanswered if language == "en"]),
    )
    sentences = [
        _sentence_of_token(encoding.spans[:, 0] - start, paragraph)
        for encoding, (_, start), paragraph in zip(encodings, passages, document, strict=True)
    ]
    return rows, TokenRows.build(encodings, sentences), piece_frequencies(encodings)


def _multilingual(
    passages: Sequence[tuple[str, int]], questions: WrittenQuestions, encoder: TextEncoder, advance: Advance
) -> VectorRows:
    # Questions that are searched take the passages' prefix: measured, the first is right more often.
    asked = [text for own in questions.answers for _, text in own]
    texts = [*(text for text, _ in passages), *asked, *(text for _, text in questions.unanswered)]
    batches = []
    for start in range(0, len(texts), BATCH):
        batches.append(encoder.passages(texts[start : start + BATCH]))
        advance(len(batches[-1]))
    own, answered, unanswered = np.split(np.concatenate(batches), np.cumsum([len(passages), len(asked)]))
    return VectorRows(own, answered, np.cumsum([0, *(len(texts) for texts in questions.answers)]), unanswered)


def _encode_content(encoder: Encoder, text: str) -> Encoding:
    encoding = encoder.encode(text)
    return encoding.keep(content_mask(text, encoding))


def _sentence_of_token(starts: Ints, paragraph: Paragraph) -> npt.NDArray[np.int16]:
    """(n_tokens,) the sentence in which each token starts; -1 before the paragraph's text (the heading).

    What stands between sentences (the mark of a bullet) goes with the sentence before it.
    """
    sentence_starts = np.array([start for start, _ in paragraph.sentences])
    found = np.searchsorted(sentence_starts, starts, side="right") - 1
    return np.where(starts < 0, -1, np.maximum(found, 0)).astype(np.int16)
