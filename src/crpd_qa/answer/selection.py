"""Which sentences to quote: the likeliest, and those that cover what in the question is not covered yet."""

from dataclasses import dataclass

import numpy as np

from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.sentences import Sentence
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
    return _in_reading_order(_with_introductions(list(chosen.values()), {s.place: s for _, s in pool.values()}, limits))


def _with_introductions(
    chosen: list[Sentence], by_place: dict[tuple[int, int], Sentence], limits: Limits
) -> list[Sentence]:
    """A bullet alone says little: the line that introduces its list ("The following are exempt:") goes before it.

    An introduction alone says nothing: its list's first bullets go behind it.
    """
    kept = list(chosen)

    def add(sentence: Sentence) -> bool:
        if any(s.place == sentence.place for s in kept):
            return True
        if len(kept) >= limits.sentences or sum(s.words for s in kept) + sentence.words > limits.words:
            return False
        kept.append(sentence)
        return True

    for sentence in chosen:
        if is_bullet(sentence):
            introduction = _introduction(sentence, by_place)
            if introduction is not None and not add(introduction) and len(kept) > 1:
                # No room: the least likely sentence that is not part of this list makes some.
                for other in reversed(chosen):
                    if other is not sentence and other in kept:
                        kept.remove(other)
                        if add(introduction):
                            break
        elif introduces_list(sentence):
            number = sentence.number + 1
            while (bullet := by_place.get((sentence.position, number))) and add(bullet):
                number += 1
    return kept


def is_bullet(sentence: Sentence) -> bool:
    """The first sentence of a list's item."""
    return sentence.paragraph.text[: sentence.start].endswith("• ")


def introduces_list(sentence: Sentence) -> bool:
    """The line before a list."""
    return sentence.paragraph.text.startswith("\n• ", sentence.end)


def _introduction(bullet: Sentence, by_place: dict[tuple[int, int], Sentence]) -> Sentence | None:
    for number in range(bullet.number - 1, -1, -1):
        sentence = by_place[bullet.position, number]
        if introduces_list(sentence) and not is_bullet(sentence):
            return sentence
    return None


def _in_reading_order(chosen: list[Sentence]) -> list[Sentence]:
    """Paragraphs in the order of the question's parts and their ranks, sentences as they stand."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.position for s in chosen))}
    return sorted(chosen, key=lambda s: (order[s.position], s.number))
