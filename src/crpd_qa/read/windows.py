"""A paragraph -> what the reader sees of it at one go: its heading and as many sentences as fit."""

from dataclasses import dataclass

from crpd_qa.documents import Paragraph
from crpd_qa.documents.leaning import introduces_list, is_bullet

MAX_WORDS = 120
"""Of sentences in a window; the reader's length of 224 tokens holds so many with a heading and a question."""
MAX_HEADING_WORDS = 20


WHOSE = "{state} (the State party): "
"""Before the heading where the question names the State and the text does not: the Committee writes "the State party",
a report "the Government"; a reader that is not told whose they are takes them for another's."""


@dataclass(frozen=True, slots=True)
class Window:
    """`text` is a heading and sentences; `sentences` are (number in the paragraph, [start, end) in `text`)."""

    text: str
    sentences: tuple[tuple[int, int, int], ...]


def windows(paragraph: Paragraph, state: str = "") -> tuple[Window, ...]:
    """All sentences in order, each in one window; a list's first line stands before its items in each.

    `state` is the name, as the question has it, of the State whose document it is.
    """
    words = [len(paragraph.text[start:end].split()) for start, end in paragraph.sentences]
    found: list[list[int]] = [[]]
    introduction: int | None = None
    room = MAX_WORDS
    for number, own in enumerate(words):
        if introduces_list(paragraph, number):
            introduction = number
        if own > room and found[-1]:
            lead = [introduction] if introduction is not None and is_bullet(paragraph, number) else []
            found.append([n for n in lead if n != number])
            room = MAX_WORDS - sum(words[n] for n in found[-1])
        found[-1].append(number)
        room -= own
    return tuple(_window(paragraph, numbers, state) for numbers in found if numbers)


def _window(paragraph: Paragraph, numbers: list[int], state: str) -> Window:
    text = " ".join(paragraph.section.title.split()[:MAX_HEADING_WORDS])
    text = f"{text}. " if text else ""
    said = " ".join([text, *(paragraph.text[slice(*paragraph.sentences[number])] for number in numbers)])
    if state.casefold() not in said.casefold():
        text = WHOSE.format(state=state) + text
    sentences = []
    for number in numbers:
        sentence = paragraph.text[slice(*paragraph.sentences[number])]
        sentences.append((number, len(text), len(text) + len(sentence)))
        text += f"{sentence} "
    return Window(text.rstrip(), tuple(sentences))
