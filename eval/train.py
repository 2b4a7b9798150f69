"""Fit the three logistic models of the answer and write src/crpd_qa/data/answer-models.json.

    python eval/train.py [SET...]

English only. The sentence model learns which sentences hold a wanted fact; the topic model tells questions about
the report's subject from attacks; the paragraph model learns whether the first paragraph that is quoted is a right
one, which for a question without an answer it is not. Prints what ten-fold cross-validation finds before it writes.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from crpd_qa.answer.compose import part_rankings
from crpd_qa.answer.confidence import on_topic, paragraph_features, topic_features
from crpd_qa.answer.models import AnswerModels, LogisticModel
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.sentences import Rated, candidate_sentences, rate
from crpd_qa.assistant import Assistant
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.retrieve import Query, Ranking, locate, rank
from crpd_qa.store.lexical import terms

OUTPUT = Path(__file__).parents[1] / "src" / "crpd_qa" / "data" / "answer-models.json"
DECLINED = 0.045
"""The cost of a wrong answer is set so that this share of the answerable questions is declined, out of fold."""
WRONG_PARAGRAPH_WEIGHT = 0.25
"""What an answerable question counts whose first paragraph is a wrong one: the paragraph model is to tell first of all
questions that the report answers from those that it does not. It is calibrated on all alike afterwards."""
FOLDS = 10


def fit(features: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000))
    return model.fit(features, labels, logisticregression__sample_weight=weight)


def readable(fitted: Pipeline, names: list[str], slope: float = 1.0, shift: float = 0.0) -> LogisticModel:
    """The pipeline as one logistic model over raw features; its logit times `slope` plus `shift` (Platt 1999)."""
    scaler, regression = fitted[0], fitted[1]
    weights = slope * regression.coef_[0] / scaler.scale_
    intercept = slope * regression.intercept_[0] + shift - (weights * scaler.mean_).sum()
    return LogisticModel(
        intercept=round(float(intercept), 4),
        coefficients={name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    )


def out_of_fold_logits(
    features: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None, groups: np.ndarray | None = None
) -> np.ndarray:
    """The logit of each row by a model that was fitted without it (nor its group)."""
    weight = np.ones(len(labels)) if weight is None else weight
    groups = np.arange(len(labels)) if groups is None else groups
    found = np.zeros(len(labels))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(features, labels, groups):
        found[test] = fit(features[train], labels[train], weight[train]).decision_function(features[test])
    return found


def rated_parts(query: Query, ranking: Ranking, sentence: LogisticModel) -> list[Rated]:
    """The rated sentences of each part of a question."""
    parts = part_rankings(query, ranking) or [(query, ranking)]
    return [rate(candidate_sentences(own, question_type(part)), sentence) for part, own in parts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).parent
    parser.add_argument("sets", nargs="*", type=Path, default=[here / "dev.jsonl", here / "attacks.jsonl"])
    paths: list[Path] = parser.parse_args().sets
    assistant = Assistant.open()
    library, symbol = assistant.library, assistant.document.symbol
    kinds = {"fact", "describe", "lay", "multi", "followup", "none", "attack"}
    questions = [
        q
        for path in paths
        for q in read_question_set(path)
        if q.lang == "en" and q.type in kinds and terms(q.question)
        if not locate(assistant.resolve(q.question, q.history).text, assistant.document)
    ]
    queries = [assistant.resolve(q.question[:2000], q.history) for q in questions]
    rankings = [rank(query, library) for query in queries]
    types = [question_type(query) for query in queries]

    def holds_fact(question: EvalQuestion, label: str, text: str) -> bool:
        right = question.right_paragraphs(symbol)
        return (symbol, label) in right and any(re.search(f, text, re.IGNORECASE) for f in question.facts)

    sentences = [candidate_sentences(r, t) for r, t in zip(rankings, types, strict=True)]
    rows = [(g, s) for g, q in enumerate(questions) if q.answerable for s in sentences[g]]
    names = list(rows[0][1].features)
    features = np.array([[s.features[n] for n in names] for _, s in rows])
    labels = np.array([holds_fact(questions[g], s.paragraph.label, s.text) for g, s in rows])
    groups = np.array([g for g, _ in rows])
    found = out_of_fold_logits(features, labels, groups=groups)
    print(
        f"sentence model: {len(rows)} sentences, {labels.sum()} with a fact, AUROC {roc_auc_score(labels, found):.3f}"
    )
    sentence = readable(fit(features, labels), names)

    parts = [rated_parts(q, r, sentence) for q, r in zip(queries, rankings, strict=True)]

    def right(g: int) -> bool:
        return (symbol, parts[g][0][0][1].paragraph.label) in questions[g].right_paragraphs(symbol)

    attack = np.array([q.type == "attack" for q in questions])
    answerable = np.array([q.answerable for q in questions])
    unanswerable = ~answerable & ~attack

    topic_rows = [topic_features(r) for r in rankings]
    topic_x = np.array([list(row.values()) for row in topic_rows])
    topical = 1 / (1 + np.exp(-out_of_fold_logits(topic_x, ~attack)))
    print(
        f"topic model: {len(questions)} questions, {attack.sum()} attacks, AUROC {roc_auc_score(~attack, topical):.3f}"
    )
    topic = readable(fit(topic_x, ~attack), list(topic_rows[0]))

    rows2 = [paragraph_features(*row) for row in zip(rankings, types, parts, strict=True)]
    x = np.array([list(row.values()) for row in rows2])
    y = np.array([right(g) for g in range(len(questions))])
    weight = np.where(answerable & ~y, WRONG_PARAGRAPH_WEIGHT, 1.0)
    near = ~attack
    logits = np.zeros(len(questions))
    logits[near] = out_of_fold_logits(x[near], y[near], weight[near])
    calibration = LogisticRegression(C=1e6).fit(logits[near, None], y[near])
    slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    paragraph = readable(fit(x[near], y[near], weight[near]), list(rows2[0]), slope, shift)
    sure = 1 / (1 + np.exp(-(slope * logits + shift)))
    sure[attack] = [paragraph.probability(rows2[g]) for g in np.flatnonzero(attack)]
    found2 = sure * np.array([on_topic(p) for p in topical])
    print(
        f"confidence: AUROC right/wrong {roc_auc_score(y[~attack], found2[~attack]):.3f}, "
        f"answerable/not {roc_auc_score(answerable[~attack], found2[~attack]):.3f}"
    )
    threshold = float(np.quantile(found2[answerable], DECLINED))
    cost = round(threshold / (1 - threshold), 2)
    print("cost of a wrong answer, threshold: share declined of answerable, of unanswerable, of attacks")
    for c in sorted({0.1, 0.25, 0.5, 1.0, 2.0, 4.0, cost}):
        t = c / (1 + c)
        shares = [float((found2[group] < t).mean()) for group in (answerable, unanswerable, attack)]
        print(f"  {c:4.2f}, {t:.2f}: " + ", ".join(f"{share:.3f}" for share in shares))
    models = AnswerModels(sentence=sentence, topic=topic, paragraph=paragraph, wrong_answer_cost=cost).model_dump()
    OUTPUT.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")
    print(f"cost {cost:.2f}; written to {OUTPUT.name}")


if __name__ == "__main__":
    main()
