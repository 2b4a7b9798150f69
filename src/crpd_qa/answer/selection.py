"""Which sentences to quote: the likeliest, and those that cover what in the question is not covered yet."""

from dataclasses import dataclass

import numpy as np

from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.sentences import Sentence
from crpd_qa.answer.statements import introduces_list, needed
from crpd_qa.encode import Floats

SAME_PARAGRAPH = 0.05
"""A further sentence of a quoted paragraph is quoted too if it is at least so likely to answer."""
COVERAGE = 0.05
"""A sentence is quoted too if it adds so much to what is matched of the question (of 1, the whole question)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is quoted."""

    sentences: int
    words: int
    other_paragraph: float
    """A sentence of a paragraph that is not quoted yet must be at least so likely to answer."""
    covering: float
    """A sentence that covers a new part of the question must be at least so likely."""


def limits(parts: int, max_words: int) -> Limits:
    """For a question of so many parts; with several, nearly twice `max_words`."""
    if parts == 1:
        return Limits(4, max_words, other_paragraph=0.5, covering=0.1)
    return Limits(6, max_words * 5 // 3, other_paragraph=0.3, covering=0.1)


Rated = list[tuple[float, Sentence]]
"""Candidate sentences with the probability that each answers, likeliest first."""


def rate(sentences: list[Sentence], model: LogisticModel) -> Rated:
    """The sentences by their probability to answer."""
    return sorted(((model.probability(s.features), s) for s in sentences), key=lambda pair: -pair[0])


def select_sentences(parts: list[Rated], matches: dict[tuple[int, int], Floats], limits: Limits) -> list[Sentence]:
    """The best sentence for each part of the question, then the next likely, then those that cover more of it.

    `parts` holds the rated sentences of each part; `matches` of each sentence's place (n_question_tokens,) how well it
    matches each token, weighted. The very first sentence is taken however long it is.
    Covering greedily what is left: Lin & Bilmes 2011.
    """
    likeliest_last = sorted((rated for part in parts for rated in part), key=lambda rated: rated[0])
    pool = {s.place: (p, s) for p, s in likeliest_last}
    chosen: dict[tuple[int, int], Sentence] = {}
    covered = np.zeros(len(next(iter(matches.values()))), dtype=np.float32)

    def take(sentence: Sentence) -> bool:
        nonlocal covered
        words = sum(s.words for s in chosen.values()) + sentence.words
        if sentence.place in chosen or (chosen and (len(chosen) >= limits.sentences or words > limits.words)):
            return False
        chosen[sentence.place] = sentence
        covered = np.maximum(covered, matches[sentence.place])
        return True

    for part in parts:
        take(part[0][1])
    for probability, sentence in reversed(pool.values()):
        quoted = any(sentence.paragraph is s.paragraph for s in chosen.values())
        if probability >= (SAME_PARAGRAPH if quoted else limits.other_paragraph):
            take(sentence)
    covering = [s for p, s in pool.values() if p >= limits.covering and s.place not in chosen]
    while covering:
        gains = [float(np.maximum(matches[s.place] - covered, 0).sum()) for s in covering]
        best = int(np.argmax(gains))
        if gains[best] < COVERAGE or not take(covering.pop(best)):
            break
    return _in_reading_order(_understood(list(chosen.values()), {s.place: s for _, s in pool.values()}, limits))


def _understood(chosen: list[Sentence], by_place: dict[tuple[int, int], Sentence], limits: Limits) -> list[Sentence]:
    """The sentences with those that they need; without those for whose needs there is no room, but for the first."""
    kept: dict[tuple[int, int], Sentence] = {}
    for sentence in chosen:
        own = needed(sentence.paragraph, sentence.number, sentence.document.language)
        whole = [by_place[sentence.position, n] for n in sorted(own)]
        more = [s for s in whole if s.place not in kept]
        words = sum(s.words for s in (*kept.values(), *more))
        if not kept or words <= limits.words:
            kept.update((s.place, s) for s in more)
        if introduces_list(sentence.paragraph, sentence.number) and sentence.place in kept:
            _add_items(sentence, kept, by_place, limits)
    return list(kept.values())


def _add_items(
    introduction: Sentence,
    kept: dict[tuple[int, int], Sentence],
    by_place: dict[tuple[int, int], Sentence],
    limits: Limits,
) -> None:
    """A list's first items behind the line that introduces it, as many as there is room for."""
    number = introduction.number + 1
    while item := by_place.get((introduction.position, number)):
        words = sum(s.words for s in kept.values()) + item.words
        if item.place not in kept and (len(kept) >= limits.sentences or words > limits.words):
            return
        kept[item.place] = item
        number += 1


def _in_reading_order(chosen: list[Sentence]) -> list[Sentence]:
    """Paragraphs in the order of the question's parts and their ranks, sentences as they stand."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.position for s in chosen))}
    return sorted(chosen, key=lambda s: (order[s.position], s.number))
