"""A quick sample of eval/faults.py: what verification catches must not fall."""

import importlib.util
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from crpd_qa import Assistant
from crpd_qa.answer.support import SupportChecker, support_models
from crpd_qa.index import Index
from crpd_qa.settings import settings

PROGRAM = Path(__file__).parents[2] / "eval" / "faults.py"


@pytest.fixture(scope="module")
def shares():
    """Of each kind of fault, and of the true sentences of each source, the share that is refused."""
    spec = importlib.util.spec_from_file_location("faults", PROGRAM)
    faults = sys.modules["faults"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(faults)
    assistant = Assistant(Index.open(settings().index, threads=1))  # two threads for a short text only spin
    checker = SupportChecker(assistant.index)
    hits = defaultdict(list)
    for case in faults.cases(assistant, share=0.1):
        if case.source not in ("ru", "kk"):
            measured = checker.measure(case.text, case.cited, case.given)
            refused = bool(faults.refused(measured, support_models()))
            hits[case.kind or "true"].append(refused)
            if not case.kind:
                hits[f"true: {case.source}"].append(refused)
    return {kind: sum(found) / len(found) for kind, found in hits.items()}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("wrong number", 0.99),
        ("wrong year", 0.99),
        ("wrong percentage", 0.99),
        ("swapped name", 0.96),
        ("wrong paragraph", 0.98),
        ("negation inserted", 0.8),
        ("negation removed", 0.7),
        ("quantifier changed", 0.8),
        ("figures exchanged", 0.65),
        ("figure of the same paragraph", 0.45),
        ("unsupported clause", 0.9),
        ("unsupported sentence", 0.95),
        ("clause of another paragraph", 0.85),
    ],
)
def test_faults_are_caught(shares, kind, least):
    assert shares[kind] >= least


def test_true_sentences_are_kept(shares):
    assert shares["true"] <= 0.03
    assert shares["true: paraphrased"] <= 0.15
