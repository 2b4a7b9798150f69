"""What a language model wrote -> sentences with the paragraphs they name, or translations.

Strict on content, tolerant of form.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from crpd_qa.documents.sentences import sentence_spans
from crpd_qa.errors import LanguageModelError

NOT_ANSWERED = "NOT_ANSWERED"
"""What the model writes when the paragraphs do not answer."""
MAX_RANGE = 5
"""[107-109] names three paragraphs; a longer range names nothing in particular, and only its ends are taken."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as the model wrote it, without its markers, and the paragraphs that it names."""

    text: str
    numbers: tuple[int, ...] = ()


class _Sentence(BaseModel):
    text: str
    paragraphs: list[int] = []


class _Reply(BaseModel):
    sentences: list[_Sentence]


class _Opinion(BaseModel):
    sentence: int
    supported: str | bool


class _Opinions(BaseModel):
    verdicts: list[_Opinion]


class _Translations(BaseModel):
    translations: list[str]


_THINKING = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[^\S\n]*```\w*[ \t]*$|```[^\S\n]*$", re.MULTILINE)
_MARKDOWN = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]+|[-*+•][ \t]+|\d{1,2}[.)][ \t]+)|\*\*|__|`", re.MULTILINE)

_WORD = r"(?:paragraphs?|paras?|пункты?|пп?|абзацы?|абз|тармақ(?:тар)?|¶+|§+)\.?\s*(?:nos?\.?\s*|№\s*)?"
_NUMBERS = r"\d{1,4}(?:\s*(?:,|;|and|и|және|&|-|–)\s*(?:" + _WORD + r")?\d{1,4})*+"
_MARKER = re.compile(
    rf"\[\s*(?:{_WORD})?({_NUMBERS})\s*\]|【\s*(?:{_WORD})?({_NUMBERS})[^【】]*】|\(\s*(?:{_WORD})({_NUMBERS})\s*\)"
    rf"|\(\s*({_NUMBERS})\s*\)(?=\s*(?:[.!?…]|$|[\[(【]))",
    re.IGNORECASE | re.MULTILINE,
)
_ANOTHER = re.compile(rf"\s*(?:{_MARKER.pattern})", _MARKER.flags)
_NUMBERED = re.compile(r"^[ \t]*(?:[-*•][ \t]*)?\**(\d{1,2})[.):]\**[ \t]+(?=\S)", re.MULTILINE)
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_STOPS = (".", "!", "?", "…")
_STOP = re.compile(r"\s*([.!?…]+)(?=\s|$|[\[(【])")
_CONTINUES = re.compile(r"\s*[,;:–—]|\s*[^\W\d_A-ZА-ЯЁӘҒҚҢӨҰҮІҺ]")

_OPINION = re.compile(
    r"^[^\w\n]*(?:sentence\s+)?(?P<sentence>\d{1,2})\W{1,4}(?P<supported>yes|no)(?=[\s.,;:!*]*(?:$|[,.;:(–—-]))",
    re.IGNORECASE | re.MULTILINE,
)

_YES_OR_NO = re.compile(
    r"^(?:yes|no|not (?:necessarily|always|exactly|quite|really))(?:\s*[,;:.–—-]+\s+|[.!]*$)", re.IGNORECASE
)
"""It answers the question; no paragraph can bear it out, and what follows says what the report says."""

_SAID: dict[str | bool, str] = {True: "yes", False: "no"}


def visible(raw: str) -> str:
    """What of an unfinished reply can be shown to a person: no thinking, no JSON. It only grows as the reply does."""
    text = _without_thinking(raw).lstrip()
    if not text.startswith(("{", "```")):
        unfinished = text.find("<", text.rfind(">") + 1)
        return text if unfinished < 0 else text[:unfinished]
    try:
        reply = from_json(text[max(text.find("{"), 0) :], allow_partial="trailing-strings")
    except ValueError:
        return ""
    if not isinstance(reply, dict):
        return ""
    translations = reply.get("translations")
    if isinstance(translations, list):
        return " ".join(str(text) for text in translations)
    sentences = reply.get("sentences")
    pieces: list[str] = []
    for sentence in sentences if isinstance(sentences, list) else []:
        if not isinstance(sentence, dict):
            break
        if pieces:  # only a sentence that another follows is known to name all its paragraphs
            pieces[-1] += " "
        pieces.append(str(sentence.get("text", "")))
    return "".join(pieces)


def parse(raw: str, given: Collection[int]) -> tuple[Written, ...]:
    """The sentences; none if the model says that it cannot answer. `given`: the paragraphs it was shown.

    Read as JSON where it is that, else as sentences that end in [n] or [n, m]; also (n), [para. n], 【n】, markers
    before the full stop or within the sentence. A marker holds for all sentences since the one before it, each of
    which is checked on its own. What names no paragraph is kept, without numbers, and fails that check.
    Raises LanguageModelError if there is nothing to read.
    """
    text = _FENCE.sub("", _without_thinking(raw)).strip()
    if text.startswith("{"):
        try:
            reply = _Reply.model_validate_json(text[: text.rfind("}") + 1])
        except ValidationError:
            raise LanguageModelError("model_unreadable") from None
        written = [w for s in reply.sentences for w in _read(s.text, given, tuple(s.paragraphs))]
    else:
        written = _read(text, given)
    if any(NOT_ANSWERED in w.text for w in written[:1]):
        return ()
    if not written and not text.startswith("{"):
        raise LanguageModelError("model_empty")
    return tuple(dict.fromkeys(w for w in written if NOT_ANSWERED not in w.text))


def objections(raw: str, count: int) -> frozenset[int]:
    """Which of `count` sentences, numbered from 1, a model plainly says "no" to, in JSON or in lines such as "2: no".

    Whatever else it writes is no objection: silence, doubt, both yes and no.
    """
    text = _FENCE.sub("", _without_thinking(raw)).strip()
    said: list[tuple[int, str]] = []
    if text.startswith("{"):
        try:
            reply = _Opinions.model_validate_json(text[: text.rfind("}") + 1])
        except ValidationError:
            return frozenset()
        said = [(v.sentence, _SAID.get(v.supported, str(v.supported).strip().lower())) for v in reply.verdicts]
    else:
        said = [(int(m["sentence"]), m["supported"].lower()) for m in _OPINION.finditer(text)]
    refused = {number for number, word in said if word == "no"} - {number for number, word in said if word != "no"}
    return frozenset(refused & set(range(1, count + 1)))


def parse_translations(raw: str, count: int) -> list[str]:
    """As many translations as were asked for, in order; "" for one that the model left out.

    Read as JSON where it is that, else as numbered lines, or as lines where there are just as many.
    Raises LanguageModelError if it cannot be told which translation is whose.
    """
    text = _FENCE.sub("", _without_thinking(raw)).strip()
    if text.startswith("{"):
        try:
            found = _Translations.model_validate_json(text[: text.rfind("}") + 1]).translations
        except ValidationError:
            raise LanguageModelError("model_unreadable") from None
    else:
        pieces = _NUMBERED.split(text)
        numbered = dict(zip(map(int, pieces[1::2]), pieces[2::2], strict=True))
        if numbered and len(numbered) == len(pieces) // 2:
            found = [numbered.get(n, "") for n in range(1, count + 1)] if max(numbered) <= count else []
        else:
            found = [line for line in text.splitlines() if line.strip()]
    if len(found) != count:
        raise LanguageModelError("model_unreadable" if text else "model_empty")
    return [_plain(_NUMBERED.sub("", sentence)) for sentence in found]


def _plain(text: str) -> str:
    """One line without Markdown, markers and what cannot be printed."""
    text = _MARKER.sub(lambda marker: marker[0] if marker[4] else "", _MARKDOWN.sub("", text))
    return re.sub(r" (?=[.!?…]$)", "", " ".join("".join(c if c.isprintable() else " " for c in text).split()))


def _without_thinking(raw: str) -> str:
    return _THOUGHT.sub("", _THINKING.sub("", raw))


def _read(text: str, given: Collection[int], named: tuple[int, ...] = ()) -> list[Written]:
    text = _MARKDOWN.sub("", text)
    found: list[Written] = []
    sentence: list[str] = []
    numbers, position = list(named), 0
    for marker in _MARKER.finditer(text):
        if marker.start() < position:
            continue
        here = _numbers(next(group for group in marker.groups() if group))
        if marker[4] and not set(here) <= set(given):  # "(2015)" is a year
            continue
        if piece := text[position : marker.start()].rstrip():
            sentence.append(piece)
        numbers += here
        position = marker.end()
        stop = _STOP.match(text, position)
        if stop:
            position = stop.end()
            if not (sentence and sentence[-1].endswith(_STOPS)):
                sentence.append(stop[1])
        elif _ANOTHER.match(text, position) or _CONTINUES.match(text, position):
            continue
        found += _split("".join(sentence), numbers)
        sentence, numbers = [], list(named)
    return found + _split("".join([*sentence, text[position:]]), numbers if sentence or named else [])


def _split(text: str, numbers: list[int]) -> list[Written]:
    """Each sentence of a text that is followed by these numbers."""
    plain = "".join(c for c in text if c.isprintable() or c.isspace())
    lines = "\n".join(" ".join(line.split()) for line in plain.split("\n"))
    named = tuple(dict.fromkeys(numbers))
    sentences = [lines[start:end] for start, end in sentence_spans(lines)]
    said = (_capitalized(_YES_OR_NO.sub("", s)) for s in sentences)
    return [Written(s if s[-1] in '.!?…»”")' else f"{s}.", named) for s in said if re.search(r"\w", s)]


def _capitalized(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _numbers(marker: str) -> list[int]:
    found: list[int] = []
    for first, last in _RANGE.findall(marker):
        a, b = int(first), int(last or first)
        found += range(a, b + 1) if a <= b < a + MAX_RANGE else [a, b]
    return found
