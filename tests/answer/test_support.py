import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crpd_qa.answer.figures import figures
from crpd_qa.answer.names import Names
from crpd_qa.answer.support import DOUBTED, REFUTED, SupportChecker
from crpd_qa.check.checker import Objection


@pytest.fixture(scope="module")
def checker(assistant):
    return SupportChecker(assistant.library)


def values(text):
    return [figure.values[0] for figure in figures(text)]


def stands(text, source):
    held = figures(source)
    return all(any(figure.stands_for(other) for other in held) for figure in figures(text))


def test_every_whole_sentence_of_the_report_is_supported_by_its_own_paragraph(checker, document):
    refused = []
    for paragraph in document:
        for start, end in paragraph.sentences:
            sentence = paragraph.text[start:end]
            if len(sentence.split()) >= 6:
                verdict = checker.check(sentence, [paragraph.number], [paragraph.number])
                if not verdict.supported:
                    refused.append((paragraph.number, sentence, verdict.reason))
    assert refused == []


@settings(max_examples=60, deadline=None)
@given(number=st.integers(1, 508), value=st.integers(2, 10**7), data=st.data())
def test_a_number_that_is_not_in_the_paragraph_is_never_supported(checker, document, number, value, data):
    paragraph = document.paragraphs[number - 1]
    start, end = paragraph.sentences[data.draw(st.integers(0, len(paragraph.sentences) - 1))]
    added = f"{paragraph.text[start:end]} This concerned {value:,} persons."
    known = any(figure.stands_for(g) for figure in figures(f"{value:,}") for g in figures(paragraph.text))
    if not known:
        verdict = checker.check(added, [number], [number])
        assert not verdict.supported
        assert f"{value:,}" in verdict.reason or "figure" in verdict.reason or "name" in verdict.reason


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200), number=st.integers(1, 508))
def test_any_text_gets_a_verdict_and_citations_are_verbatim(checker, document, text, number):
    verdict = checker.check(text, [number], [number])
    assert verdict.supported == (verdict.reason == "")
    for citation in verdict.citations:
        assert document.paragraph(citation.number).text[citation.start : citation.end] == citation.quote != ""


@pytest.mark.parametrize(("cited", "given"), [([108], [107]), ([], [107]), ([999], [999]), ([0], [0])])
def test_only_paragraphs_that_were_given_may_be_cited(checker, cited, given):
    verdict = checker.check("In the country, 651,900 persons have a disability.", cited, given)
    assert not verdict.supported
    assert verdict.citations == ()


@pytest.mark.parametrize(
    ("sentence", "cited", "reason"),
    [
        ("In the country, 412 persons have a disability.", 107, 'the figure "412" is not in paragraph 107'),
        ("In the country, 651,900 persons, or 4.7%, have a disability.", 107, "4.7%"),
        ("Astana has been the capital since 1998.", 21, "1998"),
        ("The Ministry of Finance runs the database of persons with disabilities.", 106, "Ministry of Finance"),
        ("Forced labour is not prohibited in Kazakhstan.", 241, "paragraph 241 says the same with another negation"),
        ("Death sentences are imposed in practice.", 205, "205"),
        ("Persons with disabilities must have at most 1 taxi for every 30 taxis.", 286, "at most"),
        ("In categories I and II a day may not be shorter than 7 hours, at full salary.", 408, "shorter than 7"),
        ("Employers may use a record of cumulative hours worked for employees in category I.", 408, "may"),
        ("Euthanasia is prohibited, which made the country the best in the region.", 206, "206"),
        ("The weather in the mountains is lovely in spring.", 206, "206"),
    ],
)
def test_what_the_paragraph_does_not_say_is_refused_with_a_reason(checker, sentence, cited, reason):
    verdict = checker.check(sentence, [cited], [cited])
    assert not verdict.supported
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("Some 651.9 thousand people, 3.7% of the population, have a disability.", [107]),
        ("About 0.65 million people in Kazakhstan have a disability.", [107]),
        ("The law does not define what a disproportionate or undue burden is.", [81]),
        ("Nobody but the courts may administer justice in Kazakhstan.", [18]),
        ("People with disabilities are driven to work, to court and to medical institutions at no cost.", [288]),
        ("About 651,900 people have a disability, and 285,300 of them are female.", [107, 108]),
        ("In categories I and II a working day may not be longer than 7 hours, at full salary.", [408]),
        ("The written request may be handed in until noon local time on the day of voting.", [446]),
        ("Neither the benefit nor the pension is to be lower than the minimum subsistence level.", [435]),
        pytest.param(
            "If your son has a disability and is under 18, no: the Labour Code forbids employers to dismiss single "
            "mothers raising such a child when they cut staff.",
            [404],
            marks=pytest.mark.xfail(strict=True, reason='the checker takes the "no" of an answer for a negation'),
        ),
    ],
)
def test_true_sentences_in_other_words_are_supported(checker, sentence, cited):
    verdict = checker.check(sentence, cited, cited)
    assert verdict.supported, verdict.reason
    assert [citation.number for citation in verdict.citations] == cited


def test_a_sentence_in_another_language_is_no_english_sentence(checker):
    verdict = checker.check("В стране 651 900 человек имеют инвалидность.", [107], [107])
    assert verdict.reason == "it is not in English"


def test_the_wrong_one_of_two_given_paragraphs_is_refused(checker):
    sentence = "If one of the parties has a hearing impairment, the court is to hire a sign language interpreter."
    assert checker.check(sentence, [219], [219, 221]).supported
    assert not checker.check(sentence, [221], [219, 221]).supported


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("651,900", "651 900"),
        ("651.9 thousand", "651,900"),
        ("about 650,000", "651,900"),
        ("3.7 per cent", "3.7%"),
        ("53rd", "fifty-third"),
        ("one hundred and fifty judges", "150"),
        ("December 3, 2015", "3 December 2015"),
        ("03.12.2015", "3 December 2015"),
        ("seven in ten people", "70 per cent"),
        ("almost a third of the users", "31.7 per cent"),
        ("two thirds are older", "66 per cent"),
    ],
)
def test_a_figure_is_known_in_other_forms(one, other):
    assert stands(one, other)


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("3,7 процента", "ru", "3.7 per cent"),
        ("3 декабря 2015 года", "ru", "3 December 2015"),
        ("двадцать девятое место", "ru", "the twenty-ninth place"),
        ("2,5 млрд тенге", "ru", "2.5 billion tenge"),
        ("2015 жылғы 3 желтоқсан", "kk", "3 December 2015"),
        ("үшінші орын, 25 пайыз", "kk", "the third place, 25 per cent"),
        ("651.900 personas, el 3,7 por ciento", "es", "651,900 persons, 3.7 per cent"),
        ("2.500 millones de tenge en marzo", "es", "2.5 billion tenge in March"),
        ("1,5 milliard de tenge, soit 4 pour cent", "fr", "1.5 billion tenge, or 4 per cent"),
        ("vingt-neuf écoles en février", "fr", "twenty-nine schools in February"),
    ],
)
def test_figures_are_read_in_other_languages(text, language, english):
    held = figures(english)
    read = figures(text, language)
    assert len(read) == len(held)
    for figure, other in zip(sorted(read, key=lambda f: f.kind), sorted(held, key=lambda f: f.kind), strict=True):
        assert set(figure.values) & set(other.values)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.7 million", "3.7 per cent"),
        ("0.66 million", "651,900"),
        ("2016", "2015"),
        ("about 2,000", "2,400"),
        ("a third of them", "25 per cent"),
        ("a third group", "33 per cent"),
    ],
)
def test_figures_that_differ_are_told_apart(one, other):
    assert not stands(one, other)


@given(st.integers(2, 10**9))
def test_grouping_of_digits_does_not_matter(number):
    for text in (f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "\u00a0")):
        assert values(text) == [number]


def test_names_stand_together_and_acronyms_are_spelled_out(document):
    names = Names.of(document)

    def missing(sentence, text):
        return names.missing(sentence, [names.prepare(text)])

    both = "The Ministry of Health and the Labour Code are named here; the ILO too."
    assert missing("It is up to the Ministry of Labour.", both) == "Ministry of Labour"
    assert missing("It is up to the Ministry of Health.", both) == ""
    assert missing("It is up to the International Labour Organization.", both) == ""
    assert missing("It is up to UNICEF.", both) == "UNICEF"


@pytest.mark.parametrize(
    ("logit", "again", "named", "supported"),
    [
        (DOUBTED - 0.1, True, True, True),
        ((DOUBTED + REFUTED) / 2, False, False, True),
        ((DOUBTED + REFUTED) / 2, True, False, False),
        ((DOUBTED + REFUTED) / 2, False, True, False),
        (REFUTED + 0.1, False, False, False),
    ],
)
def test_a_doubted_sentence_must_be_surer(checker, monkeypatch, logit, again, named, supported):
    """One that was refused with other paragraphs, and one that names what they do not, as it is written."""
    monkeypatch.setattr(checker, "objection", lambda *_: Objection(logit, 0, 5))
    sentence = "About 651,900 people have a disability" + (", says UNICEF." if named else ".")
    assert checker.check(sentence, [107], [107], again=again).supported == supported


def test_what_the_report_says_whole_is_not_doubted_and_a_piece_of_it_may_be(checker, monkeypatch):
    monkeypatch.setattr(checker, "objection", lambda *_: Objection(REFUTED + 1, 0, 5))
    whole = "In the country, 651,900 persons, or 3.7 per cent of the population, have a disability."
    assert checker.check(whole, [107], [107]).supported
    assert not checker.check("651,900 persons, or 3.7 per cent of the population", [107], [107]).supported


def test_reasons_can_be_put_into_a_prompt(checker):
    reason = checker.check("The country has 99 hospitals.", [49], [49]).reason
    assert "\n" not in reason
    assert re.search(r"paragraph 49", reason)
