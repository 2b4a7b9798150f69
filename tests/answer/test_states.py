import pytest

from crpd_qa.answer.states import states_named


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Сколько людей с инвалидностью живёт во Франции?", "ru", {"France"}),
        ("Где пособие больше, в России или в США?", "ru", {"Russia", "United States"}),
        ("Өзбекстанда қанша мүгедек бар?", "kk", {"Uzbekistan"}),
        ("Quelle est la capitale de la France ?", "fr", {"France"}),
        ("¿Hay cuota de empleo en España?", "es", {"Spain"}),
        ("Есть ли квота в Казахстане?", "ru", {"Kazakhstan"}),
        ("Что с Россией, Китаем, Индией и Литвой?", "ru", {"Russia", "China", "India", "Lithuania"}),
        ("Ресейдегі жәрдемақы мен Қытайдың квотасы", "kk", {"Russia", "China"}),
        ("В моём доме нет пандуса", "ru", set()),
        ("Того, что Данияру и Малике положено, не дают. Индивид имеет права?", "ru", set()),
        ("Данияр мектепке бара ала ма?", "kk", set()),
        ("el turco del barrio", "es", set()),
    ],
)
def test_states_are_known_in_every_language_with_their_endings(text, language, named):
    assert states_named(text, language) == named


@pytest.mark.parametrize(
    "question",
    [
        "Quelle est la capitale de la France ?",
        "Сколько людей с инвалидностью живёт в Узбекистане?",
        "¿Qué porcentaje de la población de España tiene discapacidad?",
        "Францияда қанша мүгедек бар?",
    ],
)
def test_the_report_does_not_answer_for_another_state(assistant, question):
    answer = assistant.ask(question)
    assert not answer.answered
    assert answer.confidence < 0.15


@pytest.mark.parametrize(
    ("question", "number"),
    [("Quelle est la capitale du Kazakhstan ?", 21), ("Какая большая дорога строится вместе с Россией и Китаем?", 26)],
)
def test_it_does_for_its_own_and_for_those_that_it_speaks_of(assistant, question, number):
    answer = assistant.ask(question)
    assert number in [citation.number for citation in answer.citations]
