"""Fit the models for documents without written questions, and say how they do on documents that they never saw.

    python train/general.py --libraries LIBRARY... --sets SET... [--multilingual] [--write]

SETs are question sets with a `scope` of one document (eval/library/*.jsonl). Each question is asked of each LIBRARY
that holds its document: of one document alone and of a library with many, since what is rare, and how near the nearest
paragraph is, depends on what else is there. Each figure is of models that were fitted without the document that they
are judged on. `--write` puts the models that are fitted on all of them into
src/crpd_qa/data/answer-models-general.json.

With `--multilingual`, those for questions in other languages (answer-models-multilingual-general.json). Questions in
English that ask one thing take part, looked for as if they were in another language.
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
from tqdm import tqdm

from crpd_qa import Assistant
from crpd_qa.answer.confidence import on_topic, paragraph_features, topic_features
from crpd_qa.answer.judge import threshold
from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.parts import question_parts
from crpd_qa.answer.question_type import question_type
from crpd_qa.answer.quick import QuickJudge
from crpd_qa.answer.sentences import candidate_sentences
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.language import LANGUAGES
from crpd_qa.retrieve import Query, Ranking, rank
from crpd_qa.retrieve.multilingual import rank_multilingual
from crpd_qa.scope import Scope
from crpd_qa.store.lexical import terms

sys.path.insert(0, str(Path(__file__).parents[1] / "eval"))
from train import fit, rated_parts, readable

DATA = Path(__file__).parents[1] / "src/crpd_qa/data"
BUNDLED = "CRPD/C/KAZ/1"
KINDS = {"fact", "describe", "lay", "multi", "none"}
DECLINED = 0.045
"""The cost of a wrong answer is set so that this share of the answerable questions is declined, out of fold."""
DECLINED_UNREAD = 0.11
"""The same for other languages, which nobody reads: so half of what is not answered is declined, else a quarter."""
WRONG_PARAGRAPH_WEIGHT = 0.25
"""See eval/train.py."""
ATTACKS_OF_ONE = 20
"""Of a library of one document, of which there are many, one attack in so many is asked."""


@dataclass
class Asked:
    question: EvalQuestion
    query: Query
    ranking: Ranking
    document: str

    @property
    def right(self) -> frozenset[tuple[str, str]]:
        return frozenset().union(*self.question.alternatives(self.document))


def asked(
    assistant: Assistant, paths: list[Path], attacks: list[Path], follow_ups: bool, multilingual: bool = False
) -> list[Asked]:
    """Questions with their rankings, each within its document; attacks in turn within each of these.

    Those in English, or all that the multilingual ranking is to answer.
    """

    def serves(question: EvalQuestion) -> bool:
        one_thing = len(question_parts(question.question)) == 1
        return question.lang != "en" or one_thing if multilingual else question.lang == "en"

    found = []
    held = {entry.symbol for entry in assistant.library.entries}
    for path in paths:
        for question in read_question_set(path):
            own = question.scope.get("document", (BUNDLED,))
            fits = serves(question) and (follow_ups if question.history else question.type in KINDS)
            if fits and len(own) == 1 and own[0] in held:
                found.append(_asked(assistant, question, own[0], multilingual))
    documents = sorted({one.document for one in found})
    every = 1 if len(held) > 1 or BUNDLED in held else ATTACKS_OF_ONE
    for number, question in enumerate(question for path in attacks for question in read_question_set(path)):
        if serves(question) and terms(question.question) and number % every == 0:
            found.append(_asked(assistant, question, documents[number % len(documents)], multilingual))
    return found


def given(
    description: str | None, *, follow_ups: bool = False, languages: bool = False
) -> tuple[list[Assistant], list[Asked], argparse.Namespace]:
    """What the command line says: the libraries opened, their questions asked, and the options."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", nargs="+", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    if languages:
        parser.add_argument("--multilingual", action="store_true")
    parser.set_defaults(multilingual=False)
    arguments = parser.parse_args()
    assistants = [Assistant.open(folder, extract_only=True) for folder in arguments.libraries]
    attacks = [Path(__file__).parents[1] / f"eval/{name}.jsonl" for name in ("attacks", "attacks-languages")]
    rows = [
        row
        for own in tqdm(assistants, desc="libraries")
        for row in asked(own, arguments.sets, attacks, follow_ups, arguments.multilingual)
    ]
    return assistants, rows, arguments


def _asked(assistant: Assistant, question: EvalQuestion, document: str, multilingual: bool) -> Asked:
    library, scope = assistant.library, Scope(document=(document,))
    query = Query(question.question[:2000], " ".join(question.history), question.lang, scope)
    if multilingual:
        ranking = rank_multilingual(query, library, library.store.select(scope)).newest_first()
    else:
        ranking = rank(query, library)
    return Asked(question, query, ranking, document)


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


def fitted(rows: list[Asked], declined: float = DECLINED) -> AnswerModels:
    """The models of the quick way. The cost of a wrong answer is set by what they say of documents left out."""
    attack = np.array([r.question.type == "attack" for r in rows])
    answerable = np.array([r.question.answerable for r in rows])
    documents = np.array([r.document for r in rows])
    types = [question_type(r.query) for r in rows]
    sentences = [
        candidate_sentences(r.ranking, t) if r.question.answerable else [] for r, t in zip(rows, types, strict=True)
    ]
    own = [(r, s) for r, found in zip(rows, sentences, strict=True) for s in found]
    names = list(own[0][1].features)
    x = np.array([[s.features[n] for n in names] for _, s in own])
    y = np.array([holds_fact(r, s.paragraph.label, s.text) for r, s in own])
    sentence = readable(fit(x, y), names)

    parts = [rated_parts(r.query, r.ranking, sentence) for r in rows]
    quoted = np.array([(r.document, p[0][0][1].paragraph.label) in r.right for r, p in zip(rows, parts, strict=True)])
    topic_rows = [topic_features(r.ranking) for r in rows]
    tx = np.array([list(row.values()) for row in topic_rows])
    topic = readable(fit(tx, ~attack), list(topic_rows[0]))
    topical = 1 / (1 + np.exp(-logits_out_of_fold(tx, ~attack, documents)))

    paragraph_rows = [paragraph_features(r.ranking, t, p) for r, t, p in zip(rows, types, parts, strict=True)]
    px = np.array([list(row.values()) for row in paragraph_rows])
    weight = np.where(answerable & ~quoted, WRONG_PARAGRAPH_WEIGHT, 1.0)
    near = ~attack
    logits = logits_out_of_fold(px[near], quoted[near], documents[near], weight[near])
    slope, shift = calibration(logits, quoted[near])
    paragraph = readable(fit(px[near], quoted[near], weight[near]), list(paragraph_rows[0]), slope, shift)
    sure = 1 / (1 + np.exp(-(slope * logits + shift))) * np.array([on_topic(p) for p in topical[near]])
    threshold = float(np.quantile(sure[answerable[near]], declined))
    cost = round(threshold / (1 - threshold), 2)
    return AnswerModels(sentence=sentence, topic=topic, paragraph=paragraph, wrong_answer_cost=cost)


def calibration(logits: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Slope and shift that make a probability of a logit (Platt 1999)."""
    model = LogisticRegression(C=1e6).fit(logits[:, None], right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def fitted_without(rows: list[Asked], declined: float = DECLINED) -> dict[str, AnswerModels]:
    """For each document, the models that were fitted on the others."""
    documents = sorted({row.document for row in rows})
    return {
        own: fitted([row for row in rows if row.document != own], declined) for own in tqdm(documents, desc="left out")
    }


def report(rows: list[Asked], sure: np.ndarray, threshold: np.ndarray, right: np.ndarray) -> None:
    """A line for each document and each kind of library: how well answerable questions are told from others."""
    attack = np.array([r.question.type == "attack" for r in rows])
    answerable = np.array([r.question.answerable for r in rows])
    single = answerable & np.array([r.question.type != "multi" for r in rows])
    alone = np.array([len(r.ranking.library.entries) == 1 for r in rows])
    follow_up = np.array([bool(r.query.context) for r in rows])
    documents = np.array([r.document for r in rows])
    languages = np.array([r.question.lang for r in rows])
    groups = {
        **{name: documents == name for name in sorted(set(documents.tolist()))},
        "each document alone": alone,
        "in a library of many": ~alone,
        "follow-ups": follow_up,
        **{language: languages == language for language in LANGUAGES if language in languages},
        "all": np.ones(len(rows), bool),
    }
    declined = sure < threshold
    for name, group in groups.items():
        mine = group & ~attack
        if len(set(answerable[mine].tolist())) < 2:
            continue
        print(
            f"{name:22} n {mine.sum():4} first right {right[mine & single].mean():.2f} "
            f"AUROC {roc_auc_score(answerable[mine], sure[mine]):.3f} declined: answerable "
            f"{declined[mine & answerable].mean():.3f}, unanswerable {declined[mine & ~answerable].mean():.3f}"
        )
    print(f"attacks declined {declined[attack].mean():.3f}")


def main() -> None:
    _, rows, options = given(__doc__, languages=True)
    declined = DECLINED_UNREAD if options.multilingual else DECLINED
    without = fitted_without(rows, declined)
    judges = [QuickJudge(without[row.document]) for row in rows]
    judged = [judge.judge(row.query, row.ranking) for judge, row in zip(judges, rows, strict=True)]
    sure = np.array([judge.confidence(own) for judge, own in zip(judges, judged, strict=True)])
    quoted = [own.rated[0][1].paragraph.label for own in judged]
    right = np.array([(row.document, label) in row.right for row, label in zip(rows, quoted, strict=True)])
    report(rows, sure, np.array([threshold(judge.wrong_answer_cost) for judge in judges]), right)
    models = fitted(rows, declined)
    print(models)
    if options.write:
        output = DATA / f"answer-models{'-multilingual' if options.multilingual else ''}-general.json"
        output.write_text(json.dumps(models.model_dump(), indent=2) + "\n", encoding="utf-8")
        print(f"written to {output.name}")


if __name__ == "__main__":
    main()
