"""Whether a sentence that a language model wrote is supported by the paragraphs that it cites.

Three exact rules: figures written in digits must stand in a cited paragraph, "at most 7" is not "at least 7", and a
sentence of the paragraph's own with a "not" more or less is another one. A logistic model, which `eval/faults.py` fits,
compares the cited paragraphs with the others that were given. A small cross-encoder that was trained on true sentences
and on the same with one mistake reads the paragraphs with the sentence (`check/`); it must be surer where a name, or a
figure in words, does not stand there as it is written. Figures are asked for (`figure_questions.py`). A model for
entailment comes on top, for those who name one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from textwrap import shorten

import numpy as np
from pydantic import BaseModel, ConfigDict

from crpd_qa.answer.bounds import OPPOSITE_BOUND, bound_of
from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.figure_questions import misplaced
from crpd_qa.answer.figures import Figure, figures
from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.names import Names
from crpd_qa.answer.record import Citation, cite
from crpd_qa.answer.support_features import (
    Evidence,
    importance_of,
    paragraph_features,
    sentence_matches,
    vector_features,
)
from crpd_qa.answer.translation_words import NEGATION
from crpd_qa.check.checker import Checker, Objection
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Encoding, Floats
from crpd_qa.languages.states import state_name
from crpd_qa.library import Library
from crpd_qa.library.embed import passage
from crpd_qa.read.reader import Reader
from crpd_qa.retrieve.late_interaction import token_weights
from crpd_qa.settings import settings
from crpd_qa.store.lexical import terms
from crpd_qa.store.tokens import content_mask

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+")
REFUTED, DOUBTED = 2.0, 1.0
"""Logits of the checker's above which a sentence is refused, and one that is doubted: it names what does not stand in
the paragraphs so, or was refused with other paragraphs. See docs/verification.md for what others would cost."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is "" if supported; else it says which check failed, in words for a repair prompt."""

    supported: bool
    reason: str
    citations: tuple[Citation, ...]
    """The best supporting sentence of each cited paragraph, verbatim."""


class SupportCheck(BaseModel):
    """A model of one way of going wrong; above the threshold a sentence is refused."""

    model_config = ConfigDict(frozen=True)

    model: LogisticModel
    threshold: float


@cache
def elsewhere_check() -> SupportCheck:
    """Whether another paragraph says it better: this version's."""
    return SupportCheck.model_validate_json((files("crpd_qa") / "data" / "support-model.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Measured:
    """What the checks look at."""

    fault: str
    """A rule that the sentence breaks, or ""."""
    doubt: str
    """What it names and the paragraphs do not, as it is written, or ""."""
    features: dict[str, float]
    """Whether another paragraph says it better; empty where the sentence says nothing."""
    best: tuple[int, ...]
    """The best supporting sentence of each cited paragraph."""


class SupportChecker:
    """Checks sentences against paragraphs, each known by its place in the library, from 1."""

    def __init__(self, library: Library, entailment: EntailmentModel | None = None) -> None:
        """`entailment` may refuse what all other checks let pass; it rescues nothing."""
        self._library = library
        self._checker = Checker.packaged(settings().threads)
        self._reader = Reader.packaged(settings().threads)
        self._entailment = entailment
        self._evidence: Callable[[int], Evidence] = lru_cache(1024)(self._prepare)
        self._encode: Callable[[str], Encoding] = lru_cache(64)(library.encoder.encode)

    def check(self, sentence: str, cited: Sequence[int], given: Sequence[int], *, again: bool = False) -> Verdict:
        """Whether the cited paragraphs, which must be among those given, support the sentence.

        `again` where it was refused with other paragraphs: with every paragraph that is tried, one is likelier to fit
        by chance.
        """
        strangers = [n for n in cited if n not in given or not self._known(n)]
        if strangers or not cited:
            problem = f"paragraph {strangers[0]} is not among those given" if strangers else "no paragraph is cited"
            return Verdict(False, problem, ())
        cited = list(dict.fromkeys(cited))
        measured = self.measure(sentence, cited, given)
        citations = tuple(self._citation(n, best) for n, best in zip(cited, measured.best, strict=True))
        reason = (
            measured.fault
            or (f"another paragraph than {_numbers(cited)} says this" if said_better_elsewhere(measured) else "")
            or self._read(sentence, cited, measured.doubt, again=again)
            or self._not_entailed(sentence, cited, measured.best)
        )
        return Verdict(not reason, reason, citations)

    def _read(self, sentence: str, cited: Sequence[int], doubt: str, *, again: bool) -> str:
        """What the models that read hold against the sentence, if it is not one of the paragraphs' own."""
        own = (self._quote(number, n) for number in cited for n in range(len(self._paragraph(number).sentences)))
        if sentence.strip() in own:  # whole: a fragment may have lost its negation
            return ""
        return self._refuted(sentence, cited, doubt, again=again) or self._misplaced(sentence, cited)

    def _refuted(self, sentence: str, cited: Sequence[int], doubt: str, *, again: bool) -> str:
        """What the checker holds against the sentence."""
        objection = self.objection(sentence, cited)
        if objection.logit <= (DOUBTED if doubt or again else REFUTED):
            return ""
        words = shorten(sentence[objection.start : objection.end], 80)
        return doubt or f'{_where(cited)} does not bear out "{words}"'

    def objection(self, sentence: str, cited: Sequence[int]) -> Objection:
        """What the checker says, whatever the rules do."""
        return self._checker.object(sentence, [self._paragraph(number) for number in cited], self._state(cited))

    def _misplaced(self, sentence: str, cited: Sequence[int]) -> str:
        """What its figures stand for in the sentence, and not in the paragraphs."""
        paragraphs = [self._paragraph(number) for number in cited]
        figure = misplaced(sentence, paragraphs, self._reader, self._checker, self._state(cited))
        return f'in {_where(cited)}, the figure "{figure}" is of something else' if figure else ""

    def _state(self, cited: Sequence[int]) -> str:
        """The name of the State whose the paragraphs are, or ""."""
        state = self._library.at(cited[0] - 1)[0].state
        return state_name(state, "en") if state else ""

    def _not_entailed(self, sentence: str, cited: Sequence[int], best: Sequence[int]) -> str:
        """What the entailment model holds against the sentence, beside its best sentences and the whole paragraphs."""
        if not self._entailment:
            return ""
        paragraphs = [self._paragraph(number) for number in cited]
        near = " ".join(_with_neighbours(p, number) for p, number in zip(paragraphs, best, strict=True))
        objection = self._entailment.objection(sentence, [near, " ".join(p.text for p in paragraphs)])
        where = _where(cited)
        return {"": "", "contradiction": f"{where} says otherwise"}.get(objection, f"{where} does not say all of this")

    def measure(self, sentence: str, cited: Sequence[int], given: Sequence[int]) -> Measured:
        """Rules broken, and the features of the paragraph check. Numbers must be of the library's paragraphs."""
        evidence = [self._evidence(number) for number in cited]
        fault, doubt = self._broken_rule(sentence, evidence, _where(cited), Names.of(self._library.at(cited[0] - 1)[0]))
        said = figures(sentence)
        encoding = self._encode(sentence)
        encoding = encoding.keep(content_mask(sentence, encoding))
        importance = importance_of(encoding, said)
        weights = token_weights(encoding, self._library.store.idf, importance) if importance.any() else importance
        similarity = [e.tokens @ encoding.tokens.T for e in evidence]
        by_sentence = [sentence_matches(e, s) for e, s in zip(evidence, similarity, strict=True)]
        best = tuple(int((b @ weights).argmax()) for b in by_sentence)
        if not importance.any():
            nothing = f"there is nothing in the sentence that {_where(cited)} could bear out"
            return Measured(fault or nothing, doubt, {}, best)
        matched = np.max([s.max(axis=0, initial=0) for s in similarity], axis=0)
        others = [n for n in dict.fromkeys(given) if n not in cited and self._known(n)]
        elsewhere = np.array([self._best_matches(n, encoding) for n in others]).reshape(-1, len(weights))
        stems = frozenset().union(*(e.stems for e in evidence))
        only_here = bool(said) and not any(
            all(any(f.stands_for(g) for g in held) for f in said) for held in map(self._figures, others)
        )
        paragraph = paragraph_features(
            weights, matched, elsewhere, by_sentence, sentence, stems, [self._stems(n) for n in others]
        )
        here, there = (self._vector_matches(numbers, encoding.vector) for numbers in (cited, others))
        paragraph |= {"figures_only_here": float(only_here)} | vector_features(here, there)
        return Measured(fault, doubt, paragraph, best)

    def _known(self, number: int) -> bool:
        return 1 <= number <= len(self._library.store)

    def _paragraph(self, number: int) -> Paragraph:
        return self._library.at(number - 1)[1]

    def _broken_rule(self, sentence: str, evidence: list[Evidence], where: str, names: Names) -> tuple[str, str]:
        """A fault, and a doubt: each in words, or ""."""
        if _CYRILLIC.search(sentence):
            return "it is not in English", ""
        if negated(sentence, evidence):
            return f"{where} says the same with another negation", ""
        held = [figure for e in evidence for figure in e.figures]
        doubt = ""
        for figure in figures(sentence):
            own = _names_cited_paragraph(sentence, figure, evidence)
            if not own and not any(figure.stands_for(other) for other in held):
                written = sentence[figure.start : figure.end].strip()
                missing = f'the figure "{written}" is not in {where}'
                if _DIGIT.search(written):
                    return missing, ""
                doubt = doubt or missing  # "one in six", "three quarters" may be how the paragraph's figure is said
            elif turned(sentence, figure, evidence):
                return f'in {where}, "{_bounded(sentence, figure)}" is bounded the other way', ""
        name = names.missing(sentence, [e.names for e in evidence])
        return "", f'the name "{name}" is not in {where}' if name else doubt

    def _best_matches(self, number: int, encoding: Encoding) -> Floats:
        """(n_claim_tokens,) of a paragraph that is not cited: its indexed vectors are enough."""
        tokens = self._library.store.tokens(np.array([number - 1]))
        best: Floats = (tokens.vectors @ encoding.tokens.T).max(axis=0, initial=0)
        return best

    def _vector_matches(self, numbers: Sequence[int], vector: Floats) -> Floats:
        """(n, 3) cosines with each paragraph as a whole, its nearest sentence, the nearest question it answers."""
        if not numbers:
            return np.zeros((0, 3), dtype=np.float32)
        whole, asked = self._library.store.space.similarity(vector, np.array(numbers, dtype=np.intp) - 1)
        sentences = [(self._sentence_vectors(n) @ vector).max() for n in numbers]
        return np.column_stack([whole, sentences, asked])

    @lru_cache(2048)  # noqa: B019
    def _sentence_vectors(self, number: int) -> Floats:
        """(n_sentences, dim)"""
        paragraph = self._paragraph(number)
        encode = self._library.encoder.encode
        return np.stack([encode(paragraph.text[start:end]).vector for start, end in paragraph.sentences])

    @lru_cache(2048)  # noqa: B019
    def _figures(self, number: int) -> list[Figure]:
        return figures(self._paragraph(number).text)

    @lru_cache(2048)  # noqa: B019
    def _stems(self, number: int) -> frozenset[str]:
        return frozenset(terms(passage(self._paragraph(number))[0]))

    def _quote(self, number: int, sentence: int) -> str:
        paragraph = self._paragraph(number)
        return paragraph.text[slice(*paragraph.sentences[sentence])]

    def _citation(self, number: int, sentence: int) -> Citation:
        document, paragraph = self._library.at(number - 1)
        return cite(document, paragraph, *paragraph.sentences[sentence])

    def _prepare(self, number: int) -> Evidence:
        """The token vectors as indexed, with their places; sentences beyond the encoder's length on their own."""
        document, paragraph = self._library.at(number - 1)
        text, own = passage(paragraph)
        encoding = self._library.encoder.encode(text)
        encoding = encoding.keep(content_mask(text, encoding))
        tokens, spans = [encoding.tokens], [encoding.spans - own]
        reached = int(spans[0][-1, 1]) if len(encoding.ids) else 0
        for start, end in paragraph.sentences:
            if end > reached + 1 and len(text) > 400:
                sentence = paragraph.text[start:end]
                more = self._library.encoder.encode(sentence)
                more = more.keep(content_mask(sentence, more))
                tokens.append(more.tokens)
                spans.append(more.spans + start)
        places = np.concatenate(spans)
        starts = np.array([start for start, _ in paragraph.sentences])
        return Evidence(
            paragraph=paragraph,
            names=Names.of(document).prepare(text),
            figures=self._figures(number),
            stems=self._stems(number),
            tokens=np.concatenate(tokens),
            spans=places,
            sentences=np.searchsorted(starts, places[:, 0], side="right") - 1,
        )


def said_better_elsewhere(measured: Measured) -> bool:
    """Whether the logistic model refuses a sentence."""
    check = elsewhere_check()
    return bool(measured.features) and check.model.probability(measured.features) > check.threshold


def _where(cited: Sequence[int]) -> str:
    return f"paragraph {_numbers(cited)}"


def _numbers(cited: Sequence[int]) -> str:
    return " or ".join(map(str, cited))


def _with_neighbours(paragraph: Paragraph, sentence: int) -> str:
    around = paragraph.sentences[max(sentence - 1, 0) : sentence + 2]
    return paragraph.text[around[0][0] : around[-1][1]]


def negated(sentence: str, evidence: Sequence[Evidence]) -> bool:
    """Whether the paragraphs have the sentence word for word, but for a negation more or less."""

    def bare(text: str) -> tuple[int, list[str]]:
        rest, count = NEGATION["en"].plain.subn(" ", text.lower())
        return count, _WORD.findall(rest)

    own = [bare(e.paragraph.text[start:end]) for e in evidence for start, end in e.paragraph.sentences]
    said = bare(sentence)
    return said not in own and any(words == said[1] for _, words in own)


def turned(sentence: str, figure: Figure, evidence: Sequence[Evidence]) -> bool:
    """Whether "at least seven hours" is "at most seven hours" where the figure stands in the paragraphs."""
    own = bound_of(sentence, figure.start, figure.end)
    held = {bound_of(e.paragraph.text, g.start, g.end) for e in evidence for g in e.figures if figure.stands_for(g)}
    return own not in held and bool(OPPOSITE_BOUND.get(own, set()) & held)


def _bounded(sentence: str, figure: Figure) -> str:
    return sentence[max(0, figure.start - 20) : figure.end].strip()


def _names_cited_paragraph(sentence: str, figure: Figure, evidence: list[Evidence]) -> bool:
    """ "Paragraph 107 says", "article 24": the number of a cited paragraph or of the article that it is under."""
    before = sentence[: figure.start].rstrip().lower()
    numbers: dict[str, set[int | None]] = {
        "paragraph": {e.paragraph.number for e in evidence},
        "article": {article for e in evidence for article in e.paragraph.section.articles},
    }
    return any(before.endswith(kind) and figure.values[0] in own for kind, own in numbers.items())
