from collections.abc import Callable

import pytest

from crpd_qa import Assistant
from crpd_qa.library import Library
from crpd_qa.settings import Settings, settings


@pytest.fixture
def with_model(assistant: Assistant) -> Callable[..., Assistant]:
    """The same index with a language model: `with_model(address, llm_retries=1)`."""

    def made(address: str, library: Library = assistant.library, **changes: object) -> Assistant:
        given = {
            "llm_base_url": address,
            "llm_model": "scripted",
            "llm_retries": 0,
            "llm_timeout_seconds": 30,
            **changes,
        }
        return Assistant(library, Settings.model_validate(settings().model_dump() | given))

    return made
