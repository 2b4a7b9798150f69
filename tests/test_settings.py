import re
from pathlib import Path

from crpd_qa.settings import Settings

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_variable():
    text = DOCS.read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`CRPD_QA_{name.upper()}`" in text


def test_every_variable_that_the_documentation_names_is_a_setting():
    for path in [*DOCS.parent.glob("*.md"), DOCS.parents[1] / "README.md", DOCS.parents[1] / "Containerfile"]:
        for name in re.findall(r"\bCRPD_QA_([A-Z_]+[A-Z])\b(?!\*)", path.read_text("utf-8")):
            assert name.lower() in Settings.model_fields, (path.name, name)


def test_a_setting_is_read_from_its_variable(monkeypatch):
    monkeypatch.setenv("CRPD_QA_MAX_ANSWER_WORDS", "60")
    assert Settings().max_answer_words == 60
