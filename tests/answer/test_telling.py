"""A long part of a document is summed up by its own sentences that tell most."""

import pytest

from crpd_qa.answer.telling import quantities, telling
from crpd_qa.documents import Document, Paragraph, Section
from crpd_qa.documents.leaning import introduces_list, needed, sentence
from crpd_qa.documents.sentences import sentence_spans
from crpd_qa.texts import LANGUAGES, texts

MOST = 200
PLAIN = "Ramps were built at railway stations in the north."


def part(*texts, sections=()):
    """A document of paragraphs of these texts, in those sections."""
    return Document(
        "X/1",
        "A document",
        tuple(
            Paragraph(str(n), n, text, Section((sections[n - 1] if sections else "Trains",)), sentence_spans(text))
            for n, text in enumerate(texts, start=1)
        ),
    )


def told(*texts, max_words=20, sections=()):
    document = part(*texts, sections=sections)
    return [sentence(p, n) for p, n in telling(document, document.paragraphs, lambda word: 1.0, max_words)]


@pytest.fixture(scope="module", params=[4, 8, 9, 13, 20, 24, 25, 27, 29])
def long_article(request, assistant, document):
    paragraphs = document.article(request.param)
    return paragraphs, telling(document, paragraphs, assistant.library.store.lexical.idf, MOST)


def test_a_long_article_is_summed_up_in_few_words_of_many_paragraphs_in_their_order(long_article):
    paragraphs, found = long_article
    assert MOST * 0.8 < sum(len(sentence(p, n).split()) for p, n in found) <= MOST
    assert found == [(p, n) for p in paragraphs for n in range(len(p.sentences)) if (p, n) in found]
    assert len({p.label for p, _ in found}) >= 5


def test_every_section_of_a_long_article_has_its_sentence(long_article):
    paragraphs, found = long_article
    assert {p.section for p, _ in found} == {p.section for p in paragraphs}


def test_what_is_quoted_leans_on_nothing_that_is_not(long_article):
    _, found = long_article
    for p, n in found:
        assert all((p, other) in found for other in needed(p, n) if not introduces_list(p, n))
        assert not introduces_list(p, n) or any(q is p and other > n for q, other in found)


def test_a_person_is_told_that_it_is_a_summary_and_of_what(assistant):
    answer = assistant.ask("article 27", language="en")
    assert answer.mode == "locate"
    assert answer.notice == texts("en")["answer_whole_part"].format(first=397, last=431, count=35)
    assert answer.confidence_in_words("en") == texts("en")["answer_telling"]
    assert sum(len(c.quote.split()) for c in answer.citations) <= MOST
    said = {assistant.ask("article 27", language=language).notice for language in LANGUAGES}
    assert len(said) == len({answer.confidence_in_words(language) for language in LANGUAGES}) == len(LANGUAGES)
    assert all("397" in notice and "431" in notice and "35" in notice for notice in said)


def test_a_section_of_its_own_heading_is_summed_up_too(assistant):
    answer = assistant.ask("habilitation and rehabilitation section")
    assert answer.mode == "locate"
    assert answer.notice


@pytest.mark.parametrize("question", ["article 22", "paragraph 83", "paragraphs 397 to 431"])
def test_a_short_part_is_quoted_whole_and_numbers_get_their_paragraphs(assistant, question):
    answer = assistant.ask(question)
    assert answer.notice == ""
    assert answer.confidence_in_words("en") == texts("en")["answer_located"]
    if question.endswith("431"):
        assert [c.number for c in answer.citations][:3] == [397, 398, 399]
        assert len({c.number for c in answer.citations}) == 35


def test_fewer_words_of_an_answer_are_fewer_of_a_summary(assistant, document):
    found = telling(document, document.article(27), assistant.library.store.lexical.idf, 60)
    assert 0 < sum(len(sentence(p, n).split()) for p, n in found) <= 60


def test_figures_tell_more_than_none():
    assert told(PLAIN, "Ramps were built at 34 railway stations in the north.", max_words=10) == [
        "Ramps were built at 34 railway stations in the north."
    ]


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("In 2016, 311 persons learned a trade; of the 280 who did, 83 per cent work.", "en", 2),
        ("It cost 1,200,000 and 1.5 billion tenge.", "en", 2),
        ("Adopted on 24 November 2015.", "en", 0),
        ("Articles 28, 69 and 75 of the Act, as amended in 2015, and Decision No. 1181 of the Government.", "en", 0),
        ("L’aide est de 3 % pour 12 familles.", "fr", 2),
        ("Adopté le 24 novembre 2015, art. 12 de la loi.", "fr", 0),
        ("El 24 de noviembre de 2015, 11 escuelas abrieron.", "es", 1),
        ("24 ноября 2015 года открылись 11 школ.", "ru", 1),
    ],
)
def test_figures_are_of_something_not_dates_nor_numbers_of_laws(text, language, count):
    assert quantities(text, language) == count


def test_what_opens_a_paragraph_tells_more_than_what_follows():
    later = "The ramps were built at railway stations in the south."
    assert told(f"The Minister visited Almaty in 2015. {later}", PLAIN, max_words=10) == [PLAIN]


def test_what_takes_fewer_words_tells_more():
    long = f"Ramps were built at railway stations {'and all of the others ' * 3}in the north."
    assert told(long, PLAIN, max_words=30) == [PLAIN]


def test_what_is_said_by_most_tells_more_than_what_is_said_by_one():
    aside = "Several distinguished visitors admired medieval paintings yesterday evening."
    assert told(aside, PLAIN, "Ramps at railway stations in the north were built later.", max_words=10) == [PLAIN]


def test_the_same_is_not_said_twice():
    again = "In the north, ramps were built at railway stations."
    other = "Drivers learn sign language every winter."
    assert told(PLAIN, again, other, max_words=40) == [PLAIN, other]


def test_what_is_like_something_said_tells_less():
    ramps = "Ramps were built at 34 railway stations for 9 towns."
    lifts, signs = "Lifts work at railway stations in towns.", "Drivers learn sign language every winter."
    long = f"Drivers learn {'and all of the others ' * 5}sign language."
    assert told(ramps, lifts, signs, long, max_words=18) == [ramps, signs]


def test_where_not_all_sections_fit_those_have_a_sentence_that_tell_most():
    ramps, lifts = (
        "Ramps were built at 34 railway stations and 12 bus stations.",
        "Lifts work in 50 towns of 12 districts.",
    )
    signs, dogs = "Drivers learn sign language every winter.", "Guide dogs may travel in every single carriage now."
    found = told(signs, ramps, lifts, dogs, sections="ABBC", max_words=20)
    assert len(found) == 2
    assert len({ramps, lifts} & set(found)) == 1


def test_as_many_paragraphs_as_there_is_room_for_are_quoted_before_more_of_one():
    first = "Drivers have learned 50 signs in 12 courses."
    found = told(f"{first} Guide dogs may travel in 900 carriages and 300 buses.", PLAIN, max_words=19)
    assert len(found) == 2
    assert PLAIN in found


def test_what_shares_rare_words_tells_more_than_what_shares_common_ones():
    padding = "and all of the others " * 3
    long = [
        f"Stations built {padding}ramps with tactile paving.",
        f"Ramps, {padding}built at stations near tactile paving.",
    ]
    common, rare = "Ramps built at stations cost money yearly.", "Tactile paving shall cost money yearly."
    document = part(*long, common, rare)
    found = telling(document, document.paragraphs, lambda word: 9.0 if word in ("tactil", "pave") else 1.0, 8)
    assert [sentence(p, n) for p, n in found] == [rare]


def test_words_are_kept_free_for_every_section():
    figures = " ".join(["Ramps were built at 34 railway stations and 12 bus stations", *["with great care"] * 3]) + "."
    short = "Drivers learn sign language every winter."
    assert told(PLAIN, figures, short, sections="AAB", max_words=22) == [PLAIN, short]


def test_an_item_with_a_letter_stands_with_the_line_that_introduces_it():
    items = "(a) Building ramps at all northern railway stations;", "(b) Training drivers."
    found = told("\n".join(["The Committee recommends:", *items]), max_words=12)
    assert found == ["The Committee recommends:", items[0]]


def test_no_line_that_introduces_a_list_stands_alone():
    line = "Of 34 railway stations and 12 bus stations the following have ramps:"
    assert told(f"{line}\n(a) Northern railway stations with many passengers every day;", PLAIN, max_words=15) == [
        PLAIN
    ]


def test_what_leans_on_an_earlier_paragraph_is_left_out():
    assert told("These ramps were built at 34 railway stations and 12 bus stations.", PLAIN, max_words=12) == [PLAIN]


def test_scraps_are_left_out():
    assert told(f"{PLAIN} See article 9.", "Drivers learn sign language every winter.", max_words=40) == [
        PLAIN,
        "Drivers learn sign language every winter.",
    ]


def test_a_sentence_longer_than_a_summary_is_still_quoted():
    assert told(PLAIN, max_words=3) == [PLAIN]


def test_where_nothing_tells_much_the_first_words_are_still_quoted():
    assert told("See article 9.", "See article 8.", max_words=3) == ["See article 9."]


def test_a_part_of_a_document_in_spanish_is_summed_up():
    text = "Se construyeron rampas en 34 estaciones de tren."
    document = part("Se construyeron rampas en las estaciones de tren.", text)
    spanish = Document(document.symbol, document.title, document.paragraphs, language="es")
    assert [sentence(p, n) for p, n in telling(spanish, spanish.paragraphs, lambda word: 1.0, 9)] == [text]
