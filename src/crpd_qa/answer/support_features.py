"""What the models of support.py look at: how a sentence differs from the paragraphs that it cites."""

import re
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from crpd_qa.answer.figures import Figure
from crpd_qa.answer.names import PreparedText
from crpd_qa.answer.polarity import (
    NEGATION,
    OPPOSITE_BOUND,
    QUANTIFIERS,
    WEAK_NEGATION,
    bound_of,
    unmet_quantifiers,
)
from crpd_qa.documents import Paragraph
from crpd_qa.encode import Encoding, Floats, Ints
from crpd_qa.store.lexical import terms

_CLAUSE = re.compile(
    r"[,;:()–—]|\b(?:and|but|which|who|because|so that|while|although|whereas|therefore|thus|thanks to|since|when)\b"
)
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


def _sentence(paragraph: Paragraph, number: int) -> str:
    start, end = paragraph.sentences[number]
    return paragraph.text[start:end]


@dataclass(frozen=True, slots=True)
class _Word:
    """A content word of the claim: how rare it is, and how well it is matched."""

    start: int
    end: int
    weight: float
    match: float
    found: bool


def content_words(
    claim: str, encoding: Encoding, weights: Floats, matched: Floats, stems: frozenset[str]
) -> list[_Word]:
    """The claim's content words without its figures."""
    words: list[_Word] = []
    for match in re.finditer(r"\w[\w’'-]*", claim):
        inside = (encoding.spans[:, 0] >= match.start()) & (encoding.spans[:, 1] <= match.end()) & (weights > 0)
        if inside.any():
            found = stems.issuperset(terms(match[0]))
            weight = float(weights[inside].max())
            words.append(_Word(*match.span(), weight, float(matched[inside].mean()), found))
    return words or [_Word(0, len(claim), 1.0, float(weights @ matched), True)]


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


def addition_features(
    claim: str, words: list[_Word], weights: Floats, matched: Floats, by_sentence: list[Floats]
) -> tuple[dict[str, float], str]:
    """How badly the worst part of the claim is matched."""
    weight = np.array([w.weight for w in words])
    score = np.array([max(w.match, 0.8 if w.found else 0.0) for w in words])
    missing = weight * (1 - score)
    windows = {
        size: min(
            (float((score[i : i + size] @ weight[i : i + size]) / weight[i : i + size].sum()), i)
            for i in range(max(len(words) - size, 0) + 1)
        )
        for size in (3, 5)
    }
    cuts = [0, *(m.start() for m in _CLAUSE.finditer(claim)), len(claim)]
    clauses = []
    for start, end in pairwise(cuts):
        inside = [i for i, w in enumerate(words) if start <= w.start < end]
        if len(inside) >= 2:
            clauses.append((float(score[inside] @ weight[inside] / weight[inside].sum()), inside))
    worst_clause = min(clauses, default=(windows[5][0], list(range(len(words)))))
    start = windows[3][1]
    worst = claim[words[start].start : words[min(start + 2, len(words) - 1)].end]
    unfound = np.array([not w.found for w in words])
    runs, run = [0.0], 0.0
    for w in words:
        run = 0.0 if w.found else run + (1 - w.match)
        runs.append(run)
    features = {
        "match": float(weights @ matched),
        "match_of_sentence": max(float((b @ weights).max()) for b in by_sentence),
        "worst_three": windows[3][0],
        "worst_five": windows[5][0],
        "worst_clause": worst_clause[0],
        "worst_word": float(score.min()),
        "missing": float(missing.sum() / weight.sum()),
        "unfound": float(weight[unfound].sum() / weight.sum()),
        "unmatched_words": float(np.maximum(0.6 - score, 0).sum()),
        "longest_run": max(runs),
    }
    return features, worst


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


def negation_features(
    claim: str, encoding: Encoding, evidence: list[Evidence], best: tuple[int, ...]
) -> tuple[dict[str, float], dict[str, float], str]:
    """Negations of the claim that its best sentences lack near the same words, and the other way about."""
    said = _scopes(NEGATION, claim, 0, len(claim), encoding.tokens, encoding.spans)
    said_weakly = _scopes(WEAK_NEGATION, claim, 0, len(claim), encoding.tokens, encoding.spans)
    held, in_paragraph, weakly = [], [], []
    for e, sentence in zip(evidence, best, strict=True):
        text = e.paragraph.text
        inside = e.sentences == sentence
        held += _scopes(NEGATION, text, *e.paragraph.sentences[sentence], e.tokens[inside], e.spans[inside])
        in_paragraph += _scopes(NEGATION, text, 0, len(text), e.tokens, e.spans)
        weakly += _scopes(WEAK_NEGATION, text, 0, len(text), e.tokens, e.spans)
    added, added_beside, removed, removed_beside, worst = 0.0, 0.0, 0.0, 0.0, ""
    windows = _windows(encoding.tokens)
    for (m, scope), alone in zip(said, _one_to_one(said, in_paragraph), strict=True):
        if alone > added:
            added, worst = alone, claim[m.start() : m.end() + 25]
            added_beside = min(alone, _apart(scope, weakly))
    for (_, scope), apart in zip(held, _one_to_one(held, said), strict=True):
        alone = float((windows @ scope).max(initial=0)) * apart
        if alone > removed:
            removed, removed_beside = alone, min(alone, _apart(scope, said_weakly))
    insertion = {
        "added": added,
        "added_beside_weak": added_beside,
        "more": float(len(said) > max(len(held), len(in_paragraph))),
        "odd_difference": float(max(len(said) - len(held), 0) % 2),
    }
    omission = {
        "removed": removed,
        "removed_beside_weak": removed_beside,
        "fewer": float(len(said) < len(held)),
        "none": float(bool(held) and not said),
        "none_even_weak": float(bool(held) and not said and not said_weakly),
        "odd_difference": float(max(len(held) - len(said), 0) % 2),
    }
    return insertion, omission, worst


def quantifier_features(
    claim: str, said: list[Figure], evidence: list[Evidence], best: tuple[int, ...]
) -> tuple[dict[str, float], str]:
    """All, only, some, at least, more: those of the claim that its best sentences do not bear out."""
    text = " ".join(_sentence(e.paragraph, n) for e, n in zip(evidence, best, strict=True))
    added, replaced = unmet_quantifiers(claim, text)
    bounds = [
        claim[max(0, f.start - 20) : f.end]
        for f in said
        for e in evidence
        for g in e.figures
        if f.stands_for(g)
        and bound_of(e.paragraph.text, g.start, g.end) in OPPOSITE_BOUND.get(bound_of(claim, f.start, f.end), set())
    ]
    worst = next(iter([*bounds, *added.values()]), "")
    return {
        **{kind: float(kind in added) for kind in QUANTIFIERS},
        "replaced": float(bool(added) and replaced),
        "opposite_bound": float(bool(bounds)),
    }, worst


def _scopes(
    pattern: re.Pattern[str], text: str, start: int, end: int, tokens: Floats, spans: Ints
) -> list[tuple[re.Match[str], Floats]]:
    found: list[tuple[re.Match[str], Floats]] = []
    for match in pattern.finditer(text, start, end):
        # "Neither ... nor" is one negation.
        if not (found and match[0].lower() == "nor" and found[-1][0][0].lower() == "neither"):
            found.append((match, _scope(match, tokens, spans)))
    return found


def _one_to_one(some: list[tuple[re.Match[str], Floats]], others: list[tuple[re.Match[str], Floats]]) -> list[float]:
    """1 - the cosine of each of some scopes with its own partner among the others; 1 for those left without."""
    apart = [1.0] * len(some)
    pairs = sorted(
        ((float(a @ b), i, j) for i, (_, a) in enumerate(some) for j, (_, b) in enumerate(others)), reverse=True
    )
    free, left = set(range(len(some))), set(range(len(others)))
    for cosine, i, j in pairs:
        if i in free and j in left:
            apart[i] = 1 - cosine
            free.remove(i)
            left.remove(j)
    return apart


def _windows(tokens: Floats) -> Floats:
    """(n, dim) unit means of five neighbouring words."""
    sums = np.cumsum(np.vstack([np.zeros_like(tokens[:1]), tokens]), axis=0)
    ends = np.arange(min(5, len(tokens)), len(tokens) + 1)
    means = sums[ends] - sums[np.maximum(ends - 5, 0)]
    unit: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    return unit


def _apart(scope: Floats, others: list[tuple[re.Match[str], Floats]]) -> float:
    """1 - the cosine with the nearest of some scopes."""
    return 1 - max((float(scope @ other) for _, other in others), default=0.0)


def _scope(match: re.Match[str], tokens: Floats, spans: Ints) -> Floats:
    """(dim,) unit mean of the content words that a negation bears on: two before it and three after."""
    if not len(tokens):
        return np.zeros(tokens.shape[1], dtype=np.float32)
    after = int(np.searchsorted(spans[:, 0], match.end()))
    mean: Floats = tokens[max(after - 2, 0) : after + 3].sum(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-6)
