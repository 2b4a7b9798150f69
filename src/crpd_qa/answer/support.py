"""Whether a sentence that a language model wrote is supported by the paragraphs that it cites.

Figures and names must stand in a cited paragraph: exact rules. Six small logistic models judge the rest, one for
each way of going wrong; `eval/faults.py` fits them on faults put into true sentences and counts what they catch.
A cross-encoder for entailment comes on top, for those who name one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.figures import Figure, figures
from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.names import Names
from crpd_qa.answer.polarity import affirmed
from crpd_qa.answer.record import Citation, cite
from crpd_qa.answer.support_features import (
    Evidence,
    addition_features,
    content_words,
    figure_features,
    importance_of,
    negation_features,
    paragraph_features,
    quantifier_features,
    sentence_matches,
    vector_features,
)
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Encoding, Floats
from crpd_qa.library import Library
from crpd_qa.library.embed import passage
from crpd_qa.retrieve.late_interaction import token_weights
from crpd_qa.store.lexical import terms
from crpd_qa.store.tokens import content_mask

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
AGAIN = 0.5
"""Of a model's threshold: what it may be in doubt at most about a sentence that was refused with other paragraphs."""
CHECKS = ("paragraph", "addition", "figure", "negation", "left_out_negation", "quantifier")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is "" if supported; else it says which check failed, in words for a repair prompt."""

    supported: bool
    reason: str
    citations: tuple[Citation, ...]
    """The best supporting sentence of each cited paragraph, verbatim."""


class SupportCheck(BaseModel):
    """A model of one way of going wrong; above the threshold the sentence is refused."""

    model_config = ConfigDict(frozen=True)

    model: LogisticModel
    threshold: float


SUPPORT_CHECKS = TypeAdapter(dict[str, SupportCheck])


@cache
def support_checks() -> dict[str, SupportCheck]:
    """The models of this version."""
    return SUPPORT_CHECKS.validate_json((files("crpd_qa") / "data" / "support-models.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Measured:
    """What the checks look at. `fault` names a rule that the sentence breaks, or is ""."""

    fault: str
    reasons: dict[str, str]
    """For each model, what to say if it refuses."""
    features: dict[str, dict[str, float]]
    best: tuple[int, ...]
    """The best supporting sentence of each cited paragraph."""


class SupportChecker:
    """Checks sentences against paragraphs, each known by its place in the library, from 1."""

    def __init__(self, library: Library, entailment: EntailmentModel | None = None) -> None:
        """`entailment` may refuse what all other checks let pass; it rescues nothing."""
        self._library = library
        self._entailment = entailment
        self._evidence: Callable[[int], Evidence] = lru_cache(1024)(self._prepare)
        self._encode: Callable[[str], Encoding] = lru_cache(64)(library.encoder.encode)

    def check(self, sentence: str, cited: Sequence[int], given: Sequence[int], *, again: bool = False) -> Verdict:
        """Whether the cited paragraphs, which must be among those given, support the sentence.

        `again` where it was refused with other paragraphs: then each model must be surer.
        """
        strangers = [n for n in cited if n not in given or not self._known(n)]
        if strangers or not cited:
            problem = f"paragraph {strangers[0]} is not among those given" if strangers else "no paragraph is cited"
            return Verdict(False, problem, ())
        cited = list(dict.fromkeys(cited))
        measured = self.measure(sentence, cited, given)
        citations = tuple(self._citation(n, best) for n, best in zip(cited, measured.best, strict=True))
        if measured.fault:
            return Verdict(False, measured.fault, citations)
        most = AGAIN if again else 1
        for name, check in support_checks().items():
            if measured.features and check.model.probability(measured.features[name]) > most * check.threshold:
                return Verdict(False, measured.reasons[name], citations)
        reason = self._not_entailed(sentence, cited, measured.best)
        return Verdict(not reason, reason, citations)

    def _not_entailed(self, sentence: str, cited: Sequence[int], best: Sequence[int]) -> str:
        """What the entailment model holds against the sentence, beside its best sentences and the whole paragraphs."""
        if not self._entailment:
            return ""
        paragraphs = [self._paragraph(number) for number in cited]
        near = " ".join(_with_neighbours(p, number) for p, number in zip(paragraphs, best, strict=True))
        objection = self._entailment.objection(sentence, [near, " ".join(p.text for p in paragraphs)])
        where = "paragraph " + " or ".join(map(str, cited))
        return {"": "", "contradiction": f"{where} says otherwise"}.get(objection, f"{where} does not say all of this")

    def measure(self, sentence: str, cited: Sequence[int], given: Sequence[int]) -> Measured:
        """Rules broken, and the features of the models. Paragraph numbers must be the report's."""
        evidence = [self._evidence(number) for number in cited]
        where = "paragraph " + " or ".join(map(str, cited))
        fault = self._broken_rule(sentence, evidence, where, Names.of(self._library.at(cited[0] - 1)[0]))
        said = figures(sentence)
        encoding = self._encode(sentence)
        encoding = encoding.keep(content_mask(sentence, encoding))
        importance = importance_of(encoding, said)
        idf = self._library.store.idf
        weights = token_weights(encoding, idf, importance) if importance.any() else importance
        similarity = [e.tokens @ encoding.tokens.T for e in evidence]
        by_sentence = [sentence_matches(e, s) for e, s in zip(evidence, similarity, strict=True)]
        best_sentences = tuple(int((b @ weights).argmax()) for b in by_sentence)
        if not importance.any():
            nothing = f"there is nothing in the sentence that {where} could bear out"
            return Measured(fault or nothing, {}, {}, best_sentences)

        matched = np.max([s.max(axis=0, initial=0) for s in similarity], axis=0)
        others = [n for n in dict.fromkeys(given) if n not in cited and self._known(n)]
        elsewhere = np.array([self._best_matches(n, encoding) for n in others]).reshape(-1, len(weights))
        stems = frozenset().union(*(e.stems for e in evidence))
        words = content_words(sentence, encoding, weights, matched, stems)

        figures_elsewhere = [self._figures(n) for n in others]
        only_here = bool(said) and not any(
            all(any(f.stands_for(g) for g in held) for f in said) for held in figures_elsewhere
        )
        reasons = {"paragraph": f"another paragraph than {where.removeprefix('paragraph ')} says this"}
        features = {
            "paragraph": paragraph_features(
                weights, matched, elsewhere, by_sentence, sentence, stems, [self._stems(n) for n in others]
            )
        }
        features["paragraph"]["figures_only_here"] = float(only_here)
        here, there = (self._vector_matches(numbers, encoding.vector) for numbers in (cited, others))
        features["paragraph"] |= vector_features(here, there)
        features["addition"], worst = addition_features(sentence, words, weights, matched, by_sentence)
        reasons["addition"] = f'"{worst}" is not in {where}'
        features["figure"], worst = figure_features(said, sentence, encoding, weights, evidence, similarity)
        reasons["figure"] = f'in {where}, the figure "{worst}" is of something else'
        features["negation"], features["left_out_negation"], worst = negation_features(
            sentence, encoding, evidence, best_sentences
        )
        said_by = " ".join(self._quote(n, best) for n, best in zip(cited, best_sentences, strict=True))
        features["negation"]["nearer_affirmed"] = self._nearer(affirmed(sentence), sentence, said_by)
        features["left_out_negation"]["nearer_affirmed"] = self._nearer(affirmed(said_by), said_by, sentence)
        reasons["negation"] = f'"{worst}": {where} says the opposite'
        reasons["left_out_negation"] = f"{where} says this with a negation"
        features["quantifier"], worst = quantifier_features(sentence, said, evidence, best_sentences)
        reasons["quantifier"] = f'"{worst}": {where} does not go so far, or says otherwise'
        return Measured(fault, reasons, features, best_sentences)

    def _known(self, number: int) -> bool:
        return 1 <= number <= len(self._library.store)

    def _paragraph(self, number: int) -> Paragraph:
        return self._library.at(number - 1)[1]

    def _nearer(self, changed: Sequence[str], text: str, other: str) -> float:
        """By how much its best change brings a text nearer to another: contrast sets (Gardner et al. 2020)."""
        there = self._encode(other).vector
        cosines = [float(self._encode(one).vector @ there) for one in (text, *changed)]
        return max((cosine - cosines[0] for cosine in cosines[1:]), default=0.0)

    def _broken_rule(self, sentence: str, evidence: list[Evidence], where: str, names: Names) -> str:
        if _CYRILLIC.search(sentence):
            return "it is not in English"
        held = [figure for e in evidence for figure in e.figures]
        for figure in figures(sentence):
            own = _names_cited_paragraph(sentence, figure, evidence)
            if not own and not any(figure.stands_for(other) for other in held):
                return f'the figure "{sentence[figure.start : figure.end].strip()}" is not in {where}'
        name = names.missing(sentence, [e.names for e in evidence])
        return f'the name "{name}" is not in {where}' if name else ""

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


def _with_neighbours(paragraph: Paragraph, sentence: int) -> str:
    around = paragraph.sentences[max(sentence - 1, 0) : sentence + 2]
    return paragraph.text[around[0][0] : around[-1][1]]


def _names_cited_paragraph(sentence: str, figure: Figure, evidence: list[Evidence]) -> bool:
    """ "Paragraph 107 says", "article 24": the number of a cited paragraph or of the article that it is under."""
    before = sentence[: figure.start].rstrip().lower()
    numbers: dict[str, set[int | None]] = {
        "paragraph": {e.paragraph.number for e in evidence},
        "article": {article for e in evidence for article in e.paragraph.section.articles},
    }
    return any(before.endswith(kind) and figure.values[0] in own for kind, own in numbers.items())
