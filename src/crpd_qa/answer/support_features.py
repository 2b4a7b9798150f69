"""What the model of support.py looks at: whether another paragraph says it better."""

from dataclasses import dataclass

import numpy as np

from crpd_qa.answer.figures import Figure
from crpd_qa.answer.names import PreparedText
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Encoding, Floats, Ints
from crpd_qa.store.lexical import terms


@dataclass(frozen=True)
class Evidence:
    """A paragraph, made ready for checking."""

    paragraph: Paragraph
    names: PreparedText
    figures: list[Figure]
    stems: frozenset[str]
    tokens: Floats
    """(n_tokens, dim) of the content words; those of its heading come first."""
    spans: Ints
    """(n_tokens, 2) in the text; below 0 in the heading."""
    sentences: Ints
    """(n_tokens,) -1 for the heading."""


def importance_of(encoding: Encoding, said: list[Figure]) -> Floats:
    """Figures are checked by rule: they count nothing here."""
    inside = [(encoding.spans[:, 0] >= f.start) & (encoding.spans[:, 1] <= f.end) for f in said if f.kind != "month"]
    return (
        np.where(np.any(inside, axis=0), 0.0, 1.0).astype(np.float32)
        if inside
        else np.ones(len(encoding.ids), np.float32)
    )


def sentence_matches(evidence: Evidence, similarity: Floats) -> Floats:
    """(n_sentences, n_claim_tokens) best match of each token of the claim."""
    best = np.zeros((len(evidence.paragraph.sentences), similarity.shape[1]), dtype=np.float32)
    kept = evidence.sentences >= 0
    np.maximum.at(best, evidence.sentences[kept], similarity[kept])
    return best


def paragraph_features(
    weights: Floats, matched: Floats, elsewhere: Floats, by_sentence: list[Floats], claim: str,
    stems: frozenset[str], others: list[frozenset[str]],
) -> dict[str, float]:  # fmt: skip
    """Whether another paragraph that was given says it better."""
    mean = float(weights @ matched)
    best = max(float((b @ weights).max()) for b in by_sentence)
    better = float((elsewhere @ weights).max(initial=0))
    gain = float((np.maximum(elsewhere - matched, 0) @ weights).max(initial=0))
    loss = 0.0
    if len(elsewhere):
        loss = float(np.maximum(matched - elsewhere[(elsewhere @ weights).argmax()], 0) @ weights)
    said = set(terms(claim))
    held = len(said & stems) / max(len(said), 1)
    held_elsewhere = max((len(said & other) / max(len(said), 1) for other in others), default=0.0)
    return {
        "match": mean,
        "match_of_sentence": best,
        "margin": mean - better if len(elsewhere) else 0.2,
        "gain_elsewhere": gain,
        "loss_elsewhere": loss,
        "words_found": held,
        "words_found_elsewhere_more": held_elsewhere - held if others else -0.2,
    }


def vector_features(cited: Floats, others: Floats) -> dict[str, float]:
    """Pooled vectors tell paraphrases from other subjects where single words do not (Reimers & Gurevych 2019).

    `cited` and `others` (n, 3): cosines of the claim with whole paragraphs, their sentences, the questions they answer.
    """
    whole, sentence, _ = cited.max(axis=0)
    _, margin, question = cited.max(axis=0) - others.max(axis=0) if len(others) else np.full(3, 0.2)
    return {
        "vector_match": float(whole),
        "sentence_vector_match": float(sentence),
        "sentence_vector_margin": float(margin),
        "question_margin": float(question),
    }
