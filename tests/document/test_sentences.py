import re

import pytest

from crpd_qa.documents.sentences import sentence_spans


def sentences(paragraph):
    return [paragraph.text[start:end] for start, end in paragraph.sentences]


def test_spans_cover_everything_but_white_space_and_bullet_marks(document):
    for paragraph in document:
        rest, position = [], 0
        for start, end in paragraph.sentences:
            assert position <= start < end <= len(paragraph.text)
            rest.append(paragraph.text[position:start])
            position = end
        rest.append(paragraph.text[position:])
        assert set("".join(rest)) <= set(" \n•"), paragraph.number


def test_the_report_has_889_sentences_and_each_ends_like_one(document):
    found = [(p.number, s) for p in document for s in sentences(p)]
    assert len(found) == 889
    abbreviation = re.compile(r"\b(arts?|No|Nos|subparas?|paras?|chaps?|sects?|etc|e\.g|i\.e|[A-Z])\.$")
    unfinished = [
        (n, s) for n, s in found if not re.search(r"[.;:)”]$", s) or (abbreviation.search(s) and "etc." not in s)
    ]
    # The report itself leaves out the full stop of these, and ends list items of 362 and 395 without one.
    assert {n for n, _ in unfinished} <= {362, 395, 419, 435, 474}


def test_every_sentence_begins_like_one(document):
    beginnings = [(p.number, s[:20]) for p in document for s in sentences(p) if not re.match(r"[A-Z0-9“(]", s)]
    assert beginnings == []


@pytest.mark.parametrize(
    ("number", "piece"),
    [
        (74, "(Constitution, art. 14 (2))."),
        (68, "Convention, 1949 (No. 98)."),
        (101, "arts. 24 and 29); to care"),
        (253, "art. 88 (1), subpara. 12)."),
        (461, "A.A. Amanbaev"),
        (8, "2,724,900 km2."),
        (320, "chap. 10)."),
        (175, "SN RK 1.02.-03-211"),
        (329, "(art. 47 (3), subpara. 7), and the right"),
        (9, "age group was: children (age 0–16): 5.4 million"),
        (24, "South Korea, Malaysia, etc."),
        (364, "arts. 15 and 28)."),
    ],
)
def test_what_belongs_together_stays_in_one_sentence(document, number, piece):
    assert any(piece in sentence for sentence in sentences(document.paragraph(number)))


def test_figures_are_never_cut(document):
    for paragraph in document:
        ends = {end for _, end in paragraph.sentences}
        for figure in re.finditer(r"\d+[.,]\d+", paragraph.text):
            assert not ends & set(range(figure.start() + 1, figure.end())), figure[0]


def test_the_introduction_of_a_list_and_its_items_are_sentences_of_their_own(document):
    found = sentences(document.paragraph(425))
    assert found[0] == "The core requirements for inclusion in list No. 2 are as follows:"
    assert len(found) == 3
    assert not any(s.startswith("•") for s in found)


def test_a_text_without_words_has_no_sentence():
    assert sentence_spans("") == ()
    assert sentence_spans(" \n \n") == ()
