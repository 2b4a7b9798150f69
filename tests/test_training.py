"""What is trained goes on from what is packaged, and the package says nearly what was trained."""

from pathlib import Path

import numpy as np
import pytest
import torch

TRAIN = Path(__file__).parents[1] / "train"


@pytest.fixture
def checkpoint(monkeypatch, tmp_path):
    """(an untrained reader of six small layers, folder with its encoder and its checkpoint)"""
    from transformers import MPNetConfig, MPNetModel

    monkeypatch.syspath_prepend(str(TRAIN))
    import reader

    torch.manual_seed(0)
    small = {"hidden_size": 24, "num_attention_heads": 2, "intermediate_size": 48, "num_hidden_layers": 6}
    MPNetModel(MPNetConfig(vocab_size=50, **small)).save_pretrained(tmp_path / "encoder")
    model = reader.Reader(str(tmp_path / "encoder")).eval()
    torch.save({"model": model.state_dict()}, tmp_path / "before.pt")
    return model, tmp_path


def given():
    torch.manual_seed(1)
    ids, attention = torch.randint(4, 50, (2, 9)), torch.ones(2, 9, dtype=torch.long)
    return ids, attention, torch.full((2, 9), 1 / 9), torch.full((2, 3, 9), 1 / 9)


def checkers(folder):
    """(a checker of other weights than the reader's, one of the reader's, what both are given)"""
    from checker import Checker

    made, other = (Checker(str(folder / "encoder"), folder / "before.pt").eval() for _ in range(2))
    for own in made.parameters():  # the exporter writes what is equal once
        torch.nn.init.normal_(own, std=0.2)
    ids, _, _, sentences = given()
    return made, other, (ids, torch.arange(2, 11).expand(2, 9), torch.zeros(2, 9, dtype=torch.long), sentences * 9)


def test_training_goes_on_from_what_the_package_holds(checkpoint):
    import onnx
    from export_checker import NAMES
    from export_reader import quantized
    from packaged import restore

    _, folder = checkpoint
    made, other, row = checkers(folder)
    onnx.save(quantized(made, row, NAMES, ["refuted", "words"]), folder / "checker.onnx")
    restore(other, folder / "checker.onnx", row)
    for (name, own), same in zip(made.state_dict().items(), other.state_dict().values(), strict=True):
        assert (own - same).abs().max() <= own.abs().max() / 127, name


def fed(row):
    from export_reader import NAMES

    return dict(zip(NAMES, (own.numpy() for own in row), strict=True))


@pytest.mark.parametrize("learned_before", [False, True])
def test_the_packaged_reader_learns_more_beside_weights_that_stay(checkpoint, learned_before):
    """Packaged without its outliers, which are the same weights once more."""
    import onnx
    import reader
    from export_reader import NAMES, SAID, quantized
    from low_rank import add_low_rank
    from outliers import keep_outliers
    from tokenizers import Tokenizer, models, pre_tokenizers

    made, folder = checkpoint
    tokenizer = Tokenizer(models.WordLevel({"<pad>": 1, "and": 5, "sentence": 6}, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "encoder" / "tokenizer.json"))
    if learned_before:
        add_low_rank(made.encoder, reader.LOW_RANK_FROZEN_LAYERS, reader.RANK)
    for own in made.parameters():
        torch.nn.init.normal_(own, std=0.2)
    graph = quantized(made, given(), NAMES, SAID)
    keep_outliers(graph, [fed(given())])
    onnx.save(graph, folder / "reader.onnx")
    other = reader.Reader(str(folder / "encoder"), folder)
    learning = [name for name, own in other.encoder.named_parameters() if own.requires_grad]
    assert learning
    assert all(".up." in name or ".down." in name for name in learning)
    restored = other.state_dict()
    for name, own in made.state_dict().items():
        same = (
            restored[name]
            if name in restored
            else restored[name.replace(".weight", ".linear.weight").replace(".bias", ".linear.bias")]
        )
        assert (own - same).abs().max() <= own.abs().max() / 127, name


@pytest.mark.usefixtures("checkpoint")
def test_channels_of_large_values_do_not_spoil_the_others():
    import onnxruntime
    from export_reader import NAMES, quantized
    from outliers import keep_outliers

    class Small(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.pieces, self.states, self.words = (
                torch.nn.Embedding(50, 24),
                torch.nn.LayerNorm(24),
                torch.nn.Linear(24, 2),
            )
            with torch.no_grad():
                self.states.weight[[3, 7]] *= 100
                self.words.weight[:, [3, 7]] /= 100

        def forward(self, ids, attention, question, sentences):  # noqa: ARG002
            return self.words(self.states(self.pieces(ids)))

    def said():
        return onnxruntime.InferenceSession(graph.SerializeToString()).run(None, fed(given()))[0]

    model = Small().eval()
    exact = model(*given()).detach().numpy()
    graph = quantized(model, given(), NAMES, ["words"])
    before = np.abs(said() - exact).max()
    keep_outliers(graph, [fed(given())])
    assert np.abs(said() - exact).max() < before / 4


def test_the_checker_has_the_same_weights_from_new_files_of_the_reader(checkpoint, monkeypatch):
    import export_reader
    import onnx
    import onnxruntime
    from export_checker import NAMES

    monkeypatch.setattr(export_reader, "SHARED", 100)
    _, folder = checkpoint
    made, _, row = checkers(folder)
    graph = export_reader.quantized(made, row, NAMES, ["refuted", "words"])
    feed = dict(zip(NAMES, (own.numpy() for own in row), strict=True))
    right = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, feed)
    whole = graph.ByteSize()
    package = folder / "package"
    package.mkdir()
    matrices = b"".join(own.raw_data for own in graph.graph.initializer if len(own.raw_data) > 500)
    for before in (b"", b"something else stands here now"):
        beside = onnx.load(package / "checker.onnx") if before else graph
        (package / "reader-1.bin").write_bytes(before + matrices)
        (package / "reader.onnx").write_bytes(b"")
        export_reader.save_beside(beside, package)
        assert (package / "checker.onnx").stat().st_size < 0.9 * whole
        assert np.array_equal(onnxruntime.InferenceSession(package / "checker.onnx").run(None, feed)[0], right[0])


@pytest.mark.usefixtures("checkpoint")
def test_a_layer_is_given_256_values_of_each_row_and_the_gradient_passes():
    from packaged import as_in_8_bits

    layer = torch.nn.Linear(50, 1, bias=False)
    torch.nn.init.ones_(layer.weight)
    states = torch.randn(2, 7, 50, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 9.0])[:, None, None]
    exact = layer(states)
    as_in_8_bits(layer)
    states.requires_grad_(True)
    rounded = layer(states)
    rounded.sum().backward()
    assert torch.equal(states.grad, torch.ones_like(states))
    steps = (states.amax((1, 2)) - states.amin((1, 2))) / 255
    assert (rounded - exact).abs().amax((1, 2)).gt(0).all()
    assert (rounded - exact).abs().amax((1, 2)).le(steps * 25 + 1e-4).all()


@pytest.mark.usefixtures("checkpoint")
def test_one_figure_of_a_paragraph_takes_the_place_of_another():
    import random

    from checker import exchanged

    from crpd_qa.documents import Paragraph
    from crpd_qa.documents.model import Section

    text = "There are 34 schools in 19 provinces, and 7 per cent of the pupils are deaf."
    paragraph = Paragraph(label="1", number=1, text=text, section=Section(), sentences=((0, len(text)),))
    claim = exchanged("The country has 34 schools.", paragraph, random.Random(0))
    assert claim.sentence == "The country has 19 schools."
    assert claim.false
    assert [claim.sentence[slice(*span)] for span in claim.words] == ["19"]
    assert exchanged("Pupils are deaf.", paragraph, random.Random(0)) is None
