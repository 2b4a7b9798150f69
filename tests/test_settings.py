from crpd_qa.settings import Settings


def test_a_setting_is_read_from_its_variable(monkeypatch):
    monkeypatch.setenv("CRPD_QA_MAX_ANSWER_WORDS", "60")
    assert Settings().max_answer_words == 60
