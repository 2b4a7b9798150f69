import pytest

from crpd_qa.batch import read_questions, run_batch


@pytest.fixture(scope="session")
def run(assistant):
    """Answers a file into another."""
    return lambda source, target, **options: run_batch(assistant, read_questions(source), target, **options)
