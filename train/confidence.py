"""Fit how sure an answer is that was read, and say how well that tells what documents answer that it never saw.

    python train/confidence.py --libraries LIBRARY... --sets SET... [--multilingual] [--write]

SETs are question sets, each with a `scope` of one document, or else about the bundled report (eval/dev.jsonl); each
question is asked of each LIBRARY that holds its document, as in `general.py`. Each figure is of a model that was fitted
without the document that it is judged on, and so is what the quick way is sure of, which counts too. `--write` puts the
model that is fitted on all of them into src/crpd_qa/data/reading-models.json. With `--multilingual`, that of the reader
for other languages (reading-models-multilingual.json).
"""

import json
import sys
from pathlib import Path

import numpy as np
from general import (
    DECLINED,
    DECLINED_UNREAD,
    Asked,
    calibration,
    fitted_without,
    given,
    holds_fact,
    logits_out_of_fold,
    report,
)
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from crpd_qa.answer.judge import Judged
from crpd_qa.answer.models import AnswerModels, LogisticModel, answer_models
from crpd_qa.answer.quick import QuickJudge
from crpd_qa.answer.reading import ReadingJudge, ReadingModels
from crpd_qa.read.reader import Reader

sys.path.insert(0, str(Path(__file__).parents[1] / "eval"))
from train import WRONG_PARAGRAPH_WEIGHT, fit, readable

DATA = Path(__file__).parents[1] / "src/crpd_qa/data"
RETRIEVED, RETRIEVED_MULTILINGUAL = 8.0, 48.0
"""Chosen on documents that the readers were not trained on."""
DECLINED_MULTILINGUAL = 0.13
"""See general.py: less is read right in other languages, so more is declined."""
NONE = LogisticModel(intercept=0, coefficients={})


def read(row: Asked, reader: Reader, quick: AnswerModels, retrieved: float) -> Judged:
    """As the assistant does it, with no model of its own yet."""
    unfitted = ReadingModels(retrieved=retrieved, sentence=NONE, confidence=NONE, wrong_answer_cost=1)
    return ReadingJudge(reader, unfitted, QuickJudge(quick)).judge(row.query, row.ranking)


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
    assistants, rows, options = given(__doc__, follow_ups=True, languages=True)
    multilingual = options.multilingual
    reader = assistants[0].multilingual_reader if multilingual else assistants[0].reader
    assert reader
    unread = DECLINED_UNREAD if multilingual else DECLINED
    without = fitted_without([row for row in rows if row.ranking.asked is None and not row.query.context], unread)
    # Where the quick way is fitted for other languages, questions in English help; most are the other reader's.
    rows = [r for r in rows if r.ranking.library.needs_multilingual(r.query.language, r.query.scope) == multilingual]
    bundled = answer_models(multilingual=multilingual, asked=True)
    retrieved, declined = (RETRIEVED_MULTILINGUAL, DECLINED_MULTILINGUAL) if multilingual else (RETRIEVED, DECLINED)
    quick = [without[row.document] if row.ranking.asked is None else bundled for row in rows]
    judged = [read(r, reader, q, retrieved) for r, q in tqdm(list(zip(rows, quick, strict=True)), desc="questions")]
    sentence = fitted_sentences(rows, judged)
    found = [own.features for own in judged]
    names = list(found[0])
    x = np.array([list(own.values()) for own in found])
    right = np.array([(r.document, j.ranking.paragraph(0).label) in r.right for r, j in zip(rows, judged, strict=True)])
    answerable = np.array([row.question.answerable for row in rows])
    documents = np.array([row.document for row in rows])

    weight = np.where(answerable & ~right, WRONG_PARAGRAPH_WEIGHT, 1.0)
    logits = logits_out_of_fold(x, right, documents, weight)
    slope, shift = calibration(logits, right)
    sure = 1 / (1 + np.exp(-(slope * logits + shift)))
    threshold = float(np.quantile(sure[answerable], declined))
    report(rows, sure, np.full(len(rows), threshold), right)
    print(f"threshold {threshold:.3f}; expected calibration error {calibration_error(sure, right):.3f}")
    confidence = readable(fit(x, right, weight), names, slope, shift)
    print(confidence)
    cost = round(threshold / (1 - threshold), 2)
    if options.write:
        models = ReadingModels(retrieved=retrieved, sentence=sentence, confidence=confidence, wrong_answer_cost=cost)
        output = DATA / f"reading-models{'-multilingual' if multilingual else ''}.json"
        output.write_text(json.dumps(models.model_dump(), indent=2) + "\n", encoding="utf-8")
        print(f"written to {output.name}")


if __name__ == "__main__":
    main()
