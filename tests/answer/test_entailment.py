"""Tiny cross-encoders made here whose heads always say the same: what they say is fixed, that it counts is not."""

import pytest

from crpd_qa import Assistant
from crpd_qa.answer.entailment import EntailmentModel
from crpd_qa.answer.support import SupportChecker
from crpd_qa.errors import SettingsError
from crpd_qa.settings import Settings

TRUE = "In the country, 651,900 persons have a disability."
NLI = ("contradiction", "entailment", "neutral")


@pytest.fixture
def model(tmp_path, document):
    """`model(labels, bias)`: the folder of a two-layer BERT whose logits are the bias, whatever it reads."""
    # Not at the top: every process of a run would import torch to collect its tests.
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    def made(labels, bias):
        words = sorted({word for paragraph in document.paragraphs[:60] for word in paragraph.text.lower().split()})
        (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
        BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
        config = BertConfig(
            vocab_size=len(words) + 5, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=32, id2label=dict(enumerate(labels)), label2id={name: i for i, name in enumerate(labels)},
        )  # fmt: skip
        bert = BertForSequenceClassification(config)
        torch.nn.init.zeros_(bert.classifier.weight)
        bert.classifier.bias.data = torch.tensor(bias)
        bert.save_pretrained(tmp_path)
        return str(tmp_path)

    return made


@pytest.mark.parametrize(
    ("labels", "bias", "told"),
    [
        (NLI, [0.0, 2.0, 1.0], ""),
        (NLI, [2.0, 1.0, 0.0], "paragraph 107 says otherwise"),
        (NLI, [0.0, 1.0, 2.0], "paragraph 107 does not say all of this"),
        (("ENTAILMENT", "not_entailment"), [1.0, 0.0], ""),
        (("ENTAILMENT", "not_entailment"), [0.0, 1.0], "paragraph 107 does not say all of this"),
        (("LABEL_0",), [0.1], ""),
        (("LABEL_0",), [-0.1], "paragraph 107 does not say all of this"),
    ],
)
def test_what_the_model_does_not_find_entailed_is_refused(assistant, model, labels, bias, told):
    verdict = SupportChecker(assistant.library, EntailmentModel(model(labels, bias))).check(TRUE, [107], [107])
    assert (verdict.supported, verdict.reason) == (not told, told)
    assert [citation.number for citation in verdict.citations] == [107]


def test_it_rescues_nothing_that_another_check_refuses(assistant, model):
    checker = SupportChecker(assistant.library, EntailmentModel(model(NLI, [0.0, 9.0, 0.0])))
    for sentence in ("In the country, 412 persons have a disability.", "The weather in the mountains is lovely."):
        assert not checker.check(sentence, [107], [107]).supported


def test_the_text_that_bears_the_sentence_out_best_counts(model, monkeypatch):
    entailment = EntailmentModel(model(NLI, [0.0, 0.0, 0.0]))
    scores = [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]]
    monkeypatch.setattr(entailment._model, "predict", lambda pairs, **_: scores[: len(pairs)])
    assert entailment.objection("a", ["near"]) == "contradiction"
    assert entailment.objection("a", ["near", "whole"]) == ""


def test_a_language_model_s_sentences_are_checked_with_it(assistant, model):
    config = Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="none", support_model=model(NLI, [2.0, 1.0, 0.0]))
    checker = Assistant(assistant.library, config)._composer.support
    assert checker.check(TRUE, [107], [107]).reason == "paragraph 107 says otherwise"


def test_a_model_that_does_not_exist_or_judges_something_else_is_refused_in_a_line(tmp_path, model):
    from transformers import BertConfig, BertModel

    with pytest.raises(SettingsError, match="CRPD_QA_SUPPORT_MODEL"):
        EntailmentModel(str(tmp_path / "none"))
    with pytest.raises(SettingsError, match='none of them "entailment"'):
        EntailmentModel(model(("negative", "positive"), [0.0, 1.0]))
    BertModel(BertConfig.from_pretrained(tmp_path)).save_pretrained(tmp_path)
    with pytest.raises(SettingsError, match="not trained to judge"):
        EntailmentModel(str(tmp_path))
