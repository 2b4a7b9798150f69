import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.answer.language_model.parse import Written, finished, parse, parse_translations, visible
from crpd_qa.errors import LanguageModelError

RAMPS = Written("Ramps were built.", (107,))


@pytest.mark.parametrize(
    "raw",
    [
        "Ramps were built. [107]",
        "Ramps were built [107].",
        "Ramps were built. (107)",
        "Ramps were built (107).",
        "Ramps were built. [para. 107]",
        "Ramps were built (paragraph 107).",
        "Ramps were built【107】.",
        "Ramps were built【107†source】.",
        "- **Ramps** were built. [107]",
        "1. Ramps were built. [ 107 ]",
        "```\nRamps were built. [107]\n```",
        "<think>Is it [219]? No.</think>Ramps were built. [107]",
        "Let me think. [219]</think>\nRamps were built. [107]",
        '{"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}]}',
        '```json\n{"sentences": [{"text": "Ramps were built. [107]", "paragraphs": [107]}]}\n```',
        "Ramps were built. [107]\n\nRamps were built. [107]",
        "Ramps\u202e were built. [107]",
        "Yes, ramps were built. [107]",
        "No. Ramps were built. [107]",
        "Not necessarily: ramps were built [107].",
        "<thinking>Is it [219]?</thinking>Ramps were built. [107]",
        "<think duration='3'>Is it [219]?</think>Ramps were built. [107]",
        "<reasoning>Is it [219]?</reasoning><answer>Ramps were built. [107]</answer>",
        "<|begin_of_thought|>Is it [219]?<|end_of_thought|>Ramps were built. [107]<|im_end|>",
        "[THINK]Is it [219]?[/THINK]Ramps were built. [107]</s>",
        "<|channel|>analysis<|message|>Is it [219]?<|end|><|start|>assistant<|channel|>final<|message|>"
        "Ramps were built. [107]",
        "<p>Ramps were <b>built</b>.</p> [107]",
        "*Ramps* were&nbsp;built. [107]",
        'Here is the answer: {"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}]} I hope it helps.',
        'Sure!\n```json\n{"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}]}\n```\nAsk more.',
        '[{"text": "Ramps were built.", "paragraphs": [107]}]',
        '{"sentences": [{"text": "Ramps were built.", "paragraphs": 107}]}',
        '{"sentences": [{"text": "Ramps were built.", "paragraphs": ["[107]"]}]}',
        '{"answer": {"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}]}}',
        '<tool_call>{"name": "reply", "arguments": {"sentences": [{"text": "Ramps were built.", '
        '"paragraphs": [107]}]}}</tool_call>',
        json.dumps({"arguments": json.dumps({"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}]})}),
    ],
)
def test_a_sentence_and_its_paragraph_are_read_from_what_models_write(raw):
    assert parse(raw, (107, 219)) == (RAMPS,)


@pytest.mark.parametrize("marker", ["[107, 219]", "[107][219]", "(107)(219)", "[107; para. 219]", "[107] [219]"])
def test_several_paragraphs_of_one_sentence(marker):
    assert parse(f"Ramps were built {marker}.", (107, 219)) == (Written("Ramps were built.", (107, 219)),)


def test_a_marker_within_a_sentence_belongs_to_it():
    raw = "In Almaty [107], ramps were built. [219] Lifts too. [220]"
    assert parse(raw, (107, 219, 220)) == (
        Written("In Almaty, ramps were built.", (107, 219)),
        Written("Lifts too.", (220,)),
    )


def test_a_year_in_brackets_is_no_paragraph():
    assert parse("Ramps were built (2015). [107]", (107,)) == (Written("Ramps were built (2015).", (107,)),)


def test_a_short_range_names_each_paragraph_and_a_number_that_was_not_given_is_kept_for_the_check():
    assert parse("Ramps were built. [107-109]", (107, 108, 109))[0].numbers == (107, 108, 109)
    assert parse("Ramps were built. [999]", (107,))[0].numbers == (999,)


def test_a_marker_holds_for_the_sentences_before_it_and_what_follows_the_last_has_none():
    raw = "Ramps were built. Lifts were built. [107] Trust me."
    assert parse(raw, (107,)) == (RAMPS, Written("Lifts were built.", (107,)), Written("Trust me."))


@pytest.mark.parametrize(
    "raw", ["NOT_ANSWERED", "**NOT_ANSWERED**.", '{"sentences": []}', "<think>hm</think>NOT_ANSWERED"]
)
def test_not_answered(raw):
    assert parse(raw, (107,)) == ()


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "<think>for ever and ever",
        '{"sentences": "no"}',
        '{"answer',
        'Look: {"answer": "Ramps."} [107]',
        "{}",
        "[{" * 5000,
    ],
)
def test_what_cannot_be_read_is_an_error_and_no_missing_answer(raw):
    with pytest.raises(LanguageModelError):
        parse(raw, (107,))


@given(st.text(max_size=300))
def test_whatever_comes_is_read_or_refused(raw):
    try:
        written = parse(raw, (107,))
    except LanguageModelError:
        return
    assert all(w.text.strip() and "\n" not in w.text for w in written)


def _grows(raw: str) -> list[str]:
    shown = [visible(raw[:end]) for end in range(len(raw) + 1)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
    return shown


def test_an_unfinished_reply_is_shown_without_thinking_and_only_grows():
    shown = _grows("<think>Is it [219]?</think>Ramps were built. [107]")
    assert shown[-1] == "Ramps were built. [107]"
    assert not any("219" in text for text in shown)


def test_of_json_after_a_sentence_only_its_sentences_are_shown():
    reply = 'Sure:\n```json\n{"sentences": [{"text": "Ramps <b>were</b> built.", "paragraphs": [107]}]}\n```'
    shown = _grows(reply)
    assert not any(c in text for text in shown for c in "`{[")


@pytest.mark.parametrize(
    "raw",
    [
        "Ramps were built. [107] Lifts were built. [219] They are n",
        '{"sentences": [{"text": "Ramps were built.", "paragraphs": [107]}, {"text": "Lifts were built.", '
        '"paragraphs": [219]}, {"text": "They are n',
    ],
)
def test_of_an_unfinished_reply_the_sentences_that_another_follows_are_finished(raw):
    read = [finished(raw[:end], (107, 219)) for end in range(len(raw) + 1)]
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(read))
    assert read[-1] == parse(raw + "ew. [107]" if raw[0] == "R" else raw + 'ew."}]}', (107, 219))[:2]


def test_unfinished_json_is_shown_as_its_sentences():
    reply = {"sentences": [{"text": 'A "ramp".', "paragraphs": [107]}, {"text": "Пандус.", "paragraphs": [1]}]}
    assert _grows(json.dumps(reply))[-1] == 'A "ramp". Пандус.'


@pytest.mark.parametrize(
    "raw",
    [
        '{"translations": ["Раз.", "Два."]}',
        '```json\n{"translations": ["Раз.", "Два."]}\n```',
        "<think>1. Hm.</think>1. Раз.\n2. Два.",
        "2) Два.\n1) Раз.",
        "**1.** Раз. [107]\n\n**2.** Два.",
        "Раз.\nДва.",
    ],
)
def test_translations_are_read_in_order(raw):
    assert parse_translations(raw, 2) == ["Раз.", "Два."]


def test_a_numbered_line_that_is_left_out_is_no_translation():
    assert parse_translations("1. Раз.\n3. Три.", 3) == ["Раз.", "", "Три."]


@pytest.mark.parametrize(
    "raw", ["", "Раз.", "1. Раз.\n2. Два.\n3. Три.", "1. Раз.\n1. Два.\n2. Три.", '{"translations": ["Раз."]}', "{oops"]
)
def test_what_cannot_be_told_apart_is_unreadable(raw):
    with pytest.raises(LanguageModelError):
        parse_translations(raw, 2)


def test_translations_that_come_as_json_are_shown_as_text():
    assert _grows(json.dumps({"translations": ["Раз.", "Два."]}, ensure_ascii=False))[-1] == "Раз. Два."
