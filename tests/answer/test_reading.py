"""What reading is worth on a report of ten paragraphs, where the quick way answers otherwise."""

import pytest

from crpd_qa import Assistant
from crpd_qa.read.reader import Reader
from crpd_qa.settings import settings


class Counting(Reader):
    """The packaged reader, which counts what it reads."""

    count = 0

    def read(self, question, paragraphs, likely=None):
        self.count += len(paragraphs)
        return super().read(question, paragraphs, likely)


@pytest.fixture
def reading(ten):
    assistant = Assistant(ten.library, settings().model_copy(update={"reader": "none"}))
    assistant.reader = Counting.named("packaged")
    return assistant


def test_what_is_said_in_other_words_is_answered(ten, reading):
    question = "How often does the social worker come?"
    assert not ten.ask(question).answered
    answer = reading.ask(question)
    assert "three times a week" in answer.text
    assert [citation.label for citation in answer.citations] == ["10"]


def test_a_figure_of_something_near_is_no_answer(ten, reading):
    question = "How many women were sterilized by force?"
    assert ten.ask(question).answered
    assert not reading.ask(question).answered


def test_the_paragraph_that_answers_stands_first_though_another_has_more_of_the_words(ten, reading):
    question = "Who has to hire disabled workers?"
    assert ten.search(question)[0].label == "8"
    assert reading.ask(question).passages[0].label == "7"


def test_only_the_sentence_that_is_needed_is_quoted_with_what_it_leans_on(reading):
    answer = reading.ask("Can I get the summons in big letters?")
    assert answer.text == "The costs are borne by the State. It also sends the summons in large print on request. [4]"


def test_no_more_is_read_where_one_of_the_first_paragraphs_clearly_answers(reading):
    reading.ask("How often does the social worker come?")
    assert reading.reader.count == 3
    reading.ask("How many women were sterilized by force?")
    assert reading.reader.count == 3 + 6
