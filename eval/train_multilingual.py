"""Fit the models for questions in other languages and write src/crpd_qa/data/answer-models-multilingual.json.

    python eval/train_multilingual.py [SET...]

There are few such questions, so those in English take part: looked for as if they were in another language, by the
glossary's words and the multilingual vectors, and with less weight. Few features for the same reason. Prints what
ten-fold cross-validation finds for the other languages before it writes.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from crpd_qa.answer.confidence import on_topic, paragraph_features, topic_features
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.sentences import candidate_sentences, rate
from crpd_qa.assistant import Assistant
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.language import LANGUAGES
from crpd_qa.retrieve import Query
from crpd_qa.retrieve.multilingual import rank_multilingual
from train import fit as fit_weighted
from train import out_of_fold_logits, readable

OUTPUT = Path(__file__).parents[1] / "src" / "crpd_qa" / "data" / "answer-models-multilingual.json"
DECLINED = 0.065
"""Share of the answerable questions in other languages that is declined, out of fold."""
ENGLISH_WEIGHT = 0.5
WRONG_PARAGRAPH_WEIGHT = 0.25
TOPIC = ("dense", "late", "nearest_question", "off_topic")
PARAGRAPH = (
    "odds",
    "lead_over_second",
    "figure_asked_and_missing",
    "date_asked_and_missing",
    "year_not_in_paragraph",
    *(f"in_{language}" for language in LANGUAGES if language != "en"),
)


def table(rows: list[dict[str, float]], names: tuple[str, ...]) -> np.ndarray:
    return np.array([[row[name] for name in names] for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).parent
    parser.add_argument("sets", nargs="*", type=Path, default=[here / "dev.jsonl", here / "attacks.jsonl"])
    paths: list[Path] = parser.parse_args().sets
    library = Assistant.open().library
    if not library.multilingual:
        parser.error("the library has no multilingual part: pip install 'crpd-qa[multilingual]' and crpd-qa index")
    symbol = library.entries[0].symbol
    questions = [
        q
        for path in paths
        for q in read_question_set(path)
        if q.type != "locate" and not q.history and q.question.strip()
    ]
    queries = [Query(q.question[:2000], language=q.lang) for q in questions]
    rankings = [rank_multilingual(query, library, None) for query in queries]
    types = [question_type(query) for query in queries]
    other = np.array([q.lang != "en" for q in questions])
    attack = np.array([q.type == "attack" for q in questions])
    answerable = np.array([q.answerable for q in questions])
    weight = np.where(other, 1.0, ENGLISH_WEIGHT)

    sentences = [candidate_sentences(r, t) for r, t in zip(rankings, types, strict=True)]
    rows = [(g, s) for g, q in enumerate(questions) if q.answerable for s in sentences[g]]
    names = tuple(rows[0][1].features)
    x = table([s.features for _, s in rows], names)
    y = np.array(
        [
            (symbol, s.paragraph.label) in questions[g].right_paragraphs(symbol)
            and any(re.search(fact, s.text, re.IGNORECASE) for fact in questions[g].facts)
            for g, s in rows
        ]
    )
    groups = np.array([g for g, _ in rows])
    found = out_of_fold_logits(x, y, weight[groups], groups)
    asked_in_other = other[groups]
    auroc = roc_auc_score(y[asked_in_other], found[asked_in_other])
    print(f"sentence model: AUROC {auroc:.3f} ({other.sum()} questions)")
    sentence = readable(fit_weighted(x, y, weight[groups]), list(names))

    topic_x = table([topic_features(r) for r in rankings], TOPIC)
    topical = 1 / (1 + np.exp(-out_of_fold_logits(topic_x, ~attack, weight)))
    print(f"topic model: AUROC {roc_auc_score(~attack, topical):.3f} ({attack.sum()} attacks)")
    topic = readable(fit_weighted(topic_x, ~attack, weight), list(TOPIC))

    rated = [[rate(s, sentence)] for s in sentences]
    features = [paragraph_features(r, t, p) for r, t, p in zip(rankings, types, rated, strict=True)]
    near = ~attack
    x = table(features, PARAGRAPH)[near]
    right = np.array(
        [
            (symbol, p[0][0][1].paragraph.label) in q.right_paragraphs(symbol)
            for p, q in zip(rated, questions, strict=True)
        ]
    )[near]
    counts = weight[near] * np.where(answerable[near] & ~right, WRONG_PARAGRAPH_WEIGHT, 1.0)
    logits = out_of_fold_logits(x, right, counts)
    calibration = LogisticRegression(C=1e6).fit(logits[:, None], right, weight[near])
    slope, shift = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    paragraph = readable(fit_weighted(x, right, counts), list(PARAGRAPH), slope, shift)

    sure = 1 / (1 + np.exp(-(slope * logits + shift))) * np.array([on_topic(p) for p in topical[near]])
    sure, asked, right = sure[other[near]], answerable[other & near], right[other[near]]
    print(f"confidence: AUROC right/wrong {roc_auc_score(right, sure):.3f}", end=", ")
    print(f"answerable/not {roc_auc_score(asked, sure):.3f}")
    threshold = float(np.quantile(sure[asked], DECLINED))
    cost = round(threshold / (1 - threshold), 2)
    print("cost of a wrong answer, threshold: share declined of answerable, of unanswerable")
    for c in sorted({0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 1.0, 2.0, cost}):
        t = c / (1 + c)
        print(f"  {c:4.2f}, {t:.2f}: {(sure[asked] < t).mean():.3f}, {(sure[~asked] < t).mean():.3f}")
    asked_in = np.array([q.lang for q in questions])[other & near]
    t = cost / (1 + cost)
    for language in LANGUAGES[1:]:
        own = asked_in == language
        declined = [f"{(sure[own & kind] < t).mean():.3f} ({(own & kind).sum()})" for kind in (asked, ~asked)]
        print(f"  {language}: {', '.join(declined)}")
    models = AnswerModels(sentence=sentence, topic=topic, paragraph=paragraph, wrong_answer_cost=cost).model_dump()
    OUTPUT.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")
    print(f"cost {cost:.2f}; written to {OUTPUT.name}")


if __name__ == "__main__":
    main()
