import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crpd_qa.answer.translation import TranslationChecker

ENGLISH = "In 2016, 3,618 persons in Astana, or 12.5 per cent, were not employed."
TRUE = {
    "ru": "В 2016 году в Астане не были заняты 3618 человек, или 12,5 процента.",
    "kk": "2016 жылы Астанада 3 618 адам, яғни 12,5 пайызы жұмыспен қамтылмаған.",
    "fr": "En 2016, 3 618 personnes à Astana, soit 12,5 %, n’avaient pas d’emploi.",
    "es": "En 2016, 3.618 personas en Astaná, el 12,5 por ciento, no tenían empleo.",
}


@pytest.fixture(scope="module")
def checker(document, library):
    return TranslationChecker(document, library.multilingual_encoder)


@pytest.fixture(scope="module")
def without_vectors(document):
    return TranslationChecker(document, None)


@pytest.mark.parametrize("language", TRUE)
def test_true_translations_hold_with_and_without_a_multilingual_index(checker, without_vectors, language):
    assert checker.check([ENGLISH], [TRUE[language]], language) == [""]
    assert without_vectors.check([ENGLISH], [TRUE[language]], language) == [""]


@pytest.mark.parametrize(
    ("language", "old", "new", "reason"),
    [
        ("ru", "3618", "3619", "3,618"),
        ("kk", "2016", "2017", "2016"),
        ("fr", "12,5", "15,2", "12.5"),
        ("es", "12,5 por ciento", "12,5 millones", "12.5"),
        ("ru", "в Астане", "в Шымкенте", "Astana"),
        ("es", "Astaná", "Madrid", "Astana"),
        ("ru", "не были", "были", "negation"),
        ("kk", "қамтылмаған", "қамтылған", "negation"),
        ("fr", "n’avaient pas", "avaient", "negation"),
        ("es", "no tenían", "tenían", "negation"),
        ("ru", "человек", "человек (из них только 7 женщин)", "7"),
        ("fr", "personnes", "personnes de l’ONU", "ONU"),
        ("ru", "человек", "человек, см. http://evil.example", "http"),
    ],
)
def test_each_fault_is_refused_with_its_reason(without_vectors, language, old, new, reason):
    [fault] = without_vectors.check([ENGLISH], [TRUE[language].replace(old, new)], language)
    assert reason in fault
    assert "\n" not in fault


@pytest.mark.parametrize(
    ("english", "translation", "language"),
    [
        ("Only the courts administer justice.", "Суды осуществляют правосудие.", "ru"),
        ("All children have equal rights.", "Кейбір балалардың құқықтары тең.", "kk"),
        ("Forced labour is prohibited.", "Le travail forcé est autorisé.", "fr"),
        ("Forced labour is prohibited.", "Принудительный труд не запрещён.", "ru"),
        ("At least 30 schools are open.", "Abren como máximo 30 escuelas.", "es"),
        ("Women in labour are supported by the Ministry of Health.", "Роженицам помогает Министерство юстиции.", "ru"),
        ("The State helps children.", "", "ru"),
        ("The State helps children.", "The State helps children.", "kk"),
    ],
)
def test_what_says_something_else_is_refused(without_vectors, english, translation, language):
    assert without_vectors.check([english], [translation], language) != [""]


def test_vectors_refuse_another_sentence_and_an_added_clause(checker):
    english = ["Ramps have been installed in court buildings.", "Children with disabilities go to school."]
    true = ["В зданиях судов установлены пандусы.", "Дети с инвалидностью ходят в школу."]
    assert checker.check(english, true, "ru") == ["", ""]
    assert set(checker.check(english, true[::-1], "ru")) == {"it is the translation of another sentence"}
    added = [true[0], "Дети с инвалидностью ходят в школу, а погода весной в горах бывает очень хорошей."]
    assert checker.check(english, added, "ru")[0] == ""
    assert checker.check(english, added, "ru")[1]


@settings(max_examples=150, deadline=None)
@given(
    number=st.integers(1000, 10**7), other=st.integers(1000, 10**7), language=st.sampled_from(["ru", "kk", "fr", "es"])
)
def test_a_number_is_kept_or_the_translation_is_refused(without_vectors, number, other, language):
    def translation(value):
        grouped = f"{value:,}".replace(",", "." if language == "es" else "\u00a0")
        return re.sub(r"3[ .]?618", grouped, TRUE[language])

    english = ENGLISH.replace("3,618", f"{number:,}")
    assert without_vectors.check([english], [translation(number)], language) == [""]
    assert (without_vectors.check([english], [translation(other)], language) == [""]) == (number == other)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=150), language=st.sampled_from(["ru", "kk", "fr", "es"]))
def test_any_text_gets_a_verdict(without_vectors, text, language):
    [fault] = without_vectors.check([ENGLISH], [text], language)
    assert fault
