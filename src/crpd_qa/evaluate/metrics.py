"""Judgements -> figures, each with its count and a bootstrap interval."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, get_args

import numpy as np
from pydantic import BaseModel

from crpd_qa.evaluate.judge import Judgement, Outcome
from crpd_qa.extras import needs_extra

with needs_extra("evaluate", "evaluation"):
    import ir_measures
    from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG
    from scipy.stats import binomtest, rankdata
    from sklearn.calibration import calibration_curve

RETRIEVAL = {"recall@1": Success @ 1, "recall@3": Success @ 3, "recall@5": Success @ 5, "recall@10": Success @ 10,
             "MRR@10": RR @ 10, "nDCG@10": nDCG @ 10}  # fmt: skip
"""recall@k: a right paragraph is among the first k (any alternative's); ir-measures calls it Success."""
RESAMPLES = 1000


class Figure(BaseModel):
    """A mean over `count` questions, with a 95 % interval: a percentile bootstrap's, or that of `wilson`."""

    value: float
    low: float
    high: float
    count: int


Group = dict[str, Figure]


def summarize(judgements: Sequence[Judgement]) -> dict[str, Group]:
    """Figures for all questions and for each type and language: {"all": {"right": Figure, ...}, "type lay": ...}."""
    groups: dict[str, list[Judgement]] = {"all": list(judgements)}
    groups["en"] = [j for j in judgements if j.question.lang == "en"]
    groups["en single paragraph"] = [j for j in groups["en"] if j.question.type in ("fact", "describe", "lay")]
    for kind in dict.fromkeys(j.question.type for j in judgements):
        groups[f"en {kind}"] = [j for j in groups["en"] if j.question.type == kind]
    for lang in dict.fromkeys(j.question.lang for j in judgements):
        if lang != "en":
            groups[lang] = [j for j in judgements if j.question.lang == lang]
    return {name: _figures(group) for name, group in groups.items() if group}


def _figures(group: list[Judgement]) -> Group:
    answerable = [j for j in group if j.question.answerable]
    unanswerable = [j for j in group if not j.question.answerable]
    given = [j for j in group if j.answer.statements]
    values: dict[str, list[float]] = _retrieval(answerable)
    if any(j.question.type == "multi" for j in answerable):
        values["complete@10"] = [float(j.complete_at(10)) for j in answerable]
    values |= {
        "right": [float(j.right) for j in answerable],
        "facts": [float(j.facts) for j in answerable],
        "cited": [float(j.cited) for j in answerable],
        "citation precision": [
            j.citation_precision for j in answerable if j.answer.statements and j.citation_precision is not None
        ],
        "words": [float(j.words) for j in given],
        "verbatim": [float(j.verbatim) for j in given],
        "answerable declined": [float(not j.answer.statements) for j in answerable],
        "unanswerable declined": [float(not j.answer.statements) for j in unanswerable],
    }
    grounded = [j.grounding for j in given if j.grounding]
    values |= {
        "language model": [float(j.answer.mode == "language-model") for j in given] if grounded else [],
        "supported": [g.supported for g in grounded],
        "ALCE recall": [g.citation_recall for g in grounded if g.citation_recall is not None],
        "ALCE precision": [g.citation_precision for g in grounded if g.citation_precision is not None],
        "dropped": [float(g.dropped) for g in grounded],
        "repaired": [float(g.repaired) for g in grounded],
        "asked language": [float(g.asked_language) for g in grounded if g.asked_language is not None],
    }
    figures = {name: bootstrap(np.mean, sample) for name, sample in values.items() if sample}
    if answerable and unanswerable:
        figures["AUROC"] = _auroc(group)
    times = [j.answer.timings_ms.total for j in group]
    figures["ms p50"] = bootstrap(np.median, times)
    figures["ms p95"] = bootstrap(lambda sample, axis: np.percentile(sample, 95, axis=axis), times)
    return figures


def _retrieval(group: list[Judgement]) -> dict[str, list[float]]:
    """Each measure's value for each question."""
    if not group:
        return {}
    # A question's position serves as its id: ids of different files may be the same.
    qrels = [Qrel(str(i), "#".join(n), 1) for i, j in enumerate(group) for n in j.right_paragraphs]
    run = [ScoredDoc(str(i), "#".join(n), -float(rank)) for i, j in enumerate(group) for rank, n in enumerate(j.ranked)]
    found = {measure: {str(i): 0.0 for i in range(len(group))} for measure in RETRIEVAL.values()}
    for metric in ir_measures.iter_calc(list(RETRIEVAL.values()), qrels, run):
        found[metric.measure][metric.query_id] = metric.value
    return {name: list(found[measure].values()) for name, measure in RETRIEVAL.items()}


def bootstrap(statistic: Callable[..., Any], sample: Sequence[float]) -> Figure:
    """The statistic of a sample, with its percentile interval over resamples."""
    data = np.asarray(sample, dtype=float)
    draws = np.random.default_rng(0).integers(0, len(data), size=(RESAMPLES, len(data)))
    low, high = np.percentile(statistic(data[draws], axis=1), [2.5, 97.5])
    return Figure(value=float(statistic(data, axis=0)), low=float(low), high=float(high), count=len(data))


def _auroc(group: list[Judgement]) -> Figure:
    """How well `confidence` tells answerable questions from others, whatever the threshold."""
    labels = np.array([j.question.answerable for j in group])
    scores = np.array([j.answer.confidence for j in group])
    draws = np.random.default_rng(0).integers(0, len(labels), size=(RESAMPLES, len(labels)))
    answerable = labels[draws].sum(axis=1)
    draws = draws[(answerable > 0) & (answerable < len(labels))]
    low, high = np.percentile(_area(labels[draws], scores[draws]), [2.5, 97.5])
    return Figure(value=float(_area(labels, scores)), low=float(low), high=float(high), count=len(labels))


def _area(labels: Any, scores: Any) -> Any:
    """The area under the ROC curve along the last axis: the Mann-Whitney U of the pairs (Fawcett 2006, section 7)."""
    positive = labels.sum(axis=-1)
    ranks = (rankdata(scores, axis=-1) * labels).sum(axis=-1)
    return (ranks - positive * (positive + 1) / 2) / (positive * (labels.shape[-1] - positive))


def wilson(hits: int, count: int) -> Figure:
    """A share, with the interval that is right also where few were asked, or all were right (Wilson 1927)."""
    low, high = binomtest(hits, count).proportion_ci(method="wilson")
    return Figure(value=hits / count, low=low, high=high, count=count)


def outcomes(judgements: Sequence[Judgement]) -> dict[Outcome, Figure]:
    """How large a share came out how."""
    found = [j.outcome for j in judgements]
    return {outcome: wilson(found.count(outcome), len(found)) for outcome in get_args(Outcome)}


def risk_coverage(judgements: Sequence[Judgement]) -> tuple[list[float], list[float]]:
    """(coverage, risk): answering only the most confident share of questions, how many of the answers are wrong.

    El-Yaniv & Wiener 2010. An answer to a question without one is wrong; so is a wrong answer.
    """
    ordered = sorted(judgements, key=lambda j: -j.answer.confidence)
    wrong = np.cumsum([not (j.question.answerable and j.cited) for j in ordered])
    counts = np.arange(1, len(ordered) + 1)
    return (counts / len(ordered)).tolist(), (wrong / counts).tolist()


class Bin(NamedTuple):
    """Answers of about the same confidence: its mean, and the share that rests on a right paragraph."""

    confidence: float
    right: Figure


def reliability(judgements: Sequence[Judgement], bins: int = 10) -> tuple[list[Bin], float]:
    """Bins in the order of their confidence, and the expected calibration error."""
    scores = np.array([j.answer.confidence for j in judgements])
    labels = np.array([_rests_on_right(j) for j in judgements])
    share, mean = calibration_curve(labels, scores, n_bins=bins)
    which = np.clip(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], scores), 0, bins - 1)
    sizes = np.bincount(which, minlength=bins)
    sizes = sizes[sizes > 0]
    error = float(np.sum(np.abs(share - mean) * sizes) / len(scores))
    rights = np.rint(share * sizes).astype(int).tolist()
    return [Bin(*each) for each in zip(mean.tolist(), map(wilson, rights, sizes.tolist()), strict=True)], error


def _rests_on_right(judgement: Judgement) -> bool:
    """What `confidence` is the probability of: the first paragraph is a right one. Declined questions have it too."""
    cited = [(citation.document, citation.label) for citation in judgement.answer.citations]
    return bool({*cited[:1], *(() if cited else judgement.ranked[:1])} & judgement.right_paragraphs)
