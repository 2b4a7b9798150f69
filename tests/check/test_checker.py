"""The checker of composed sentences, on texts that it was not trained on."""

import json
import math
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from crpd_qa.answer.support import SupportChecker
from crpd_qa.check.checker import MAX_SENTENCE_TOKENS, Checker
from crpd_qa.check.evidence import MAX_TOKENS, MAX_WORDS, checker_tokenizer, evidence, inputs
from crpd_qa.documents import Paragraph, Section
from crpd_qa.errors import ModelError
from crpd_qa.library import Library
from crpd_qa.library.write import LibraryWriter
from crpd_qa.read.reader import PACKAGED

EVAL = Path(__file__).parents[2] / "eval"
sys.path.insert(0, str(EVAL))
import claims as program  # noqa: E402


def paragraph(*sentences: str, heading: str = "Transport") -> Paragraph:
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += f"{sentence} "
    return Paragraph("1", 1, text.rstrip(), Section((heading,)), tuple(spans))


@pytest.fixture(scope="module")
def checker():
    return Checker(threads=1)


@pytest.fixture(scope="module")
def tokenizer():
    return checker_tokenizer(str(PACKAGED / "tokenizer.json"))


def test_evidence_of_a_short_paragraph_is_all_of_it_under_its_heading_and_state():
    text = evidence([paragraph("Buses have ramps.", "Trams have none.")], "Buses have ramps.", "Orsenna")
    assert text == "Orsenna (the State party): Transport. Buses have ramps. Trams have none."


def test_evidence_of_a_long_paragraph_is_what_the_sentence_is_about_and_what_stands_beside():
    filler = [f"Nothing is said here of matter number {n} nor of any other." for n in range(30)]
    said = ["The lifts of the metro were renewed.", "They carry two wheelchairs.", "Guards help."]
    text = evidence([paragraph(*filler, *said)], "The metro has new lifts.")
    assert " ".join(said) in text
    assert len(text.split()) <= MAX_WORDS + 1


def test_a_bullet_comes_with_the_line_that_introduces_its_list():
    lead, bullets = "The law provides for:", [f"• benefit {n} of the state for those who need it" for n in range(30)]
    text = lead + "\n" + "\n".join(bullets)
    spans = [(0, len(lead))]
    for bullet in bullets:
        start = text.index(bullet) + 2
        spans.append((start, start + len(bullet) - 2))
    own = Paragraph("1", 1, text, Section(()), tuple(spans))
    assert evidence([own], "There is a benefit 29.").startswith(lead)


def test_several_paragraphs_are_read_together():
    text = evidence([paragraph("Buses have ramps."), paragraph("Trams are free.")], "Buses and trams.")
    assert "Buses have ramps." in text
    assert "Trams are free." in text


def test_each_sentence_stands_right_behind_the_evidence(tokenizer):
    given = inputs(tokenizer, [("Buses have ramps.", ["Buses have ramps.", "Trams have ramps."])])
    assert given.block.max() == 2
    assert given.sentences.sum(-1).tolist() == [[float((given.block == n).sum()) for n in (1, 2)]]
    starts = [int(given.positions[0, given.block[0] == n][0]) for n in (1, 2)]
    assert starts[0] == starts[1] == int(given.positions[0, given.block[0] == 0][-1]) + 1


def test_evidence_is_cut_and_a_sentence_never(tokenizer):
    given = inputs(tokenizer, [("word " * 1000, ["another word " * 100])])
    assert (given.block == 0).sum() == MAX_TOKENS
    assert (given.block == 1).sum() == 202


def test_a_sentence_that_is_too_long_to_be_read_is_refused(checker):
    assert checker.object("word " * MAX_SENTENCE_TOKENS, [paragraph("A word.")]).logit == math.inf


def test_a_checker_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ModelError, match="install crpd-qa again"):
        Checker(tmp_path).object("One.", [paragraph("One.")])


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            "A draft law that would oblige hotels to have accessible rooms is being prepared.",
            "Hotels may soon be obliged by law to have accessible rooms: the law is being drafted.",
            "Hotels are obliged by law to have accessible rooms.",
        ),
        (
            "Municipalities pay the wages of personal assistants, whom the persons themselves choose.",
            "Those who need a personal assistant choose one themselves; the municipality pays.",
            "The municipality chooses personal assistants and the persons themselves pay their wages.",
        ),
        (
            "Courts may appoint a guardian only after hearing the person.",
            "A court can appoint a guardian once it has heard the person.",
            "A court must appoint a guardian without hearing the person.",
        ),
    ],
)
def test_what_no_list_of_words_tells_apart(checker, text, true, false):
    own = [paragraph(text)]
    assert checker.object(true, own).logit < checker.object(false, own).logit


def test_the_words_that_are_wrong_are_named(checker):
    sentence = "Municipalities refuse to pay the wages of personal assistants."
    objection = checker.object(sentence, [paragraph("Municipalities pay the wages of personal assistants.")])
    assert sentence[objection.start : objection.end] in "Municipalities refuse to pay"


@pytest.fixture(scope="module")
def shares(empty_library, tmp_path_factory):
    """Of the sentences over the invented States' documents, by kind of mistake, the share that is refused."""
    hits = defaultdict(list)
    for path in sorted((EVAL / "claims").glob("*-VLD-*.jsonl")):
        folder = empty_library(tmp_path_factory.mktemp("claims") / "library")
        LibraryWriter(folder).add(EVAL / "documents" / f"{path.stem}.txt")
        library = Library.open(folder)
        document = library.document_at(0)
        support = SupportChecker(library)
        for claim in program.read_claims(path, document):
            hits[claim.kind].append(program.refused(library, support, document.symbol, claim))
    return {kind: float(np.mean(own)) for kind, own in hits.items()} | {
        "false": float(np.mean([hit for kind, own in hits.items() if kind != "true" for hit in own]))
    }


FLOOR = json.loads((EVAL / "floor-claims.json").read_text("utf-8"))


@pytest.mark.parametrize("kind", FLOOR)
def test_figures_stay_above_the_floor_on_documents_that_nothing_was_trained_on(shares, kind):
    if kind == "true":
        assert shares[kind] <= FLOOR[kind]
    else:
        assert shares[kind] >= FLOOR[kind]
