from pathlib import Path

from crpd_qa.settings import Settings

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_variable():
    text = DOCS.read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`CRPD_QA_{name.upper()}`" in text


def test_a_setting_is_read_from_its_variable(monkeypatch):
    monkeypatch.setenv("CRPD_QA_MAX_ANSWER_WORDS", "60")
    assert Settings().max_answer_words == 60
