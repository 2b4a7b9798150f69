"""Fit the models for documents without written questions, and say how they do on documents that they never saw.

    python train/general.py LIBRARY SET... [--write]

SETs are question sets with a `scope` of one document (eval/library/*.jsonl); LIBRARY holds these documents. Each figure
is of models that were fitted without the document that they are judged on. `--write` puts the models that are fitted
on all of them into src/crpd_qa/data/answer-models-general.json.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from crpd_qa import Assistant
from crpd_qa.answer.confidence import on_topic, paragraph_features, topic_features
from crpd_qa.answer.models import AnswerModels, LogisticModel
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.retrieve import Query, Ranking, rank
from crpd_qa.scope import Scope
from crpd_qa.store.lexical import terms

sys.path.insert(0, str(Path(__file__).parents[1] / "eval"))
from train import fit, rated_parts, readable

OUTPUT = Path(__file__).parents[1] / "src/crpd_qa/data/answer-models-general.json"
BUNDLED = "CRPD/C/KAZ/1"
KINDS = {"fact", "describe", "lay", "multi", "none"}
DECLINED = 0.05
"""The cost of a wrong answer is set so that this share of the answerable questions is declined, out of fold."""
WRONG_PARAGRAPH_WEIGHT = 0.25
"""See eval/train.py."""


@dataclass
class Asked:
    question: EvalQuestion
    query: Query
    ranking: Ranking
    document: str

    @property
    def right(self) -> frozenset[tuple[str, str]]:
        return frozenset().union(*self.question.alternatives(self.document))


def asked(assistant: Assistant, paths: list[Path], attacks: Path) -> list[Asked]:
    """English questions with their rankings, each within its document; attacks in turn within each of these."""
    found = []
    for path in paths:
        for question in read_question_set(path):
            own = question.scope.get("document", (BUNDLED,))
            if question.lang == "en" and question.type in KINDS and len(own) == 1 and not question.history:
                found.append(_asked(assistant, question, own[0]))
    documents = sorted({one.document for one in found})
    for number, question in enumerate(read_question_set(attacks)):
        if question.lang == "en" and terms(question.question):
            found.append(_asked(assistant, question, documents[number % len(documents)]))
    return found


def given(description: str | None) -> tuple[Assistant, list[Asked], bool]:
    """What the command line names: the library opened, its questions asked, whether to write what is fitted."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    assistant = Assistant.open(arguments.library, extract_only=True)
    rows = asked(assistant, arguments.sets, Path(__file__).parents[1] / "eval/attacks.jsonl")
    return assistant, rows, arguments.write


def _asked(assistant: Assistant, question: EvalQuestion, document: str) -> Asked:
    query = Query(question.question[:2000], scope=Scope(document=(document,)))
    return Asked(question, query, rank(query, assistant.library), document)


def holds_fact(row: Asked, label: str, text: str) -> bool:
    """Whether a sentence of a paragraph states a fact that is asked for."""
    inside = (row.document, label) in row.right
    return inside and any(re.search(f, text, re.IGNORECASE) for f in row.question.facts)


def folds(groups: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(GroupKFold(len(set(groups.tolist()))).split(groups, groups=groups))


def logits_out_of_fold(
    x: np.ndarray, y: np.ndarray, groups: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """The logit of each row by a model that saw nothing of its document."""
    weight = np.ones(len(y)) if weight is None else weight
    found = np.zeros(len(y))
    for train, test in folds(groups):
        found[test] = fit(x[train], y[train], weight[train]).decision_function(x[test])
    return found


def main() -> None:
    _, rows, write = given(__doc__)
    attack = np.array([r.question.type == "attack" for r in rows])
    answerable = np.array([r.question.answerable for r in rows])
    documents = np.array([r.document for r in rows])
    types = [question_type(r.query) for r in rows]
    first = np.array([(r.document, r.ranking.paragraph(0).label) in r.right for r in rows])
    single = answerable & np.array([r.question.type != "multi" for r in rows])
    five = np.array([bool({(p.document, p.label) for p in r.ranking.passages(5)} & r.right) for r in rows])
    print(f"{len(rows)} questions; single paragraph R@1 {first[single].mean():.3f} R@5 {five[single].mean():.3f}")

    sentences = [candidate_sentences(r.ranking, t) for r, t in zip(rows, types, strict=True)]
    own = [(g, s) for g, r in enumerate(rows) if r.question.answerable for s in sentences[g]]
    names = list(own[0][1].features)
    x = np.array([[s.features[n] for n in names] for _, s in own])

    y = np.array([holds_fact(rows[g], s.paragraph.label, s.text) for g, s in own])
    groups = np.array([rows[g].document for g, _ in own])
    logits = logits_out_of_fold(x, y, groups)
    print(f"sentences: {len(own)}, {y.sum()} with a fact, AUROC {roc_auc_score(y, logits):.3f}")
    sentence = readable(fit(x, y), names)

    parts = [rated_parts(r.query, r.ranking, sentence) for r in rows]
    quoted = np.array([(r.document, p[0][0][1].paragraph.label) in r.right for r, p in zip(rows, parts, strict=True)])

    topic_rows = [topic_features(r.ranking) for r in rows]
    tx = np.array([list(row.values()) for row in topic_rows])
    topical = 1 / (1 + np.exp(-logits_out_of_fold(tx, ~attack, documents)))
    print(f"topic: {attack.sum()} attacks, AUROC {roc_auc_score(~attack, topical):.3f}")
    topic = readable(fit(tx, ~attack), list(topic_rows[0]))

    paragraph_rows = [paragraph_features(r.ranking, t, p) for r, t, p in zip(rows, types, parts, strict=True)]
    px = np.array([list(row.values()) for row in paragraph_rows])
    weight = np.where(answerable & ~quoted, WRONG_PARAGRAPH_WEIGHT, 1.0)
    near = ~attack
    logits = np.zeros(len(rows))
    logits[near] = logits_out_of_fold(px[near], quoted[near], documents[near], weight[near])
    calibration = LogisticRegression(C=1e6).fit(logits[near, None], quoted[near])
    slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    paragraph = readable(fit(px[near], quoted[near], weight[near]), list(paragraph_rows[0]), slope, shift)
    logits[attack] = _logits(paragraph, paragraph_rows, np.flatnonzero(attack), slope, shift)
    sure = 1 / (1 + np.exp(-(slope * logits + shift))) * np.array([on_topic(p) for p in topical])
    threshold = float(np.quantile(sure[answerable], DECLINED))
    for name in [*sorted(set(documents.tolist())), "all"]:
        mine = near if name == "all" else near & (documents == name)
        auroc = roc_auc_score(answerable[mine], sure[mine])
        declined = (sure < threshold)[mine]
        print(
            f"{name:22} n {mine.sum():4} R@1 {first[mine & single].mean():.2f} AUROC {auroc:.3f} declined: answerable "
            f"{declined[answerable[mine]].mean():.3f}, unanswerable {declined[~answerable[mine]].mean():.3f}"
        )
    print(f"attacks declined {(sure[attack] < threshold).mean():.3f}; threshold {threshold:.3f}")
    cost = round(threshold / (1 - threshold), 2)
    models = AnswerModels(sentence=sentence, topic=topic, paragraph=paragraph, wrong_answer_cost=cost)
    if write:
        OUTPUT.write_text(json.dumps(models.model_dump(), indent=2) + "\n", encoding="utf-8")
        print(f"written to {OUTPUT.name}")


def _logits(
    model: LogisticModel, rows: list[dict[str, float]], places: np.ndarray, slope: float, shift: float
) -> np.ndarray:
    """Of rows that the model was not fitted on, before calibration."""
    found = np.array([model.intercept + sum(w * rows[g][n] for n, w in model.coefficients.items()) for g in places])
    return (found - shift) / slope


if __name__ == "__main__":
    main()
