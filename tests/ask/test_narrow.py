"""Where a question is looked for, as it names States and voices."""

import pytest

from crpd_qa import Assistant
from crpd_qa.ask.narrow import narrow, symbol_in
from crpd_qa.library import Library
from crpd_qa.library.write import LibraryWriter
from crpd_qa.scope import EVERYWHERE, Scope
from crpd_qa.settings import settings


def parts(question, language, library):
    return [(*group.state, *group.kind) for group in narrow(question, language, EVERYWHERE, library).groups]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What did the Committee conclude about institutions in Malta, and what had the State replied?", "en"),
        ("What did the Committee criticise about institutions in Malta, and what had Malta replied?", "en"),
        ("Malta replied that homes were closed. What did the Committee conclude?", "en"),
        ("Что рекомендовал Комитет Мальте об учреждениях и что Мальта ответила? Каковы ответы государства?", "ru"),
        ("Qu'est-ce que le Comité recommande à Malte, et qu'avait répondu l'État ? Malte répond-elle ?", "fr"),
        ("¿Qué recomendó el Comité a Malta y qué respondió Malta? ¿Malta respondió?", "es"),
    ],
)
def test_the_state_s_own_name_is_its_voice_beside_the_committees(several, question, language):
    assert parts(question, language, several.library) == [("MLT", "replies"), ("MLT", "concluding-observations")]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How did the number of homes change between the replies and the conclusions?", "en"),
        ("Homes in Malta: in its replies, and in the conclusions of the Committee", "en"),
        ("Что о школах сказано в ответах и в заключениях?", "ru"),
        ("Қорытындыларда және жауаптарда не айтылған?", "kk"),
        ("Que disent les réponses et les conclusions sur les foyers ?", "fr"),
        ("¿Qué dicen las respuestas y las conclusiones sobre los hogares?", "es"),
    ],
)
def test_two_documents_that_are_named_are_looked_for_apart(several, question, language):
    assert [part[-1] for part in parts(question, language, several.library)] == ["replies", "concluding-observations"]


BOTH = [("MLT", "replies"), ("MLT", "concluding-observations")]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Which homes were closed in Malta, and how far has it come in the Committee's view?", "en"),
        ("Can one leave a home in Malta? What the government wrote vs what the Committee heard", "en"),
        ("Malta promised to close homes. Was the Committee convinced?", "en"),
        ("Homes in Malta: the figure in its own account and the UN's doubts", "en"),
        ("How many homes did Malta close, and what was it told to do next?", "en"),
        ("What does Malta say on homes, and what did the Committee ask it to do?", "en"),
        ("Is there a law on homes in Malta and does the Committee find it good enough?", "en"),
        ("Сколько домов закрыла Мальта и доволен ли этим Комитет?", "ru"),
        ("Есть ли на Мальте закон о домах и доволен ли им Комитет?", "ru"),
        ("Мальта неше үйді жапты және Комитет бұған риза ма?", "kk"),
        ("Combien de foyers Malte a-t-elle fermés, et le Comité en est-il satisfait ?", "fr"),
        ("Est-ce qu’il existe une loi sur les foyers à Malte et le Comité la juge-t-il suffisante ?", "fr"),
        ("¿Cuántos hogares cerró Malta y está satisfecho el Comité?", "es"),
        ("¿Hay en Malta una ley de hogares y la dio por buena el Comité?", "es"),
    ],
)
def test_a_clause_that_names_the_committee_beside_one_of_the_state_asks_both(several, question, language):
    assert parts(question, language, several.library) == BOTH


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What did the Committee recommend about homes and schools in Malta?", "en"),
        ("Which law on homes in Malta is bad, says the Committee?", "en"),
        ("What did the Committee criticise in Malta, and which body should change it?", "en"),
        ("What does the Committee say about homes in Malta?", "en"),
        ("Какие претензии были у Комитета к Мальте?", "ru"),
        ("Комитеттің ойынша Мальта нені түзетуі керек?", "kk"),
        ("Que pense le Comité des foyers et des écoles à Malte ?", "fr"),
        ("¿Qué opina el Comité de los hogares y de las escuelas en Malta?", "es"),
    ],
)
def test_what_is_asked_of_the_committee_alone_is_looked_for_in_its_conclusions(several, question, language):
    assert parts(question, language, several.library) == [("MLT", "concluding-observations")]


def test_who_asks_about_one_voice_after_the_other_is_asked_of_one(several):
    assert parts("Is there a committee on homes in Malta, and who leads it?", "en", several.library) != BOTH


def test_a_document_s_kind_named_alone_is_no_voice(several):
    (group,) = narrow("Which schools do the replies name?", "en", EVERYWHERE, several.library).groups
    assert {"replies", "concluding-observations"} < set(group.kind)


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("Does article 24 speak of universities?", 24),
        ("Говорится ли в статье 24 об университетах?", 24),
        ("How many schools have ramps?", None),
        ("What does article 98 of the Code punish?", None),
    ],
)
def test_a_question_about_an_article_is_looked_for_in_it(assistant, question, article):
    assert assistant.ask(question).scope == ({"article": [article]} if article else {})


def test_what_was_chosen_is_not_changed_by_an_article_that_is_named(assistant):
    chosen = Scope(article=(9,))
    assert assistant.ask("Does article 24 speak of universities?", scope=chosen).scope == {"article": [9]}
    assert assistant.ask("Does article 24 speak of universities?", narrowing=False).scope == {}


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many homes were closed, Malta excepted?", "en"),
        ("Except for Malta, how many homes were closed?", "en"),
        ("Сколько домов закрыли, кроме Мальты?", "ru"),
        ("Мальтадан басқа қанша үй жабылды?", "kk"),
        ("Sauf Malte, combien de foyers ont été fermés ?", "fr"),
        ("Excepto Malta, ¿cuántos hogares se cerraron?", "es"),
    ],
)
def test_a_state_that_is_left_out_is_not_asked(several, question, language):
    narrowed = narrow(question, language, EVERYWHERE, several.library)
    assert "MLT" not in narrowed.scope.state
    assert "ISL" in narrowed.scope.state
    assert len(narrowed.groups) == 1


def test_a_state_beside_one_that_is_left_out_is_asked(several):
    question = "How many homes were closed in Iceland, but not in Malta?"
    assert narrow(question, "en", EVERYWHERE, several.library).scope.state == ("ISL",)


def test_a_file_s_name_that_is_a_word_narrows_nothing():
    assert symbol_in("How many women have a disability?", "women") == ""
    assert symbol_in("What does AZE/CO/1 say?", "CRPD/C/AZE/CO/1") == "AZE/CO/1"


def test_a_name_alone_is_no_voice(several):
    question = "How many ramps did Malta report?"
    (group,) = narrow(question, "en", EVERYWHERE, several.library).groups
    assert group.state == ("MLT",)
    assert set(group.kind) == {"replies", "concluding-observations"}


def test_states_that_are_compared_are_looked_for_apart(several):
    question = "How do Malta and Iceland define disability?"
    assert [group.state for group in narrow(question, "en", EVERYWHERE, several.library).groups] == [("MLT",), ("ISL",)]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many Maltese homes were closed?", "en"),
        ("Сколько мальтийских домов закрыли?", "ru"),
        ("Мальталық үйлер қанша?", "kk"),
        ("Combien de foyers maltais ont fermé ?", "fr"),
        ("¿Cuántos hogares malteses cerraron?", "es"),
    ],
)
def test_a_state_is_named_by_its_adjective_too(several, question, language):
    found = narrow(question, language, EVERYWHERE, several.library)
    assert found.scope.state == ("MLT",)
    assert len(found.names) == 1


def test_states_that_are_compared_by_adjectives_are_looked_for_apart(several):
    found = narrow("Compare Maltese and Icelandic law", "en", EVERYWHERE, several.library)
    assert [group.state for group in found.groups] == [("MLT",), ("ISL",)]


def test_where_a_state_is_named_an_adjective_is_none(several):
    assert narrow("Are there Icelandic schools in Malta?", "en", EVERYWHERE, several.library).scope.state == ("MLT",)


def test_the_name_of_a_language_narrows_nothing(several):
    assert narrow("Is the Maltese Sign Language official?", "en", EVERYWHERE, several.library).scope.state == ()


@pytest.mark.parametrize(
    ("question", "language", "strangers"),
    [
        ("How many South African children go to school?", "en", ("ZAF",)),
        ("Сколько чилийских детей ходит в школу?", "ru", ("CHL",)),
        ("How many Armenian children go to school?", "en", ()),
        ("Сколько армянских школ?", "ru", ()),
        ("Армян мектептері қанша?", "kk", ()),
        ("Combien d’écoles arméniennes y a-t-il ?", "fr", ()),
        ("¿Cuántas escuelas armenias hay?", "es", ()),
        ("How many children go to school in Armenia?", "en", ("ARM",)),
        ("¿Cuántos niños hay en Noruega?", "es", ("NOR",)),
    ],
)
def test_what_may_be_a_language_or_a_people_is_no_state_that_the_library_lacks(several, question, language, strangers):
    assert narrow(question, language, EVERYWHERE, several.library).strangers == strangers


def test_of_states_that_share_an_adjective_none_is_lacking_where_one_is_held(several, monkeypatch):
    monkeypatch.setattr(several.library, "states_in", lambda *_: [("MLT", "Congolese"), ("COG", "Congolese")])
    assert narrow("Congolese schools", "en", EVERYWHERE, several.library).strangers == ()


def test_a_paragraph_that_has_the_adjective_speaks_of_the_state(empty_library, tmp_path):
    """Else what it says of a State that the library has no document of would count as another State's."""
    (tmp_path / "centre.md").write_text(
        "# The centre\n\nFour Kenyan engineers built the centre in Riverside in 2015.\n", "utf-8"
    )
    folder = empty_library(tmp_path / "library")
    LibraryWriter(folder).add(tmp_path / "centre.md", symbol="CENTRE", kind="other")
    assistant = Assistant(Library.open(folder), settings().model_copy(update={"reader": "none"}))
    question = "How many {} engineers built the centre in Riverside?"
    assert assistant.ask(question.format("Kenyan")).answered
    assert not assistant.ask(question.format("Chilean")).answered


def test_words_that_name_a_voice_are_not_looked_for_where_they_tell_nothing(several):
    question = "What did the Committee recommend about homes in Malta, and what had the State replied?"
    found = narrow(question, "en", EVERYWHERE, several.library)
    replies, conclusions = found.groups
    assert set(found.not_searched(replies)) == {"Committee", "recommend", "State", "replied"}
    assert set(found.not_searched(conclusions)) == {"State", "replied"}


def test_what_nobody_chose_or_named_is_not_told_as_narrowed(several):
    """A list of issues is left out of what answers: nobody asked for that, and nobody is told."""
    asked = "How many schools have ramps?"
    assert narrow(asked, "en", EVERYWHERE, several.library).scope.kind
    assert several.ask(asked).scope == {}
    assert several.ask(asked, scope=Scope(kind=("replies",))).scope == {"kind": ["replies"]}
    assert several.ask("What did the Committee conclude about ramps?").scope == {"kind": ["concluding-observations"]}
    assert several.ask("How many schools have ramps in Malta?").scope == {"state": ["MLT"]}
