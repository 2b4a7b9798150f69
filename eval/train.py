"""Fit the two logistic models of the answer and write src/crpd_qa/data/answer-models.json.

    python eval/train.py [eval/dev.jsonl]

English questions only: the sentence model learns which sentences hold a wanted fact, the confidence model whether
the first paragraph that is quoted is a right one. Prints what ten-fold cross-validation finds before it writes.
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

from crpd_qa.answer.confidence import confidence_features
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.selection import select_sentences
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.assistant import Assistant
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.retrieve import rank

OUTPUT = Path(__file__).parents[1] / "src" / "crpd_qa" / "data" / "answer-models.json"
ASSERT_COST = 1.0
"""Cost of asserting something about a question that the report does not answer ..."""
DECLINE_COST = 3.0
"""... and of declining one that it answers: the share of those is to stay at about one in twenty."""
FOLDS = 10


def pipeline() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000))


def readable(fitted: Pipeline, names: list[str]) -> LogisticModel:
    """The pipeline as one logistic model over raw features."""
    scaler, regression = fitted[0], fitted[1]
    weights = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - (weights * scaler.mean_).sum())
    return LogisticModel(
        intercept=round(intercept, 4),
        coefficients={name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    )


def out_of_fold(features: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    found = np.zeros(len(labels))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(features, labels, groups):
        found[test] = pipeline().fit(features[train], labels[train]).predict_proba(features[test])[:, 1]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", nargs="?", type=Path, default=Path(__file__).parent / "dev.jsonl")
    path: Path = parser.parse_args().questions
    assistant = Assistant.open()
    index, document = assistant.index, assistant.document
    kinds = {"fact", "describe", "lay", "multi", "none", "attack"}
    questions = [
        q
        for q in read_question_set(path)
        if q.lang == "en" and q.type in kinds and not is_hostile(q.question) and len(q.question) <= 2000
    ]
    rankings = [rank(q.question, index) for q in questions]
    types = [question_type(q.question) for q in questions]

    def holds_fact(question: EvalQuestion, number: int, text: str) -> bool:
        return number in question.right_paragraphs and any(re.search(f, text, re.IGNORECASE) for f in question.facts)

    sentences = [candidate_sentences(r, document, t) for r, t in zip(rankings, types, strict=True)]
    rows = [(g, s) for g, q in enumerate(questions) if q.answerable for s in sentences[g]]
    names = list(rows[0][1].features)
    features = np.array([[s.features[n] for n in names] for _, s in rows])
    labels = np.array([holds_fact(questions[g], s.paragraph.number, s.text) for g, s in rows])
    groups = np.array([g for g, _ in rows])
    found = out_of_fold(features, labels, groups)
    print(f"sentence model: {len(rows)} sentences, {labels.sum()} with a fact, AUROC {roc_auc_score(labels, found):.3f}")
    sentence = readable(pipeline().fit(features, labels), names)

    def right(g: int) -> bool:
        chosen = select_sentences(sentences[g], sentence, types[g], 120)
        return chosen[0].paragraph.number in questions[g].right_paragraphs

    rows2 = [confidence_features(r, index, t) for r, t in zip(rankings, types, strict=True)]
    names2 = list(rows2[0])
    features2 = np.array([[row[n] for n in names2] for row in rows2])
    labels2 = np.array([right(g) for g in range(len(questions))])
    answerable = np.array([q.answerable for q in questions])
    found2 = out_of_fold(features2, labels2, np.arange(len(questions)))
    print(
        f"confidence model: {len(labels2)} questions, {labels2.sum()} right; AUROC right/wrong "
        f"{roc_auc_score(labels2, found2):.3f}, answerable/not {roc_auc_score(answerable, found2):.3f}"
    )
    confidence = readable(pipeline().fit(features2, labels2), names2)
    thresholds = np.round(np.arange(0.02, 0.8, 0.01), 2)
    costs = [
        DECLINE_COST * (found2[answerable] < t).sum() + ASSERT_COST * (found2[~answerable] >= t).sum() for t in thresholds
    ]
    threshold = float(thresholds[int(np.argmin(costs))])
    for t in sorted({0.1, 0.2, 0.3, 0.4, 0.5, threshold}):
        print(
            f"  below {t:.2f}: declines {(found2[answerable] < t).mean():.3f} of answerable, "
            f"{(found2[~answerable] < t).mean():.3f} of unanswerable"
        )
    models = {"sentence": sentence.model_dump(), "confidence": confidence.model_dump(), "threshold": threshold}
    OUTPUT.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")
    print(f"threshold {threshold:.2f}; written to {OUTPUT.name}")


if __name__ == "__main__":
    main()
