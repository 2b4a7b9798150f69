"""A quick sample of eval/faults.py: what verification catches must not fall."""

import importlib.util
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from crpd_qa.answer.support import SupportChecker, support_models

PROGRAM = Path(__file__).parents[2] / "eval" / "faults.py"


@pytest.fixture(scope="module")
def shares(assistant):
    """Of each kind, the share that is refused; "" are the true sentences."""
    spec = importlib.util.spec_from_file_location("faults", PROGRAM)
    faults = sys.modules["faults"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(faults)
    checker = SupportChecker(assistant.index)
    hits = defaultdict(list)
    for case in faults.cases(assistant, share=0.12):
        measured = checker.measure(case.text, case.cited, case.given)
        hits[case.kind].append(bool(faults.refused(measured, support_models())))
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
        ("unsupported clause", 0.9),
        ("unsupported sentence", 0.95),
        ("clause of another paragraph", 0.85),
    ],
)
def test_faults_are_caught(shares, kind, least):
    assert shares[kind] >= least


def test_true_sentences_are_kept(shares):
    assert shares[""] <= 0.05
