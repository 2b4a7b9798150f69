"""What each signal of the ranking is worth: recall of the bundled report's English single-paragraph questions.

    python eval/benchmarks/ranking.py [SET]

Every paragraph is scored, so the figures are the signals' own and not the candidates'.
"""

import argparse
from pathlib import Path

import numpy as np

from crpd_qa import Assistant
from crpd_qa.documents import Document
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.retrieve import Query, rank
from crpd_qa.scope import Scope

# (late interaction, paragraph vector, questions it answers, BM25)
VARIANTS = {
    "pooled vectors (FAISS)": (0, 1, 0, 0),
    "BM25": (0, 0, 0, 1),
    "late interaction": (1, 0, 0, 0),
    "late interaction + pooled": (1, 0.5, 0, 0),
    "late interaction + pooled + BM25": (1, 0.5, 0, 0.1),
    "questions answered alone": (0, 0, 1, 0),
    "all four (in use)": (1, 0.5, 1.0, 0.1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", type=Path, default=Path(__file__).parents[1] / "dev.jsonl")
    assistant = Assistant.open()
    kinds = {"fact", "describe", "lay"}
    questions = [q for q in read_question_set(parser.parse_args().set) if q.lang == "en" and q.type in kinds]
    document, paragraphs = assistant.document, len(assistant.document)
    home = Scope.of({"document": document.symbol})
    signals = []
    for question in questions:
        ranking = rank(Query(question.question, scope=home), assistant.library, minimum=paragraphs)
        table = np.zeros((paragraphs, 4))
        asked = np.zeros(len(ranking)) if ranking.asked is None else ranking.asked
        table[ranking.positions] = np.stack([ranking.late, ranking.dense, asked, ranking.lexical], axis=1)
        signals.append(table)

    groups = {
        "all": np.array([True] * len(questions)),
        "everyday words": np.array([q.type == "lay" for q in questions]),
        "start.jsonl's": np.array([q.id[0] in "abcdmnx" for q in questions]),
    }
    print(f"{'ranking':34}" + "".join(f"{name} ({mask.sum()})".rjust(22) for name, mask in groups.items()))
    print(f"{'':34}" + "R@1 / R@5".rjust(22) * len(groups))
    for name, weights in VARIANTS.items():
        ranks = np.array(
            [best_rank(table @ weights, right(q, document)) for table, q in zip(signals, questions, strict=True)]
        )
        cells = (f"{(ranks[mask] < 1).mean():.2f} / {(ranks[mask] < 5).mean():.2f}" for mask in groups.values())
        print(f"{name:34}" + "".join(cell.rjust(22) for cell in cells))


def right(question: EvalQuestion, document: Document) -> list[int]:
    """Positions from 0 of the right paragraphs."""
    labels = {label for _, label in question.right_paragraphs(document.symbol)}
    return [place for place, paragraph in enumerate(document) if paragraph.label in labels]


def best_rank(scores: np.ndarray, right: list[int]) -> int:
    """Rank from 0 of the first right paragraph."""
    order = np.argsort(-scores, kind="stable")
    return int(np.flatnonzero(np.isin(order, right))[0])


if __name__ == "__main__":
    main()
