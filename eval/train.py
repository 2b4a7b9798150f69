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

from crpd_qa.answer.compose import part_sentences
from crpd_qa.answer.confidence import on_topic, paragraph_features, topic_features
from crpd_qa.answer.hostile import is_hostile
from crpd_qa.answer.models import AnswerModels, LogisticModel
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.selection import select_sentences
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.assistant import Assistant
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.index.lexical import terms
from crpd_qa.retrieve import rank

OUTPUT = Path(__file__).parents[1] / "src" / "crpd_qa" / "data" / "answer-models.json"
DECLINED = 0.04
"""The threshold is set where this share of the answerable questions is declined, out of fold."""
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
    here = Path(__file__).parent
    parser.add_argument("sets", nargs="*", type=Path, default=[here / "dev.jsonl", here / "attacks.jsonl"])
    paths: list[Path] = parser.parse_args().sets
    assistant = Assistant.open()
    index = assistant.index
    kinds = {"fact", "describe", "lay", "multi", "none", "attack"}
    questions = [
        q
        for path in paths
        for q in read_question_set(path)
        if q.lang == "en" and q.type in kinds and not is_hostile(q.question) and terms(q.question)
    ]
    rankings = [rank(q.question[:2000], index) for q in questions]
    types = [question_type(q.question) for q in questions]

    def holds_fact(question: EvalQuestion, number: int, text: str) -> bool:
        return number in question.right_paragraphs and any(re.search(f, text, re.IGNORECASE) for f in question.facts)

    sentences = [candidate_sentences(r, t) for r, t in zip(rankings, types, strict=True)]
    rows = [(g, s) for g, q in enumerate(questions) if q.answerable for s in sentences[g]]
    names = list(rows[0][1].features)
    features = np.array([[s.features[n] for n in names] for _, s in rows])
    labels = np.array([holds_fact(questions[g], s.paragraph.number, s.text) for g, s in rows])
    groups = np.array([g for g, _ in rows])
    found = out_of_fold(features, labels, groups)
    print(
        f"sentence model: {len(rows)} sentences, {labels.sum()} with a fact, AUROC {roc_auc_score(labels, found):.3f}"
    )
    sentence = readable(pipeline().fit(features, labels), names)

    def right(g: int) -> bool:
        chosen = select_sentences(part_sentences(questions[g].question, rankings[g], index), sentence, 120)
        return chosen[0].paragraph.number in questions[g].right_paragraphs

    attack = np.array([q.type == "attack" for q in questions])
    answerable = np.array([q.answerable for q in questions])
    unanswerable = ~answerable & ~attack

    topic_rows = [topic_features(r, index) for r in rankings]
    topic_x = np.array([list(row.values()) for row in topic_rows])
    topical = out_of_fold(topic_x, ~attack, np.arange(len(questions)))
    print(
        f"topic model: {len(questions)} questions, {attack.sum()} attacks, AUROC {roc_auc_score(~attack, topical):.3f}"
    )
    topic = readable(pipeline().fit(topic_x, ~attack), list(topic_rows[0]))

    rows2 = [paragraph_features(r, index, t) for r, t in zip(rankings, types, strict=True)]
    x = np.array([list(row.values()) for row in rows2])
    y = np.array([right(g) for g in range(len(questions))])
    sure = np.ones(len(questions))
    sure[~attack] = out_of_fold(x[~attack], y[~attack], np.arange((~attack).sum()))
    paragraph = readable(pipeline().fit(x[~attack], y[~attack]), list(rows2[0]))
    sure[attack] = [paragraph.probability(rows2[g]) for g in np.flatnonzero(attack)]
    found2 = sure * np.array([on_topic(p) for p in topical])
    print(
        f"confidence: AUROC right/wrong {roc_auc_score(y[~attack], found2[~attack]):.3f}, "
        f"answerable/not {roc_auc_score(answerable[~attack], found2[~attack]):.3f}"
    )
    threshold = round(float(np.quantile(found2[answerable], DECLINED)), 2)
    for t in sorted({0.1, 0.2, 0.3, 0.4, 0.5, threshold}):
        print(
            f"  below {t:.2f}: declines {(found2[answerable] < t).mean():.3f} of answerable, "
            f"{(found2[unanswerable] < t).mean():.3f} of unanswerable, {(found2[attack] < t).mean():.3f} of attacks"
        )
    models = AnswerModels(sentence=sentence, topic=topic, paragraph=paragraph, threshold=threshold).model_dump()
    OUTPUT.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")
    print(f"threshold {threshold:.2f}; written to {OUTPUT.name}")


if __name__ == "__main__":
    main()
