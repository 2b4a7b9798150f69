"""Which sentences to quote: the likeliest, from as few paragraphs as suffice, in the order in which they read best."""

from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.question_type import QuestionType
from crpd_qa.answer.sentences import Sentence

MAX_SENTENCES = 4
SAME_PARAGRAPH = 0.05
"""A further sentence of a quoted paragraph is quoted too if it is at least so likely to answer."""
OTHER_PARAGRAPH = 0.4
"""A sentence of another paragraph must be at least so likely ..."""
OTHER_PARAGRAPH_COMPOUND = 0.15
"""... and so likely when the question asks several things."""


def select_sentences(
    sentences: list[Sentence], model: LogisticModel, kind: QuestionType, max_words: int
) -> list[Sentence]:
    """At most four sentences and `max_words` words; the best one always, however long it is."""
    likely = sorted(((model.probability(s.features), s) for s in sentences), key=lambda pair: -pair[0])
    chosen: list[Sentence] = []
    numbers: set[int] = set()
    words = 0
    for probability, sentence in likely:
        if len(chosen) == MAX_SENTENCES:
            break
        number = sentence.paragraph.number
        if number in numbers:
            wanted = probability >= SAME_PARAGRAPH
        else:
            wanted = probability >= (OTHER_PARAGRAPH_COMPOUND if kind.compound else OTHER_PARAGRAPH)
        if not chosen or (wanted and words + sentence.words <= max_words):
            chosen.append(sentence)
            numbers.add(number)
            words += sentence.words
    return _in_reading_order(_with_introductions(chosen, sentences, max_words))


def _with_introductions(chosen: list[Sentence], sentences: list[Sentence], max_words: int) -> list[Sentence]:
    """A bullet alone says little: the line that introduces its list ("The following are exempt:") goes before it.

    An introduction alone says nothing: its list's first bullets go behind it.
    """
    by_place = {(s.paragraph.number, s.number): s for s in sentences}
    kept = list(chosen)

    def add(sentence: Sentence) -> bool:
        if sentence in kept:
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
    """Paragraphs as they were ranked, sentences as they stand."""
    return sorted(chosen, key=lambda s: (s.rank, s.number))
