"""Tiny models made here that always say the same: what they say is fixed, that it counts is not."""

import json
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from crpd_qa import Assistant
from crpd_qa.answer.entailment import GRAPHS, EntailmentModel
from crpd_qa.answer.support import SupportChecker
from crpd_qa.errors import SettingsError
from crpd_qa.settings import Settings

TRUE = "In the country, 651,900 persons have a disability."
NLI = ("contradiction", "entailment", "neutral")
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
PLACES = 30
LAST = 99
SAYINGS = [
    (NLI, [0.0, 2.0, 1.0], ""),
    (NLI, [2.0, 1.0, 0.0], "paragraph 107 says otherwise"),
    (NLI, [0.0, 1.0, 2.0], "paragraph 107 does not say all of this"),
    (("ENTAILMENT", "not_entailment"), [1.0, 0.0], ""),
    (("ENTAILMENT", "not_entailment"), [0.0, 1.0], "paragraph 107 does not say all of this"),
    (("hallucinated", "Consistent"), [0.0, 1.0], ""),
    (("unsupported", "supported"), [1.0, 0.0], "paragraph 107 does not say all of this"),
    (("LABEL_0", "LABEL_1"), [0.0, 1.0], ""),
    (("LABEL_0", "LABEL_1"), [1.0, 0.0], "paragraph 107 does not say all of this"),
    (("LABEL_0",), [0.1], ""),
    (("LABEL_0",), [-0.1], "paragraph 107 does not say all of this"),
]


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


@pytest.fixture
def onnx_model(tmp_path):
    """`onnx_model(labels, bias)`: the folder of a graph whose logits are the bias, or are made by `nodes`."""
    from onnx import TensorProto, helper, save

    def made(labels, bias, *, graph="model.onnx", inputs=INPUTS, length="length", nodes=None):
        folder = tmp_path / "onnx-model"
        (folder / graph).parent.mkdir(parents=True)
        built = helper.make_graph(
            nodes or [helper.make_node("Identity", ["bias"], ["logits"])],
            "judge",
            [helper.make_tensor_value_info(name, TensorProto.INT64, [1, length]) for name in inputs],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, None)],
            [helper.make_tensor("bias", TensorProto.FLOAT, [1, len(bias)], bias)],
        )
        opset = helper.make_opsetid("", 17)
        save(helper.make_model(built, opset_imports=[opset], ir_version=9), str(folder / graph))
        config = {"id2label": dict(enumerate(labels)), "max_position_embeddings": PLACES + 2}
        (folder / "config.json").write_text(json.dumps(config))
        words = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "word": 4, "last": LAST}
        tokenizer = Tokenizer(models.WordLevel(words, "[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        tokenizer.save(str(folder / "tokenizer.json"))
        return str(folder)

    return made


@pytest.mark.parametrize(("labels", "bias", "told"), SAYINGS)
@pytest.mark.parametrize("kind", ["model", "onnx_model"])
def test_what_the_model_does_not_find_entailed_is_refused(assistant, request, kind, labels, bias, told):
    entailment = EntailmentModel(request.getfixturevalue(kind)(labels, bias))
    verdict = SupportChecker(assistant.library, entailment).check(TRUE, [107], [107])
    assert (verdict.supported, verdict.reason) == (not told, told)
    assert [citation.number for citation in verdict.citations] == [107]


def test_it_rescues_nothing_that_another_check_refuses(assistant, model):
    checker = SupportChecker(assistant.library, EntailmentModel(model(NLI, [0.0, 9.0, 0.0])))
    for sentence in ("In the country, 412 persons have a disability.", "The weather in the mountains is lovely."):
        assert not checker.check(sentence, [107], [107]).supported


def test_the_text_that_bears_the_sentence_out_best_counts(model, monkeypatch):
    entailment = EntailmentModel(model(NLI, [0.0, 0.0, 0.0]))
    scores = [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]]
    monkeypatch.setattr(entailment._model._model, "predict", lambda pairs, **_: scores[: len(pairs)])
    assert entailment.objection("a", ["near"]) == "contradiction"
    assert entailment.objection("a", ["near", "whole"]) == ""


def test_a_language_model_s_sentences_are_checked_with_it(assistant, model):
    config = Settings(llm_base_url="http://127.0.0.1:9/v1", llm_model="none", support_model=model(NLI, [2.0, 1.0, 0.0]))
    checker = Assistant(assistant.library, config)._composer.support
    assert checker.check(TRUE, [107], [107]).reason == "paragraph 107 says otherwise"


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_folder_with_a_graph_takes_no_torch_and_what_the_graph_names(onnx_model, monkeypatch, graph):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    entailment = EntailmentModel(onnx_model(NLI, [2.0, 1.0, 0.0], graph=graph, inputs=["input_ids"]))
    assert entailment.objection("word", ["word"]) == "contradiction"


@pytest.mark.parametrize("length", ["any", PLACES])
def test_a_long_text_is_cut_but_not_the_sentence(onnx_model, length):
    from onnx import helper

    # Its one score is above 0 where it reads at most 30 tokens and the word "last" is one of them.
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["shape"], start=1),
        helper.make_node("Cast", ["shape"], ["tokens"], to=1),
        helper.make_node("Constant", [], ["most"], value_float=PLACES + 0.5),
        helper.make_node("Sub", ["most", "tokens"], ["short"]),
        helper.make_node("Cast", ["input_ids"], ["words"], to=1),
        helper.make_node("ReduceMax", ["words"], ["largest"], axes=[1], keepdims=1),
        helper.make_node("Add", ["largest", "bias"], ["whole"]),
        helper.make_node("Min", ["short", "whole"], ["logits"]),
    ]
    entailment = EntailmentModel(onnx_model(["score"], [0.5 - LAST], nodes=nodes, length=length))
    room = PLACES - 3  # [CLS] and two [SEP]
    for text in ("word", "word " * 200):
        assert entailment.objection("word last", [text]) == ""
        assert entailment.objection("word", [text]) == "neutral"
        assert entailment.objection("word " * (room - 2) + "last", [text]) == ""
        assert entailment.objection("word " * (room - 1) + "last", [text]) == "neutral"


def test_of_a_graph_s_folder_what_is_missing_or_broken_is_named(onnx_model):
    folder = Path(onnx_model(NLI, [0.0, 0.0, 0.0]))
    for file, problem in (("model.onnx", "cannot be read"), ("tokenizer.json", "cannot"), ("config.json", "cannot")):
        kept = (folder / file).read_bytes()
        (folder / file).write_text("{")
        with pytest.raises(SettingsError, match=f"has a {file} that {problem}") as refused:
            EntailmentModel(str(folder))
        assert "\n" not in str(refused.value)
        (folder / file).write_bytes(kept)
    for file in ("tokenizer.json", "config.json"):
        kept = (folder / file).read_bytes()
        (folder / file).unlink()
        with pytest.raises(SettingsError, match=f"has an ONNX graph but no {file}"):
            EntailmentModel(str(folder))
        (folder / file).write_bytes(kept)


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ({"labels": NLI, "bias": [0.0, 1.0]}, r"3 labels in config.json, and gives scores of shape \(2,\)"),
        ({"labels": NLI, "bias": [0.0, 1.0, 2.0], "inputs": ["position_ids"]}, "position_ids"),
        ({"labels": ("LABEL_0", "LABEL_1", "LABEL_2"), "bias": [0.0, 1.0, 2.0]}, "not exactly one"),
        ({"labels": ("supported", "consistent"), "bias": [0.0, 1.0]}, "not exactly one"),
    ],
)
def test_a_graph_that_cannot_be_understood_is_refused_in_a_line(onnx_model, made, problem):
    with pytest.raises(SettingsError, match=problem):
        EntailmentModel(onnx_model(**made))


def test_code_that_comes_with_a_model_is_never_run(tmp_path):
    (tmp_path / "code.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w')")
    config = {"model_type": "HHEMv2", "auto_map": {"AutoConfig": "code.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(SettingsError, match="cannot be loaded"):
        EntailmentModel(str(tmp_path))
    assert not (tmp_path / "was-run").exists()


def test_a_model_that_does_not_exist_or_judges_something_else_is_refused_in_a_line(tmp_path, model):
    from transformers import BertConfig, BertModel

    with pytest.raises(SettingsError, match="CRPD_QA_SUPPORT_MODEL"):
        EntailmentModel(str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="negative, positive, of which not exactly one"):
        EntailmentModel(model(("negative", "positive"), [0.0, 1.0]))
    BertModel(BertConfig.from_pretrained(tmp_path)).save_pretrained(tmp_path)
    with pytest.raises(SettingsError, match="not trained to judge"):
        EntailmentModel(str(tmp_path))
