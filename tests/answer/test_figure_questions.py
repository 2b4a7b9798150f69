import math

import numpy as np
import pytest

from crpd_qa.answer.figure_questions import CHECKER, MISPLACED, misplaced
from crpd_qa.check.checker import Checker
from crpd_qa.documents import Paragraph, Section
from crpd_qa.read.reader import Reader

FORUMS = "Children's forums meet in 34 provinces and 451 districts. They have 2,098 members, of whom 12 per cent have a disability; 40 per cent are girls."  # fmt: skip  # noqa: E501
DISTRICTS = "Forums meet in 451 districts."


def paragraph(text):
    return Paragraph("1", 1, text, Section(("Children",)), ((0, len(text)),))


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("Forums of children meet in 34 provinces.", ""),
        ("Forums of children meet in 451 provinces.", "451"),
        ("Children's forums are found in 2,098 districts.", "2,098"),
        ("The forums meet in 34 provinces and 451 districts.", ""),
        ("The forums meet in 451 provinces and 34 districts.", "451"),
        ("Of the 2,098 members, 12 per cent have a disability.", ""),
        ("40 per cent of the members have a disability.", "40 per cent"),
        ("Girls make up 40 per cent of the members.", ""),
        ("There are 300 forums.", ""),  # the exact rule's
    ],
)
def test_a_figure_that_stands_for_something_else_is_told(sentence, wrong):
    assert misplaced(sentence, [paragraph(FORUMS)], Reader.packaged(), Checker.packaged()) == wrong


class Opinions:
    """A reader and a checker that prefer figures, as written, by so much."""

    def __init__(self, reader, checker):
        self.reader, self.checker, self.asked = reader, checker, []

    def where(self, question, paragraph):
        self.asked.append(question)
        logits = np.full(len(paragraph.text), -np.inf)
        for words, logit in self.reader.items():
            start = paragraph.text.index(words)
            logits[start : start + len(words)] = logit
        return logits

    def weigh(self, parts, *_):
        return [-self.checker.get(part.text[part.start : part.end], 0.0) for part in parts]


NEITHER = {"34": 0.0, "451": 0.0, "2,098": 0.0}


@pytest.mark.parametrize(
    ("reader", "checker", "wrong"),
    [
        ({"34": MISPLACED + 0.1}, {}, "451"),
        ({"34": MISPLACED - 0.1}, {}, ""),
        ({"34": 1.1}, {"34": (MISPLACED - 1) / CHECKER}, "451"),
        ({"34": 0.9}, {"34": (MISPLACED - 1) / CHECKER}, ""),
        ({"34": 1.1}, {"2,098": (MISPLACED - 1) / CHECKER}, ""),  # not about the same figure
        ({"34": -0.1}, {"34": 9.0}, ""),  # the reader would not have it
    ],
)
def test_reader_and_checker_must_be_sure_together_of_the_same_figure(reader, checker, wrong):
    opinions = Opinions(NEITHER | reader, checker)
    assert misplaced(DISTRICTS, [paragraph(FORUMS)], opinions, opinions) == wrong
    assert opinions.asked == ["Forums meet in how many districts?"]


def test_a_figure_that_stands_in_its_own_place_is_no_other_one():
    opinions = Opinions(NEITHER | {"34": 9.0}, {})
    both = "In 451 districts of 34 provinces forums meet."
    assert misplaced(both, [paragraph(FORUMS)], opinions, opinions) == ""
    assert len(opinions.asked) == 2


def test_in_another_sentence_only_its_figure_is_changed():
    seen = []
    opinions = Opinions(NEITHER | {"34": 9.0}, {})
    opinions.weigh = lambda parts, *_: seen.extend(parts) or [0.0] * len(parts)
    misplaced(DISTRICTS, [paragraph(FORUMS)], opinions, opinions)
    assert [(p.text, p.text[p.start : p.end]) for p in seen] == [
        (DISTRICTS, "451"),
        ("Forums meet in 34 districts.", "34"),
    ]


def test_what_the_reader_has_not_seen_is_nowhere():
    text = "Buses are free. There are 12 of them."
    logits = Reader.packaged().where("How many buses are there?", paragraph(text))
    assert logits.shape == (len(text),)
    assert logits.argmax() in range(text.index("12"), text.index("12") + 2)
    assert -math.inf in logits


def test_of_a_page_in_one_paragraph_what_is_near_the_question_is_read():
    filler = ["Roads were mended in the north of the country and nobody was told of it in time by anyone at all."] * 60
    said = [*filler, "Buses with a ramp number 12.", *filler]
    text = " ".join(said)
    starts = [len(" ".join(said[:n])) + bool(n) for n in range(len(said))]
    spans = tuple((start, start + len(own)) for start, own in zip(starts, said, strict=True))
    logits = Reader.packaged().where("How many buses have a ramp?", Paragraph("1", 1, text, Section(()), spans))
    assert logits.argmax() in range(text.index("12"), text.index("12") + 2)
    assert np.isinf(logits).mean() > 0.5
