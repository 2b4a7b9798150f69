"""Answers in other languages: written and checked in English, then translated and checked again."""

import json

import pytest

from language_model_endpoint import endpoint, replies

RUSSIAN = "Сколько людей в стране имеют инвалидность?"
ENGLISH = "In the country, 651,900 persons have a disability. [107]"
SECOND = "Children represent 12.2 per cent of persons with disabilities. [140]"
IN_RUSSIAN = "В стране 651 900 человек имеют инвалидность."
SECOND_IN_RUSSIAN = "Дети составляют 12,2 процента лиц с инвалидностью."


def _translations(*texts):
    return json.dumps({"translations": texts}, ensure_ascii=False)


def _asked(with_model, *written, question=RUSSIAN, **changes):
    with endpoint(replies(*written)) as server:
        *pieces, (_, answer) = with_model(server.address, **changes).ask_stream(question)
    return answer, [text for _, text in pieces], server.requests


def test_what_holds_in_english_is_translated_and_cites_the_report(with_model):
    answer, pieces, requests = _asked(with_model, ENGLISH, _translations(IN_RUSSIAN))
    assert (answer.mode, answer.text, answer.language) == ("language-model", f"{IN_RUSSIAN} [107]", "ru"), answer.notice
    assert answer.citations[0].quote.startswith("In the country, 651,900 persons")
    assert "sentences in English" in requests[0]["messages"][0]["content"]
    assert "into Russian" in requests[1]["messages"][0]["content"]
    assert "".join(pieces) == IN_RUSSIAN


@pytest.mark.parametrize(
    ("question", "translation"),
    [
        ("Елде қанша адамның мүгедектігі бар?", "Елде 651 900 адамның мүгедектігі бар."),
        ("Combien de personnes ont un handicap dans le pays ?", "Dans le pays, 651 900 personnes ont un handicap."),
        (
            "¿Cuántas personas tienen una discapacidad en el país?",
            "En el país, 651.900 personas tienen una discapacidad.",
        ),
    ],
)
def test_the_other_languages(with_model, question, translation):
    answer, _, _ = _asked(with_model, ENGLISH, _translations(translation), question=question)
    assert answer.text == f"{translation} [107]", answer.notice


LIE = "Martians have landed."


@pytest.mark.parametrize(
    "written",
    [
        f"{ENGLISH} {LIE} [107]",
        json.dumps({"sentences": [{"text": text, "paragraphs": [107]} for text in (ENGLISH[:-6], LIE)]}),
        f"<think>{LIE}</think>{ENGLISH} {LIE} [107]",
    ],
)
def test_english_that_has_not_been_checked_is_never_shown_to_a_russian_asker(with_model, written):
    answer, pieces, _ = _asked(with_model, written, f"{LIE} [107]", _translations(IN_RUSSIAN))
    assert answer.text == f"{IN_RUSSIAN} [107]"
    assert "".join(pieces) == IN_RUSSIAN
    assert "" in pieces  # signs of life: the person can stop it


def test_only_what_holds_in_english_is_sent_to_be_translated(with_model):
    answer, _, requests = _asked(with_model, f"{ENGLISH} Martians have landed. [107]", "", _translations(IN_RUSSIAN))
    sent = requests[-1]["messages"][1]["content"]
    assert "651,900" in sent
    assert "Martians" not in sent
    assert (answer.dropped, answer.text) == (1, f"{IN_RUSSIAN} [107]")


def test_as_many_translations_as_sentences_are_asked_for(with_model):
    _, _, requests = _asked(with_model, f"{ENGLISH} {SECOND}", _translations(IN_RUSSIAN, SECOND_IN_RUSSIAN))
    schema = requests[1]["response_format"]["json_schema"]["schema"]["properties"]["translations"]
    assert (schema["minItems"], schema["maxItems"]) == (2, 2)


def test_numbered_lines_do_where_no_json_is_offered(with_model):
    written = f"1. {IN_RUSSIAN}\n2) {SECOND_IN_RUSSIAN}"
    answer, _, _ = _asked(with_model, f"{ENGLISH} {SECOND}", written)
    assert answer.text == f"{IN_RUSSIAN} [107] {SECOND_IN_RUSSIAN} [140]"


def test_a_translation_that_fails_is_asked_for_again_with_what_is_wrong(with_model):
    wrong = "В стране 412 000 человек имеют инвалидность."
    answer, _, requests = _asked(
        with_model, f"{ENGLISH} {SECOND}", _translations(wrong, SECOND_IN_RUSSIAN), _translations(IN_RUSSIAN)
    )
    again = requests[2]["messages"][1]["content"]
    assert wrong in again
    assert '"651,900" is missing' in again
    assert "12.2" not in again
    assert answer.text == f"{IN_RUSSIAN} [107] {SECOND_IN_RUSSIAN} [140]"
    assert (answer.dropped, answer.repaired) == (0, 1)


def test_what_cannot_be_translated_is_left_out_and_the_person_is_told(with_model):
    wrong = _translations("В стране 412 000 человек имеют инвалидность.", SECOND_IN_RUSSIAN)
    answer, _, requests = _asked(with_model, f"{ENGLISH} {SECOND}", wrong, _translations("Марсиане."))
    assert (answer.text, answer.dropped) == (f"{SECOND_IN_RUSSIAN} [140]", 1)
    assert answer.notice
    assert len(requests) == 3


def test_translations_in_the_wrong_order_are_not_shown(with_model):
    exchanged = _translations(SECOND_IN_RUSSIAN, IN_RUSSIAN)
    answer, _, _ = _asked(with_model, f"{ENGLISH} {SECOND}", exchanged)
    assert (answer.mode, answer.dropped) == ("extract", 2)


@pytest.mark.parametrize("reply", ["{oops", _translations(), _translations(IN_RUSSIAN, IN_RUSSIAN), "Да\nнет", ENGLISH])
def test_no_translation_is_the_report_s_own_sentences_with_one_line(with_model, assistant, reply):
    answer, _, _ = _asked(with_model, ENGLISH, reply)
    assert (answer.mode, answer.text) == ("extract", assistant.ask(RUSSIAN).text)
    assert answer.notice


@pytest.mark.parametrize("fails", [lambda e: e.fail(500), lambda e: (e.begin(), e.wait_for_hang_up())])
def test_a_translation_that_is_not_given_is_the_report_s_own_sentences_in_time(with_model, assistant, fails):
    left = [lambda e: e.reply(ENGLISH), fails]
    with endpoint(lambda exchange: left.pop(0)(exchange)) as server:
        answer = with_model(server.address, llm_timeout_seconds=1).ask(RUSSIAN)
    assert (answer.mode, answer.text) == ("extract", assistant.ask(RUSSIAN).text)
    assert answer.notice


def test_an_answer_in_russian_to_the_request_for_english_is_none(with_model):
    answer, _, requests = _asked(with_model, f"{IN_RUSSIAN} [107]")
    assert "it is not in English" in requests[1]["messages"][1]["content"]
    assert answer.mode == "extract"
