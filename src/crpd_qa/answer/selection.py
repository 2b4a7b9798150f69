"""Which sentences to quote: the likeliest, and those that cover what in the question is not covered yet."""

from dataclasses import dataclass, replace

import numpy as np

from crpd_qa.answer.sentences import Rated, Sentence
from crpd_qa.documents.leaning import introduces_list, needed
from crpd_qa.encode import Floats

COVERAGE = 0.05
"""A sentence is quoted too if it adds so much to what is matched of the question (of 1, the whole question)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is quoted."""

    sentences: int
    words: int
    same_paragraph: float
    """A further sentence of a quoted paragraph must be at least so likely to answer."""
    other_paragraph: float
    """A sentence of a paragraph that is not quoted yet must be at least so likely."""
    covering: float = 1.0
    """A sentence that covers a new part of the question must be at least so likely."""


def limits(
    parts: int, max_words: int, *, same_paragraph: float, other_paragraph: tuple[float, float], covering: float = 1.0
) -> Limits:
    """For a question of so many parts; with several, nearly twice `max_words`.

    `other_paragraph` is for a question of one part, and for one of several.
    """
    if parts == 1:
        return Limits(4, max_words, same_paragraph, other_paragraph[0], covering)
    return Limits(6, most_words(max_words), same_paragraph, other_paragraph[1], covering)


def most_words(max_words: int) -> int:
    """Of an answer to several questions, and of what sums up a part of a document."""
    return max_words * 5 // 3


def select_sentences(
    parts: list[Rated], limits: Limits, matches: dict[tuple[int, int], Floats] | None = None
) -> list[Sentence]:
    """The best sentence for each part of the question, then the next likely, then those that cover more of it.

    `parts` holds the rated sentences of each part; `matches` of each sentence's place (n_question_tokens,) how well it
    matches each token, weighted; without them nothing is covered. The very first sentence is taken however long it is.
    Covering greedily what is left: Lin & Bilmes 2011.
    """
    matches = matches or {}
    likeliest_last = sorted((rated for part in parts for rated in part), key=lambda rated: rated[0])
    pool = {s.place: (p, s) for p, s in likeliest_last}
    chosen: dict[tuple[int, int], Sentence] = {}
    covered = np.zeros(len(next(iter(matches.values()), ())), dtype=np.float32)

    def take(sentence: Sentence) -> bool:
        nonlocal covered
        words = sum(s.words for s in chosen.values()) + sentence.words
        if sentence.place in chosen or (chosen and (len(chosen) >= limits.sentences or words > limits.words)):
            return False
        chosen[sentence.place] = sentence
        if matches:
            covered = np.maximum(covered, matches[sentence.place])
        return True

    for part in parts:
        take(part[0][1])
    for probability, sentence in reversed(pool.values()):
        quoted = any(sentence.paragraph is s.paragraph for s in chosen.values())
        if probability >= (limits.same_paragraph if quoted else limits.other_paragraph):
            take(sentence)
    covering = [s for p, s in pool.values() if matches and p >= limits.covering and s.place not in chosen]
    while covering:
        gains = [float(np.maximum(matches[s.place] - covered, 0).sum()) for s in covering]
        best = int(np.argmax(gains))
        if gains[best] < COVERAGE or not take(covering.pop(best)):
            break
    return _in_reading_order(_understood(list(chosen.values()), limits))


def _understood(chosen: list[Sentence], limits: Limits) -> list[Sentence]:
    """The sentences with those that they need; without those for whose needs there is no room, but for the first."""
    kept: dict[tuple[int, int], Sentence] = {}
    for sentence in chosen:
        own = needed(sentence.paragraph, sentence.number, sentence.document.language)
        whole = [replace(sentence, number=n) for n in sorted(own)]
        more = [s for s in whole if s.place not in kept]
        words = sum(s.words for s in (*kept.values(), *more))
        if not kept or words <= limits.words:
            kept.update((s.place, s) for s in more)
        if introduces_list(sentence.paragraph, sentence.number) and sentence.place in kept:
            _add_items(sentence, kept, limits)
    return list(kept.values())


def _add_items(introduction: Sentence, kept: dict[tuple[int, int], Sentence], limits: Limits) -> None:
    """A list's first items behind the line that introduces it, as many as there is room for."""
    for number in range(introduction.number + 1, len(introduction.paragraph.sentences)):
        item = replace(introduction, number=number)
        words = sum(s.words for s in kept.values()) + item.words
        if item.place not in kept and (len(kept) >= limits.sentences or words > limits.words):
            return
        kept[item.place] = item


def _in_reading_order(chosen: list[Sentence]) -> list[Sentence]:
    """Paragraphs in the order of the question's parts and their ranks, sentences as they stand."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.position for s in chosen))}
    return sorted(chosen, key=lambda s: (order[s.position], s.number))
