"""Whether a sentence that a language model wrote is supported by the paragraphs that it cites."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crpd_qa.answer.figures import figures
from crpd_qa.answer.names import Names
from crpd_qa.answer.record import Citation
from crpd_qa.index import Index
from crpd_qa.index.tokens import content_mask
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights

MINIMUM = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is "" if supported; else it says which check failed, in words for a repair prompt."""

    supported: bool
    reason: str
    citations: tuple[Citation, ...]
    """The best supporting sentence of each cited paragraph, verbatim."""


class SupportChecker:
    """Checks sentences against paragraphs of one report."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._names = Names.of(index.document)

    def check(self, sentence: str, cited: Sequence[int], given: Sequence[int]) -> Verdict:
        """Whether the cited paragraphs, which must be among those given, support the sentence."""
        strangers = [number for number in cited if number not in given]
        if strangers or not cited:
            what = f"paragraph {strangers[0]} is not among those given" if strangers else "no paragraph is cited"
            return Verdict(False, what, ())
        paragraphs = [self._index.document.paragraphs[number - 1] for number in cited]
        encoding = self._index.encoder.encode(sentence)
        encoding = encoding.keep(content_mask(sentence, encoding))
        weights = token_weights(encoding, self._index.tokens.idf, np.ones(len(encoding.ids)))
        matches = TokenMatches.of(encoding, self._index.tokens, np.array(cited) - 1)
        citations = []
        for row, paragraph in enumerate(paragraphs):
            best = int((matches.sentences(row, len(paragraph.sentences)) @ weights).argmax())
            start, end = paragraph.sentences[best]
            citations.append(
                Citation(
                    paragraph.number,
                    self._index.document.symbol,
                    paragraph.section.heading,
                    paragraph.text[start:end],
                    start,
                    end,
                )
            )
        where = "paragraph " + " or ".join(map(str, cited))
        held = [figure for p in paragraphs for figure in figures(p.text)]
        for figure in figures(sentence):
            if not any(figure.stands_for(other) for other in held):
                text = sentence[figure.start : figure.end].strip()
                return Verdict(False, f'the figure "{text}" is not in {where}', tuple(citations))
        name = self._names.missing(sentence, [p.text for p in paragraphs])
        if name:
            return Verdict(False, f'the name "{name}" is not in {where}', tuple(citations))
        if float(matches.paragraphs(weights).max(initial=0)) < MINIMUM:
            return Verdict(False, f"{where} does not say this", tuple(citations))
        return Verdict(True, "", tuple(citations))
