"""Paragraphs and a sentence -> what the checker reads of them at one go."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from crpd_qa.documents import Paragraph
from crpd_qa.documents.leaning import introduces_list, is_bullet
from crpd_qa.read.windows import MAX_HEADING_WORDS, WHOSE
from crpd_qa.store.lexical import terms

MAX_WORDS = 100
"""Of evidence; a longer paragraph is cut to the sentences that share most words with the sentence, and those beside."""
MAX_TOKENS = 256
"""Of evidence, which is cut there; a sentence never is."""


def evidence(paragraphs: Sequence[Paragraph], sentence: str, state: str = "") -> str:
    """Whose they are, their headings, and in order the sentences that the sentence is likeliest to rest on.

    `state` is the name of the State, if they are one's.
    """
    room = MAX_WORDS
    said = set(terms(sentence))
    shared = {
        (place, number): len(said & set(terms(paragraph.text[start:end])))
        for place, paragraph in enumerate(paragraphs)
        for number, (start, end) in enumerate(paragraph.sentences)
    }
    taken: set[tuple[int, int]] = set()
    for place, number in sorted(shared, key=lambda key: -shared[key]):
        paragraph = paragraphs[place]
        around = [number, *_introduction(paragraph, number), number - 1, number + 1]
        for one in around:
            if (place, one) not in shared or (place, one) in taken:
                continue
            words = len(paragraph.text[slice(*paragraph.sentences[one])].split())
            if words <= room or not taken:
                taken.add((place, one))
                room -= words
    parts = [WHOSE.format(state=state).strip()] if state else []
    for place, paragraph in enumerate(paragraphs):
        own = sorted(number for where, number in taken if where == place)
        heading = " ".join(paragraph.section.title.split()[:MAX_HEADING_WORDS])
        parts += [f"{heading}."] if heading and own else []
        parts += [paragraph.text[slice(*paragraph.sentences[number])] for number in own]
    return " ".join(parts)


def _introduction(paragraph: Paragraph, number: int) -> list[int]:
    """The first line of the list that a bullet is of."""
    if not is_bullet(paragraph, number):
        return []
    return [n for n in range(number - 1, -1, -1) if introduces_list(paragraph, n)][:1]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the checker's graph takes, for n texts of evidence, each with up to S sentences, of up to L tokens together.

    Evidence is read once for all its sentences: it sees itself only, each sentence sees the evidence and itself.
    """

    ids: NDArray[np.int64]
    """(n, L) the evidence, then its sentences."""
    positions: NDArray[np.int64]
    """(n, L) each sentence's begin where the evidence ends."""
    block: NDArray[np.int64]
    """(n, L) 0 for the evidence, 1 to S for its sentences, -1 for padding."""
    sentences: NDArray[np.float32]
    """(n, S, L) 1 for the tokens of each sentence."""
    spans: NDArray[np.int64]
    """(n, L, 2) of each token [start, end) in its sentence; 0, 0 elsewhere."""


def checker_tokenizer(path: str) -> Tokenizer:
    """The model's tokenizer as `inputs` wants it: nothing cut, nothing padded."""
    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def inputs(tokenizer: Tokenizer, rows: Sequence[tuple[str, Sequence[str]]]) -> Inputs:
    """Each row is a text of evidence and its sentences."""
    close, padding = (tokenizer.token_to_id(token) or 0 for token in ("</s>", "<pad>"))
    parts = []
    for text, said in rows:
        own = [[*tokenizer.encode(text).ids[:-1][: MAX_TOKENS - 1], close]]
        encodings = [tokenizer.encode(sentence) for sentence in said]
        own += [[close, *encoding.ids[1:]] for encoding in encodings]
        parts.append((own, encodings))
    length = max(sum(map(len, own)) for own, _ in parts)
    most = max(len(said) for _, said in rows)
    ids = np.full((len(rows), length), padding, dtype=np.int64)
    positions = np.full_like(ids, padding)
    block = np.full_like(ids, -1)
    sentences = np.zeros((len(rows), most, length), dtype=np.float32)
    spans = np.zeros((len(rows), length, 2), dtype=np.int64)
    for row, (own, encodings) in enumerate(parts):
        start = 0
        for number, tokens in enumerate(own):
            end = start + len(tokens)
            ids[row, start:end] = tokens
            first = padding + 1 + (len(own[0]) if number else 0)
            positions[row, start:end] = range(first, first + len(tokens))
            block[row, start:end] = number
            if number:
                sentences[row, number - 1, start:end] = 1
                spans[row, start:end] = encodings[number - 1].offsets
            start = end
    return Inputs(ids, positions, block, sentences, spans)
