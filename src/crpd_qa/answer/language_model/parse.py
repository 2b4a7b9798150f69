"""What a language model wrote -> sentences with the paragraphs they name, or translations.

Strict on content, tolerant of form.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice
from json import JSONDecoder
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError
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


def _numbered(value: object) -> object:
    """A list of numbers also where it is one number, "107", "[107, 108]" or null."""
    named = value if isinstance(value, list) else [] if value is None else [value]
    return [number for one in named for number in (_numbers(one) if isinstance(one, str) else [one])]


class _Sentence(BaseModel):
    text: str
    paragraphs: Annotated[list[int], BeforeValidator(_numbered)] = []


class _Reply(BaseModel):
    sentences: list[_Sentence]


R = TypeVar("R", bound=BaseModel)


class _Opinion(BaseModel):
    sentence: int
    supported: str | bool


class _Opinions(BaseModel):
    verdicts: list[_Opinion]


class _Translations(BaseModel):
    translations: list[str]


_THOUGHT_NAME = (
    r"(?:\w{1,20}:)?(?:think(?:ing)?|thoughts?|begin_of_thought|reason(?:ing)?|reflection|analysis|scratchpad)"
)
_THOUGHT_ENDS = (
    rf"(?:<\|?/{_THOUGHT_NAME}\|?>|\[/think(?:ing)?\]|◁/{_THOUGHT_NAME}▷|<\|end_of_thought\|>"
    r"|<\|channel\|>final<\|message\|>)"
)
_THINKING = re.compile(
    rf"(?:<\|?{_THOUGHT_NAME}(?:\s[^<>]{{0,99}})?\|?>|\[think(?:ing)?\]|◁{_THOUGHT_NAME}▷"
    r"|<\|channel\|>analysis<\|message\|>)"
    rf".*?(?:{_THOUGHT_ENDS}|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_THOUGHT = re.compile(rf"\A.*{_THOUGHT_ENDS}", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]{0,99}>|<[|｜][^<>]{0,99}[|｜]>|\[/?INST\]", re.IGNORECASE)
_JSON_BEGINS = re.compile(r"\{\s*(?=\"|\Z)|\[\s*(?=\{|\Z)")
_JSON_OPENS = re.compile(r"\{\s*[\"}]|\[\s*\{")
_DECODER = JSONDecoder(strict=False)
MAX_TRIES = 20
"""From so many places at most JSON is tried to be read."""
_FENCE = re.compile(r"^[^\S\n]*```\w*[ \t]*$|```[^\S\n]*$", re.MULTILINE)
_MARKDOWN = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]+|[-*+•][ \t]+|\d{1,2}[.)][ \t]+)|\*+|__|`", re.MULTILINE)

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
_FOLLOWS = re.compile(r"\s+[^\W\d_]")
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
    """What of an unfinished reply can be shown to a person: no thinking, no JSON, no tags. It only grows as the reply
    does.
    """
    text = _without_thinking(raw).lstrip()
    begins = _JSON_BEGINS.search(text)
    fence = text.find("```")
    plain = text[: min(begins.start() if begins else len(text), fence if fence >= 0 else len(text))].rstrip("`")
    return _untagged(plain) + (_untagged(_shown_of_json(text[begins.start() :])) if begins else "")


def _untagged(text: str) -> str:
    """Without tags, and without one that may have begun."""
    unfinished = text.find("<", text.rfind(">") + 1)
    return _TAG.sub("", text if unfinished < 0 else text[:unfinished])


def _shown_of_json(text: str) -> str:
    """Of the sentences or translations in an unfinished JSON reply."""
    try:
        reply = from_json(text.removesuffix("```").rstrip(), allow_partial="trailing-strings")
    except ValueError:
        try:
            reply = _DECODER.raw_decode(text)[0]
        except (ValueError, RecursionError):
            return ""
    translations = _held(reply, "translations")
    if isinstance(translations, list):
        return " ".join(str(text) for text in translations)
    sentences = _held(reply, "sentences")
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
    said = _json(text, "sentences", _Reply)
    if said:
        written = [w for s in said.sentences for w in _read(s.text, given, tuple(s.paragraphs))]
    else:
        written = _read(text, given)
    if any(NOT_ANSWERED in w.text for w in written[:1]):
        return ()
    if not written and not said:
        raise LanguageModelError("model_empty")
    return tuple(dict.fromkeys(w for w in written if NOT_ANSWERED not in w.text))


def finished(raw: str, given: Collection[int]) -> tuple[Written, ...]:
    """Of an unfinished reply the sentences that another follows: as they will be read when it is whole."""
    text = _FENCE.sub("", _without_thinking(raw)).strip()
    begins = _JSON_OPENS.search(text)
    if not begins:
        ends = (stop.end() if (stop := _STOP.match(text, m.end())) else m.end() for m in _MARKER.finditer(text))
        followed = [end for end in ends if _FOLLOWS.match(text, end) and not _CONTINUES.match(text, end)]
        return tuple(_read(text[: followed[-1]], given)) if followed else ()
    try:
        held = _held(from_json(text[begins.start() :], allow_partial=True), "sentences")
        said = _Reply.model_validate({"sentences": held[:-1]}) if isinstance(held, list) else None
    except ValueError:
        return ()
    return tuple(w for s in (said.sentences if said else ()) for w in _read(s.text, given, tuple(s.paragraphs)))


def objections(raw: str, count: int) -> frozenset[int]:
    """Which of `count` sentences, numbered from 1, a model plainly says "no" to, in JSON or in lines such as "2: no".

    Whatever else it writes is no objection: silence, doubt, both yes and no.
    """
    text = _FENCE.sub("", _without_thinking(raw)).strip()
    said: list[tuple[int, str]] = []
    try:
        reply = _json(text, "verdicts", _Opinions)
    except LanguageModelError:
        return frozenset()
    if reply:
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
    said = _json(text, "translations", _Translations)
    if said:
        found = said.translations
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


def _json(text: str, name: str, kind: type[R]) -> R | None:
    """The first JSON of a text that has a member of that name: alone, in a fence, after a sentence, within a call.

    None where the text has no JSON at all. Raises LanguageModelError where it has other JSON, or broken one.
    """
    for start in islice((m.start() for m in _JSON_OPENS.finditer(text)), MAX_TRIES):
        try:
            value = _DECODER.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        held = _held(value, name)
        if held is not None:
            try:
                return kind.model_validate({name: held})
            except ValidationError:
                break
    if _JSON_OPENS.search(text):
        raise LanguageModelError("model_unreadable")
    return None


def _held(value: Any, name: str, depth: int = 6) -> Any:
    """The member of that name, however deep within; of a list that is all there is, the list itself. Or None."""
    if isinstance(value, list):
        own = {"sentences": "text", "verdicts": "supported"}.get(name)
        if own and value and all(isinstance(item, dict) and own in item for item in value):
            return value
        inner: Iterator[Any] = iter(value)
    elif isinstance(value, dict):
        if name in value:
            return value[name]
        inner = iter(value.values())
    elif isinstance(value, str) and _JSON_OPENS.match(value):  # the arguments of a call
        try:
            inner = iter([_DECODER.raw_decode(value)[0]])
        except (ValueError, RecursionError):
            return None
    else:
        return None
    return next((held for item in inner if (held := _held(item, name, depth - 1)) is not None), None) if depth else None


def _unmarked(text: str) -> str:
    """Without Markdown, tags and entities."""
    return _MARKDOWN.sub("", _TAG.sub("", unescape(text)))


def _plain(text: str) -> str:
    """One line without markup, markers and what cannot be printed."""
    text = _MARKER.sub(lambda marker: marker[0] if marker[4] else "", _unmarked(text))
    return re.sub(r" (?=[.!?…]$)", "", " ".join("".join(c if c.isprintable() else " " for c in text).split()))


def _without_thinking(raw: str) -> str:
    return _THOUGHT.sub("", _THINKING.sub("", raw))


def _read(text: str, given: Collection[int], named: tuple[int, ...] = ()) -> list[Written]:
    text = _unmarked(text)
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
