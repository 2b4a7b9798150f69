"""The real index of the real report, built once for all tests."""

from pathlib import Path

import pytest

from crpd_qa import Assistant
from crpd_qa.documents import Document
from crpd_qa.index.build import build_index, stale_reason
from crpd_qa.settings import settings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def index_folder() -> Path:
    config = settings()
    folder = ROOT / "index" / "CRPD-C-KAZ-1"
    if stale_reason(folder, config.document, config.model):
        build_index(config.document, folder, model_name=config.model, title=config.title)
    return folder


@pytest.fixture(scope="session")
def assistant(index_folder: Path) -> Assistant:
    return Assistant.open(index_folder)


@pytest.fixture(scope="session")
def document(assistant: Assistant) -> Document:
    return assistant.document
