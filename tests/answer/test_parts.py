import pytest

from crpd_qa.answer.parts import question_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How many towns are there, and who governs them?", 2),
        ("When was the law adopted and what does the fund pay?", 2),
        ("Where is the centre; how many people work in the clinic?", 2),
        ("Which minister signed the order?", 1),
        ("How many boys and girls go to school?", 1),
        ("What do employers, unions and ministries agree on?", 1),
    ],
)
def test_a_question_is_split_where_a_new_question_begins(question, parts):
    assert len(question_parts(question)) == parts


@pytest.mark.parametrize(
    ("question", "language", "parts"),
    [
        ("Сколько в стране поездов и кто водит автобусы?", "ru", ["Сколько в стране поездов", "кто водит автобусы"]),
        ("Қанша пойыз бар және автобустарды кім жүргізеді?", "kk", ["Қанша пойыз бар", "автобустарды кім жүргізеді"]),
        ("Combien de trains et qui conduit les autobus ?", "fr", ["Combien de trains", "qui conduit les autobus"]),
        (
            "¿Cuántos trenes hay y quién conduce los autobuses?",
            "es",
            ["Cuántos trenes hay", "quién conduce los autobuses"],
        ),
        ("Где центр? Сколько врачей работает в клинике?", "ru", ["Где центр", "Сколько врачей работает в клинике"]),
        ("Что сказано о том, как учатся мальчики и девочки?", "ru", None),
        ("Сколько людей и автобусов там, где нет поездов?", "ru", None),
        ("Combien d'enfants et d'adultes travaillent ?", "fr", None),
        ("Сколько людей здесь живёт и сколько работает?", "ru", ["Сколько людей здесь живёт", None]),
        ("Қанша адам тұрады және олардың қаншасы жұмыс істейді?", "kk", ["Қанша адам тұрады", None]),
    ],
)
def test_in_other_languages_a_new_question_begins_after_and(question, language, parts):
    assert question_parts(question, language) == [part or question for part in parts or [None]]


def test_a_part_that_cannot_stand_alone_is_looked_for_with_the_whole_question():
    question = "How many towns are there, and who governs them?"
    assert question_parts(question) == ["How many towns are there", question]
    question = "How many people live here, and how many work?"
    assert question_parts(question) == ["How many people live here", question]


def test_an_opening_goes_with_each_part():
    parts = question_parts("In 2016, how many trains ran, and how many buses?")
    assert all(part.startswith("In 2016, ") for part in parts)
