"""A tiny cross-encoder with random weights, made here: what it prefers is chance, that it is followed is not."""

import pytest

from crpd_qa import Assistant
from crpd_qa.errors import ModelError
from crpd_qa.retrieve.reranker import CrossEncoderReranker
from crpd_qa.settings import Settings

QUESTION = "Who pays for a sign language interpreter?"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, document):
    """Folder of a two-layer BERT that scores a question and a text."""
    # Not at the top: every process of a run would import torch to collect its tests.
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = sorted({word for paragraph in document.paragraphs[:60] for word in paragraph.text.lower().split()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words) + 5, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        num_labels=1, initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_paragraphs_stand_in_the_order_of_the_cross_encoder(assistant, tiny):
    from sentence_transformers import CrossEncoder

    plain = assistant.search(QUESTION, 30)
    reranked = Assistant(assistant.library, Settings(reranker=str(tiny))).search(QUESTION, 30)
    model = CrossEncoder(str(tiny), device="cpu")
    scores = model.predict([(QUESTION, assistant.paragraph(p.number).text) for p in plain[:20]])
    expected = [plain[i].number for i in (-scores).argsort(kind="stable")]
    assert [p.number for p in reranked[:20]] == expected != [p.number for p in plain[:20]]
    assert reranked[20:] == plain[20:]
    assert [p.score for p in reranked] == [p.score for p in plain]


def test_the_reranker_reads_the_persons_own_question(assistant, tiny):
    question = "Кто нанимает сурдопереводчика в суде?"
    plain = assistant.search(question, 20)
    found = Assistant(assistant.library, Settings(reranker=str(tiny))).search(question, 20)
    scores = CrossEncoderReranker(str(tiny)).relevance(question, [assistant.paragraph(p.number).text for p in plain])
    assert [p.number for p in found] == [plain[i].number for i in (-scores).argsort(kind="stable")]


def test_answers_stay_exact_under_any_order(assistant, tiny):
    answer = Assistant(assistant.library, Settings(reranker=str(tiny))).ask(QUESTION)
    for citation in answer.citations:
        text = assistant.paragraph(citation.number).text
        assert text[citation.start : citation.end] == citation.quote


def test_a_reranker_that_does_not_exist_is_refused_in_a_line(assistant, tmp_path):
    with pytest.raises(ModelError, match="CRPD_QA_RERANKER"):
        Assistant(assistant.library, Settings(reranker=str(tmp_path / "none")))
