"""Broken text is no sentence; every real one is."""

import json
from pathlib import Path

import pytest

from crpd_qa.answer.whole import WholeSentences

EVAL = Path(__file__).parents[2] / "eval"


@pytest.fixture(scope="module")
def whole(library):
    return WholeSentences(library)


def _texts(name):
    return [json.loads(line) for line in (EVAL / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "Persons with disabilities are treated with,.",
        "They keep this right until the end of a.",
        "The State provides them with a wheelchair and the.",
        "A pension is paid to,",
        "Benefits are paid (see annex.",
        "Benefits are paid ( ).",
        "The law says, , that it is so.",
        "The following are entitled:.",
    ],
)
def test_broken_text_is_no_sentence(whole, text):
    assert not whole.holds(text, "en")


def test_real_sentences_are_whole(whole):
    written = [row["text"] for name in ("composed.jsonl", "paraphrases.jsonl") for row in _texts(name)]
    assert [text for text in written if not whole.holds(text, "en")] == []
    translated = _texts("translations.jsonl")
    assert [row["text"] for row in translated if not whole.holds(row["text"], row["lang"])] == []


def test_every_fourth_sentence_cut_off_in_the_middle_is_told(whole):
    written = [row["text"].split() for row in _texts("composed.jsonl")]
    cut = [" ".join(words[:n]).rstrip(",;:") + "." for words in written for n in range(4, len(words) - 1)]
    assert sum(not whole.holds(text, "en") for text in cut) > len(cut) / 4


@pytest.mark.parametrize("text", ["They may vote in 2015.", "It is under category A.", "The rate is 3.7 per cent."])
def test_figures_and_letters_end_a_sentence(whole, text):
    assert whole.holds(text, "en")
