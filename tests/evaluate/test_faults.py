"""A quick sample of eval/faults.py: what verification catches must not fall."""

import importlib.util
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from crpd_qa.answer.support import SupportChecker

PROGRAM = Path(__file__).parents[2] / "eval" / "faults.py"


@pytest.fixture(scope="module")
def faults():
    spec = importlib.util.spec_from_file_location("faults", PROGRAM)
    module = sys.modules["faults"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checked(faults):
    """The assistant and a checker."""
    assistant = faults.open_assistant()
    return assistant, SupportChecker(assistant.library)


@pytest.fixture(scope="module")
def shares(faults, checked):
    """Of each kind, the share that is refused; "" are the true sentences."""
    assistant, checker = checked
    hits = defaultdict(list)
    for case in faults.cases(assistant, share=0.06):
        hits[case.kind].append(not checker.check(case.text, case.cited, case.given).supported)
    return {kind: sum(found) / len(found) for kind, found in hits.items()}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("wrong number", 0.99),
        ("wrong year", 0.99),
        ("wrong percentage", 0.99),
        ("swapped name", 0.9),
        ("wrong paragraph", 0.98),
        ("negation inserted", 0.8),
        ("quantifier changed", 0.75),
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
    assert shares[""] <= 0.05


def test_most_true_paraphrases_are_kept(faults, checked):
    assistant, checker = checked
    true = [case for case in faults.true_sentences(assistant.document) if case.source == "paraphrased"]
    assert len(true) > 200
    verdicts = [
        checker.check(case.text, case.cited, faults.with_neighbours(case, assistant).given).supported for case in true
    ]
    assert verdicts.count(False) / len(verdicts) <= 0.1
