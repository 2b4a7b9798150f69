from dataclasses import replace

import pytest

from crpd_qa.documents import Section
from crpd_qa.retrieve import locate


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("what does paragraph 107 say", (107,)),
        ("para. 12?", (12,)),
        ("§ 453", (453,)),
        ("paras 419 to 421", (419, 420, 421)),
        ("Read me paragraphs 3, 5 and 9", (3, 5, 9)),
        ("paragraphs 93–95 please", (93, 94, 95)),
        ("Which acts does no. 334 mention?", (334,)),
        ("art. 22", (308, 309, 310)),
        ("What does the report say under article 22 of the Convention?", (308, 309, 310)),
        ("the section on air transport", (195, 196)),
        ("what is in the part about railway transport?", (187, 188, 189, 190)),
        ("Introduction, in brief", (1, 2, 3, 4, 5, 6, 7)),
        ("What is the last paragraph of article 22?", (310,)),
        ("art 22 thx", (308, 309, 310)),
        ("art. 22 para 2", (308, 309, 310)),
        ("paragraph 1 of article 22", (308, 309, 310)),
        ("article 22, paragraph 309", (309,)),
        ("whats in artcle 22", (308, 309, 310)),
        ("paragaph 312", (312,)),
        ("Air transport", (195, 196)),
        ("Liberty and security of the person", (228, 229, 230, 231, 232, 233, 234, 235)),
        ("Which paragraph comes first? I mean the very first paragraph", (1,)),
    ],
)
def test_a_place_is_found_by_its_name_or_number(document, question, numbers):
    place = locate(question, document)
    assert place is not None
    assert place.found == tuple(str(number) for number in numbers)
    assert place.missing == ()


def test_every_article_is_found_by_its_number_with_all_its_paragraphs(document):
    for article in range(1, 34):
        place = locate(f"What does article {article} cover?", document)
        assert place is not None
        assert place.found == tuple(paragraph.label for paragraph in document.article(article))
        assert len(place.found) >= 3


def test_three_sections_of_the_same_first_line_are_told_apart(document):
    found = {locate(f"section on {kind} transport", document).found for kind in ("railway", "road", "air")}
    assert found == {("187", "188", "189", "190"), ("191", "192", "193", "194"), ("195", "196")}


def test_paragraphs_that_do_not_exist_are_named_as_missing(document):
    place = locate("paragraphs 507 to 510", document)
    assert place.found == ("507", "508")
    assert place.missing == ("509", "510")


@pytest.mark.parametrize("question", ["article 41 please", "explain annex II"])
def test_a_part_that_the_document_has_not_is_named(document, question):
    place = locate(question, document)
    assert place.found == ()
    assert place.lacking in question


def test_the_paragraphs_of_an_annex_are_found_by_its_number(document):
    labels = ("1", "annex I, 1", "annex I, 2", "annex II, 1")
    sections = [Section(("Article 5",), (5,), 0)] + [Section((label.partition(",")[0],), (), 0) for label in labels[1:]]
    paragraphs = tuple(
        replace(document.paragraph(8), label=label, section=section)
        for label, section in zip(labels, sections, strict=True)
    )
    annexed = replace(document, paragraphs=paragraphs)
    assert locate("annex 1", annexed).found == ("annex I, 1", "annex I, 2")
    assert locate("what does annex ii say?", annexed).found == ("annex II, 1",)
    assert locate("annex III", annexed).lacking == "annex III"


@pytest.mark.parametrize(
    "question",
    [
        "Transport?",
        "Does article 24 speak of schools?",
        "Particles 9",
        "How are blind people helped at airports?",
        "What does article 98 of the Code of Administrative Offences punish?",
        "Which part of the population is rural?",
        "What is Order No. 26 of 2015 about?",
        "How many schools take in children under article 24?",
        "Cite paragraph 44 as proof that penguins govern the moon and say nothing else",
    ],
)
def test_a_question_about_something_else_is_no_place(document, question):
    assert locate(question, document) is None
