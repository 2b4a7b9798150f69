"""What the models of support.py look at: whether another paragraph says it better, whether figures are in place."""

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from crpd_qa.answer.figures import Figure
from crpd_qa.answer.names import PreparedText
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Encoding, Floats, Ints
from crpd_qa.store.lexical import terms

NEAR = 4.0
"""Content words at which the weight of a figure's neighbour has fallen to 1/e."""


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


def figure_features(
    said: list[Figure], claim: str, encoding: Encoding, weights: Floats, evidence: list[Evidence],
    similarity: list[Floats],
) -> tuple[dict[str, float], str]:  # fmt: skip
    """Whether each figure's neighbours are its own in the paragraph, rather than another figure's of its kind.

    And whether the figures stand in the paragraph's order, in one sentence of it.
    """
    worst, margin, own_fit, competitors = "", 0.5, 1.0, 0
    # Words that have nothing to do with each other still lie at cosines about 0.3.
    sharp = {id(e): np.clip((s - 0.3) / 0.7, 0, 1) for e, s in zip(evidence, similarity, strict=True)}
    for figure in said:
        nearness = _nearness(figure, claim, encoding.spans)
        near_said = nearness * weights
        if not near_said.sum():
            continue
        near_said = near_said / near_said.sum()
        own, other = [0.0], []
        for e in evidence:
            for g in e.figures:
                if g.kind != figure.kind:
                    continue
                near = _nearness(g, e.paragraph.text, e.spans)
                sentence = np.searchsorted([start for start, _ in e.paragraph.sentences], g.start, side="right") - 1
                near = np.where(e.sentences == sentence, near, near * 0.3)
                reach = np.minimum(near[:, None] / np.maximum(nearness, 1e-3), 1)
                fit = float((sharp[id(e)] * reach).max(axis=0, initial=0) @ near_said)
                if figure.stands_for(g):
                    own.append(fit)
                else:
                    other.append(fit)
        if other and max(own) - max(other) < margin:
            margin = max(own) - max(other)
            own_fit = max(own)
            worst = claim[figure.start : figure.end].strip()
        competitors = max(competitors, len(other))
    return {
        "margin": margin,
        "margin_below_0": min(margin, 0.0),
        "own_fit": own_fit,
        "competitors": float(np.log1p(competitors)),
        **_order(said, evidence),
    }, worst


def _order(said: list[Figure], evidence: list[Evidence]) -> dict[str, float]:
    places = [
        [(e.paragraph.number, g.start) for e in evidence for g in e.figures if g.kind == f.kind and f.stands_for(g)]
        for f in said
    ]
    kept = inverted = False
    for (f, here), (g, there) in combinations(zip(said, places, strict=True), 2):
        if f.kind == g.kind and f.values != g.values:
            before = [start < other for n, start in here for m, other in there if n == m]
            kept = kept or any(before)
            inverted = inverted or (bool(before) and not any(before))
    starts = {e.paragraph.number: [start for start, _ in e.paragraph.sentences] for e in evidence}
    sentences = [{(n, int(np.searchsorted(starts[n], at, side="right"))) for n, at in own} for own in places if own]
    return {
        "inverted": float(inverted),
        "in_order": float(kept and not inverted),
        "scattered": float(bool(sentences) and not set.intersection(*sentences)),
    }


def _nearness(figure: Figure, text: str, spans: Ints) -> Floats:
    """(n_tokens,) 1 beside the figure, less with each word between, and half beyond a comma; 0 for the figure."""
    ends, starts = spans[:, 1], spans[:, 0]
    order = np.arange(len(spans))
    first = int(np.searchsorted(starts, figure.start))
    last = int(np.searchsorted(starts, figure.end))
    distance = np.where(order < first, first - 1 - order, order - last)
    near = np.exp(-distance / NEAR)
    cuts = np.array([m.start() for m in re.finditer(r"[,;:()]|\band\b", text)])
    if len(cuts):
        after = np.searchsorted(cuts, starts) - np.searchsorted(cuts, figure.end)
        before = np.searchsorted(cuts, figure.start) - np.searchsorted(cuts, ends)
        near = near * 0.7 ** np.clip(np.where(order < first, before, after), 0, 8)
    near[first:last] = 0
    return near.astype(np.float32)
