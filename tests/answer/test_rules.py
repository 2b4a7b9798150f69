"""A report of ten paragraphs on which each rule of finding and quoting is seen to matter: without it another answer."""

from crpd_qa import Assistant
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.selection import Limits, select_sentences
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.retrieve import Query, rank
from crpd_qa.settings import settings


def cited(answer):
    return [citation.label for citation in answer.citations]


def test_rare_words_weigh_more_than_those_of_every_paragraph(ten):
    assert ten.search("which of the persons with disabilities may get interpreters?")[0].label == "4"


def test_words_themselves_count_beside_what_they_mean(ten):
    assert ten.search("persons with disabilities and the wages?")[0].label == "8"


def test_the_meaning_of_the_whole_question_counts(ten):
    assert ten.search("which of the persons with disabilities may get wages?")[0].label == "8"


def test_everyday_words_find_what_reports_call_otherwise(assistant):
    assert assistant.search("Do I have to agree to treatment?")[0].label == "350"


def test_what_a_follow_up_names_counts_more_than_what_was_asked_before(ten):
    answer = ten.ask("And who pays for the lifts in schools?", history=["How many court buildings have ramps?"])
    assert "The municipalities pay for them." in answer.text
    assert cited(answer)[0] == "2"


def test_each_part_of_a_question_is_looked_for(ten):
    answer = ten.ask("Who pays for lifts in schools and for ramps in courts?")
    assert "The municipalities pay for them." in answer.text
    assert "The Ministry of Justice pays for them." in answer.text


def test_a_part_is_looked_for_with_the_whole_question_in_mind(ten):
    passages = ten.ask("How often does a social worker visit and when was the pension raised?").passages
    assert passages[0].label == "10"


def test_what_a_question_names_besides_is_covered_too(ten):
    assert cited(ten.ask("Compare the ramps of schools with those of court buildings"))[-1] == "2"


def test_further_sentences_of_a_quoted_paragraph_need_less(ten):
    answer = ten.ask("How many women with disabilities are in paid work?")
    assert answer.text.endswith("Their average wage was 71 per cent of that of others. [8]")


def test_an_item_of_a_list_comes_with_the_line_that_introduces_it(ten):
    assert "It covers the following: Emergency care" in ten.ask("What do the polyclinics offer?").text


def test_a_sentence_comes_with_the_one_that_says_what_it_is_about(ten):
    answer = ten.ask("Who checks that posts are kept, and what is the fine?")
    assert "Employers with more than fifty staff" in answer.text


def test_sentences_stand_in_the_order_of_their_paragraph(ten):
    text = ten.ask("Does the court send letters in large print?").text
    assert text.index("hires a sign language interpreter") < text.index("sends the summons in large print")


def test_a_part_to_which_nothing_answers_is_told_apart_and_nothing_is_quoted_for_it(ten):
    answer = ten.ask("How many court buildings have ramps and who founded the museum of fine arts?")
    assert answer.not_answered == ("who founded the museum of fine arts",)
    assert set(cited(answer)) == {"1"}


def test_a_part_that_its_quotation_answers_is_not_said_to_be_unanswered(assistant):
    answer = assistant.ask("Can I vote at home, and until when may I ask to vote from home?")
    assert "noon" in answer.text
    assert answer.not_answered == ()


def test_a_question_whose_parts_are_all_unanswered_is_declined_although_the_whole_looks_answered(ten):
    strict = Assistant(ten.library, settings().model_copy(update={"wrong_answer_cost": 1.0}))
    assert not strict.ask("Why is the fine so high and what colour are the ramps?").answered


def test_the_line_before_a_list_brings_the_items_that_there_is_room_for(ten):
    query = Query("What does it cover?")
    sentences = candidate_sentences(rank(query, ten.library), question_type(query))
    rated = [(0.9 if "following" in s.text else 0.01, s) for s in sentences if s.paragraph.number == 5]
    rated.sort(key=lambda pair: -pair[0])

    def last(words):
        return select_sentences([rated], Limits(4, words, same_paragraph=0.5, other_paragraph=0.5))[-1].text

    assert last(100).startswith("Outpatient care")
    assert last(25).startswith("Emergency care")


def test_a_sentence_is_understood_by_others_that_nothing_rated(ten):
    query = Query("What does it cover?")
    [last] = [s for s in candidate_sentences(rank(query, ten.library), question_type(query)) if "large print" in s.text]
    chosen = select_sentences([[(0.9, last)]], Limits(4, 100, same_paragraph=0.5, other_paragraph=0.5))
    assert [s.text[:9] for s in chosen] == ["The costs", "It also s"]


def test_a_question_off_the_reports_subject_is_declined_however_near_a_paragraph_stands(ten):
    assert not ten.ask("Who won the football world cup?").answered
