"""What each signal of the ranking is worth: recall of the bundled report's English single-paragraph questions.

    python eval/benchmarks/ranking.py [SET]

Every paragraph is scored, so the figures are the signals' own and not the candidates'.
"""

import argparse
from pathlib import Path

import numpy as np

from crpd_qa import Assistant
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.retrieve import Query, rank

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
    paragraphs = len(assistant.document)
    signals = []
    for question in questions:
        ranking = rank(Query(question.question), assistant.library, minimum=paragraphs)
        table = np.zeros((paragraphs, 4))
        table[ranking.positions] = np.stack([ranking.late, ranking.dense, ranking.asked, ranking.lexical], axis=1)
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
            [best_rank(table @ weights, q.right_paragraphs) for table, q in zip(signals, questions, strict=True)]
        )
        cells = (f"{(ranks[mask] < 1).mean():.2f} / {(ranks[mask] < 5).mean():.2f}" for mask in groups.values())
        print(f"{name:34}" + "".join(cell.rjust(22) for cell in cells))


def best_rank(scores: np.ndarray, right: frozenset[int]) -> int:
    """Rank from 0 of the first right paragraph."""
    order = np.argsort(-scores, kind="stable") + 1
    return int(np.flatnonzero(np.isin(order, list(right)))[0])


if __name__ == "__main__":
    main()
