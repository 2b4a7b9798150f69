"""States by their adjectives, and the languages that are called alike."""

import pytest

from crpd_qa.language import LANGUAGES
from crpd_qa.languages.adjectives import describes_elsewhere, dictionary, states_described
from crpd_qa.languages.states import state_name, states_named


def described(text, language="en"):
    return [(state.code, text[state.start : state.end]) for state in states_described(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("How many South African children go to school?", "en", [("ZAF", "South African")]),
        ("armenian courts", "en", [("ARM", "armenian")]),
        ("CHILEAN LAW", "en", [("CHL", "CHILEAN")]),
        ("How many Ugandans and Spaniards are poor?", "en", [("UGA", "Ugandans"), ("ESP", "Spaniards")]),
        ("South-African law", "en", [("ZAF", "South-African")]),
        ("казахстанские школы", "ru", [("KAZ", "казахстанские")]),
        ("в чилийской школе и в коста-риканском суде", "ru", [("CHL", "чилийской"), ("CRI", "коста-риканском")]),
        ("армян соттары", "kk", [("ARM", "армян")]),
        ("les écoles arméniennes", "fr", [("ARM", "arméniennes")]),
        ("les lois grecque, turque et lettone", "fr", [("GRC", "grecque"), ("TUR", "turque"), ("LVA", "lettone")]),
        ("la loi sud-africaine et les Chiliens", "fr", [("ZAF", "sud-africaine"), ("CHL", "Chiliens")]),
        ("la ley chilena", "es", [("CHL", "chilena")]),
        ("niños franceses, iraníes y belgas", "es", [("FRA", "franceses"), ("IRN", "iraníes"), ("BEL", "belgas")]),
    ],
)
def test_states_are_known_by_their_adjectives_in_all_forms(text, language, found):
    assert described(text, language) == found


def test_a_kazakh_adjective_made_of_a_name_is_the_name():
    assert [state.code for state in states_named("қазақстандық мектептер", "kk")] == ["KAZ"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Papua New Guinean, Bissau-Guinean, Equatorial Guinean and Guinean law", ["PNG", "GNB", "GNQ", "GIN"]),
        ("South Sudanese and Sudanese law", ["SSD", "SDN"]),
        ("the North Korean and the South Korean law", ["PRK", "KOR"]),
    ],
)
def test_an_adjective_inside_another_is_not_found(text, codes):
    assert [code for code, _ in described(text)] == codes


def test_an_adjective_of_several_states_is_of_each():
    assert described("Congolese schools") == [("COD", "Congolese"), ("COG", "Congolese")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Latin American and Inter-American courts, British Columbian schools", "en"),
        ("to polish old rules", "en"),
        ("POLISH OLD RULES", "en"),
        ("South, African", "en"),
        ("les pays sud-américains, les États américains", "fr"),
        ("la Columbia Británica", "es"),
    ],
)
def test_what_holds_an_adjective_or_looks_like_one_is_no_state(text, language):
    assert described(text, language) == []


def test_an_ordinary_word_is_an_adjective_with_its_capital_letter():
    assert described("Polish law") == [("POL", "Polish")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Armenian Sign Language interpreters", "en"),
        ("Is there an Armenian translation?", "en"),
        ("Russian-speaking children", "en"),
        ("ethnic Russians and the Serb minority", "en"),
        ("the Armenian and Kurdish languages", "en"),
        ("Is the test held in Russian?", "en"),
        ("in Armenian and in Kurdish", "en"),
        ("in Armenian, Kurdish and Russian", "en"),
        ("Is it in French for adults?", "en"),
        ("на армянском языке", "ru"),
        ("переводчик русского и армянского жестовых языков", "ru"),
        ("идёт ли экзамен на армянском?", "ru"),
        ("на армянском или на грузинском", "ru"),
        ("әлде армян тілінде ме", "kk"),
        ("оқулықтар армян, грузин", "kk"),
        ("la langue arménienne", "fr"),
        ("un examen en arménien et russe", "fr"),
        ("l'arménien s'enseigne-t-il ?", "fr"),
        ("las lenguas armenias", "es"),
        ("un examen en ruso y armenio", "es"),
    ],
)
def test_the_name_of_a_language_is_no_state(text, language):
    assert described(text, language) == []


@pytest.mark.parametrize(
    ("text", "language", "codes"),
    [
        ("Compare Armenian, Kenyan and Turkish law", "en", ["ARM", "KEN", "TUR"]),
        ('the Croatian "smart card"', "en", ["HRV"]),
        ("How many Russians with disabilities work?", "en", ["RUS"]),
        ("South African Sign Language", "en", ["ZAF"]),
        ("армянские и грузинские школы", "ru", ["ARM", "GEO"]),
        ("армян және грузин мектептері", "kk", ["ARM", "GEO"]),
        ("le droit arménien et turc", "fr", ["ARM", "TUR"]),
        ("Combien d’Arméniens en bénéficient ?", "fr", ["ARM"]),
        ("el derecho armenio y turco", "es", ["ARM", "TUR"]),
    ],
)
def test_the_same_word_with_a_noun_is_one(text, language, codes):
    assert [code for code, _ in described(text, language)] == codes


def test_what_names_a_language_or_a_people_may_stand_for_no_state():
    assert describes_elsewhere("Russian", "en")
    assert describes_elsewhere("Indian", "en")
    assert describes_elsewhere("армянской", "ru")
    assert describes_elsewhere("армян", "kk")
    assert describes_elsewhere("arméniennes", "fr")
    assert not describes_elsewhere("South African", "en")
    assert not describes_elsewhere("казахстанский", "ru")
    assert not describes_elsewhere("Noruega", "es")  # the State's name too
    assert not describes_elsewhere("Russia", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_adjective_is_found_beside_a_noun_and_is_of_a_state(language):
    """With a noun on either side: where it stands depends on the language."""
    for code, written in dictionary(language):
        assert state_name(code, language) != code
        assert code in [state.code for state in states_described(f"Xyz {written} xyz", language)], written
