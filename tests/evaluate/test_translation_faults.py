"""The rules on eval/translations.jsonl: what they catch must not fall. Vectors are left out: they take minutes."""

import importlib
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from crpd_qa.answer.translation import TranslationChecker


@pytest.fixture(scope="module")
def shares(assistant):
    """Of each kind, the share that a rule refuses; "" are the true translations."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "eval"))
    program = importlib.import_module("translation_faults")
    checker = TranslationChecker(assistant.document, None)
    hits = defaultdict(list)
    for case in program.cases(assistant.document):
        hits[case.kind].append(bool(checker.compare(case.english, case.text, case.language).fault))
    return {kind: sum(found) / len(found) for kind, found in hits.items()}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("wrong number", 0.99),
        ("wrong year", 0.99),
        ("wrong percentage", 0.99),
        ("swapped name", 0.99),
        ("negation inserted", 0.9),
        ("negation removed", 0.8),
        ("not translated", 1.0),
    ],
)
def test_faults_are_caught(shares, kind, least):
    assert shares[kind] >= least


def test_true_translations_are_kept(shares):
    assert shares[""] <= 0.02
