"""Which sentences to quote: the likeliest, from as few paragraphs as suffice."""

from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.sentences import Sentence

MAX_SENTENCES = 4
SAME_PARAGRAPH = 0.05
"""A further sentence of a quoted paragraph is quoted too if it is at least so likely to answer."""
OTHER_PARAGRAPH = 0.4
"""A sentence of a paragraph that is not quoted yet must be at least so likely."""


Rated = list[tuple[float, Sentence]]
"""Candidate sentences with the probability that each answers, likeliest first."""


def rate(sentences: list[Sentence], model: LogisticModel) -> Rated:
    """The sentences by their probability to answer."""
    return sorted(((model.probability(s.features), s) for s in sentences), key=lambda pair: -pair[0])


def select_sentences(parts: list[Rated], max_words: int) -> list[Sentence]:
    """At most four sentences and `max_words` words: the best for each part of the question, then the next likely.

    `parts` holds the rated sentences of each part. The very first is taken however long it is.
    """
    chosen: list[Sentence] = []
    places: set[tuple[int, int]] = set()

    def take(sentence: Sentence) -> None:
        words = sum(s.words for s in chosen) + sentence.words
        if sentence.place not in places and (not chosen or (len(chosen) < MAX_SENTENCES and words <= max_words)):
            chosen.append(sentence)
            places.add(sentence.place)

    for part in parts:
        take(part[0][1])
    for probability, sentence in sorted((pair for part in parts for pair in part[1:]), key=lambda p: -p[0]):
        quoted = any(sentence.paragraph.number == number for number, _ in places)
        if probability >= (SAME_PARAGRAPH if quoted else OTHER_PARAGRAPH):
            take(sentence)
    return _in_reading_order(_with_introductions(chosen, [s for part in parts for _, s in part], max_words))


def _with_introductions(chosen: list[Sentence], sentences: list[Sentence], max_words: int) -> list[Sentence]:
    """A bullet alone says little: the line that introduces its list ("The following are exempt:") goes before it.

    An introduction alone says nothing: its list's first bullets go behind it.
    """
    by_place = {s.place: s for s in sentences}
    kept = list(chosen)

    def add(sentence: Sentence) -> bool:
        if any(s.place == sentence.place for s in kept):
            return True
        if len(kept) >= MAX_SENTENCES or sum(s.words for s in kept) + sentence.words > max_words:
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
            while (bullet := by_place.get((sentence.paragraph.number, number))) and add(bullet):
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
        sentence = by_place[bullet.paragraph.number, number]
        if introduces_list(sentence) and not is_bullet(sentence):
            return sentence
    return None


def _in_reading_order(chosen: list[Sentence]) -> list[Sentence]:
    """Paragraphs in the order of the question's parts and their ranks, sentences as they stand."""
    order = {number: i for i, number in enumerate(dict.fromkeys(s.paragraph.number for s in chosen))}
    return sorted(chosen, key=lambda s: (order[s.paragraph.number], s.number))
