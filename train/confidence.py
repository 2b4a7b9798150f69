"""Fit how sure an answer is that was read, and say how well that tells what documents answer that it never saw.

    python train/confidence.py LIBRARY SET... [--write]

SETs are question sets, each with a `scope` of one document, or else about the bundled report (eval/dev.jsonl); LIBRARY
holds these documents. Each figure is of a model that was fitted without the document that it is judged on. `--write`
puts the model that is fitted on all of them into src/crpd_qa/data/reading-models.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
from general import Asked, given, holds_fact, logits_out_of_fold
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from crpd_qa import Assistant
from crpd_qa.answer.judge import Judged
from crpd_qa.answer.models import LogisticModel, answer_models
from crpd_qa.answer.quick import QuickJudge
from crpd_qa.answer.reading import ReadingJudge, ReadingModels

sys.path.insert(0, str(Path(__file__).parents[1] / "eval"))
from train import WRONG_PARAGRAPH_WEIGHT, fit, readable

OUTPUT = Path(__file__).parents[1] / "src/crpd_qa/data/reading-models.json"
DECLINED = 0.05
"""The cost of a wrong answer is set so that this share of the answerable questions is declined, out of fold."""
NONE = LogisticModel(intercept=0, coefficients={})
UNFITTED = ReadingModels(sentence=NONE, confidence=NONE, wrong_answer_cost=1)


def read(row: Asked, assistant: Assistant) -> Judged:
    """As the assistant does it, with no model of its own yet."""
    assert assistant.reader
    quick = QuickJudge(answer_models(asked=assistant.library.have_questions(row.query.scope)))
    return ReadingJudge(assistant.reader, UNFITTED, quick).judge(row.query, row.ranking)


def fitted_sentences(rows: list[Asked], judged: list[Judged]) -> LogisticModel:
    """Of a sentence's probability to hold a wanted fact."""
    own = [(row, s) for row, j in zip(rows, judged, strict=True) if row.question.answerable for _, s in j.rated]
    names = list(own[0][1].features)
    x = np.array([[s.features[n] for n in names] for _, s in own])
    y = np.array([holds_fact(row, s.paragraph.label, s.text) for row, s in own])
    logits = logits_out_of_fold(x, y, np.array([row.document for row, _ in own]))
    print(f"sentences: {len(own)}, {y.sum()} with a fact, AUROC {roc_auc_score(y, logits):.3f}")
    return readable(fit(x, y), names)


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Mean distance of a bin's confidence from the share of it that is right, weighted by its size."""
    own = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs((sure - right)[own == b].sum()) for b in range(bins)) / len(sure))


def main() -> None:
    assistant, rows, write = given(__doc__)
    judged = [read(row, assistant) for row in tqdm(rows, desc="questions")]
    sentence = fitted_sentences(rows, judged)
    found = [own.features for own in judged]
    names = list(found[0])
    x = np.array([list(own.values()) for own in found])
    right = np.array([(r.document, j.ranking.paragraph(0).label) in r.right for r, j in zip(rows, judged, strict=True)])
    answerable = np.array([row.question.answerable for row in rows])
    attack = np.array([row.question.type == "attack" for row in rows])
    documents = np.array([row.document for row in rows])

    weight = np.where(answerable & ~right, WRONG_PARAGRAPH_WEIGHT, 1.0)
    logits = logits_out_of_fold(x, right, documents, weight)
    calibration = LogisticRegression(C=1e6).fit(logits[:, None], right)
    slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    sure = 1 / (1 + np.exp(-(slope * logits + shift)))
    threshold = float(np.quantile(sure[answerable], DECLINED))
    single = answerable & np.array([row.question.type != "multi" for row in rows])
    for name in [*sorted(set(documents.tolist())), "all"]:
        mine = ~attack & ((documents == name) | (name == "all"))
        declined = sure < threshold
        print(
            f"{name:22} n {mine.sum():4} first right {right[mine & single].mean():.2f} "
            f"AUROC {roc_auc_score(answerable[mine], sure[mine]):.3f} declined: answerable "
            f"{declined[mine & answerable].mean():.3f}, unanswerable {declined[mine & ~answerable].mean():.3f}"
        )
    print(
        f"attacks declined {(sure[attack] < threshold).mean():.3f}; threshold {threshold:.3f}; "
        f"expected calibration error {calibration_error(sure, right):.3f}"
    )
    confidence = readable(fit(x, right, weight), names, slope, shift)
    print(confidence)
    cost = round(threshold / (1 - threshold), 2)
    if write:
        models = ReadingModels(sentence=sentence, confidence=confidence, wrong_answer_cost=cost)
        OUTPUT.write_text(json.dumps(models.model_dump(), indent=2) + "\n", encoding="utf-8")
        print(f"written to {OUTPUT.name}")


if __name__ == "__main__":
    main()
