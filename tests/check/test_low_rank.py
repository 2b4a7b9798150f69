"""Updates that are trained beside a model's weights can be put into them, and taken out again by another model."""

from pathlib import Path

import pytest
import torch

TRAIN = Path(__file__).parents[2] / "train"


@pytest.fixture
def checkpoint(monkeypatch, tmp_path):
    """(folder of an untrained encoder of six small layers, checkpoint of a reader, checkpoint of it with updates)"""
    from transformers import MPNetConfig, MPNetModel

    monkeypatch.syspath_prepend(str(TRAIN))
    import reader
    from low_rank import LowRank, add_low_rank, merged, updates

    torch.manual_seed(0)
    small = {"hidden_size": 24, "num_attention_heads": 2, "intermediate_size": 48, "num_hidden_layers": 6}
    MPNetModel(MPNetConfig(vocab_size=50, **small)).save_pretrained(tmp_path / "encoder")
    model = reader.Reader(str(tmp_path / "encoder"))
    torch.save({"model": model.state_dict()}, tmp_path / "before.pt")
    add_low_rank(model.encoder, reader.LOW_RANK_FROZEN_LAYERS, reader.RANK)
    for module in model.modules():
        if isinstance(module, LowRank):
            torch.nn.init.normal_(module.up.weight, std=0.2)
    torch.save({"model": merged(model), "updates": updates(model)}, tmp_path / "after.pt")
    return model, tmp_path


def given():
    torch.manual_seed(1)
    ids, attention = torch.randint(4, 50, (2, 9)), torch.ones(2, 9, dtype=torch.long)
    return ids, attention, torch.full((2, 9), 1 / 9), torch.full((2, 1, 9), 1 / 9)


def test_a_reader_with_updates_says_what_one_says_into_whose_weights_they_were_put(checkpoint):
    import reader

    model, folder = checkpoint
    plain, before = reader.Reader(str(folder / "encoder")), reader.Reader(str(folder / "encoder"))
    plain.load_state_dict(torch.load(folder / "after.pt")["model"])
    before.load_state_dict(torch.load(folder / "before.pt")["model"])
    with torch.no_grad():
        said, same, other = (own.eval()(*given())[2] for own in (model, plain, before))
    assert torch.allclose(said, same, atol=1e-5)
    assert not torch.allclose(said, other, atol=1e-2)


def test_the_checker_that_was_made_of_the_reader_before_says_the_same_beside_the_one_after(checkpoint):
    from checker import Checker
    from export_checker import take_out

    _, folder = checkpoint
    made = Checker(str(folder / "encoder"), folder / "before.pt")
    for name, own in made.named_parameters():
        if own.requires_grad and name.endswith("up.weight"):
            torch.nn.init.normal_(own, std=0.2)
    trained = {name: own.detach() for name, own in made.named_parameters() if own.requires_grad}
    beside = Checker(str(folder / "encoder"), folder / "after.pt")
    beside.load_state_dict(trained, strict=False)
    ids, _, _, sentences = given()
    row = ids, torch.arange(2, 11).expand(2, 9), torch.zeros(2, 9, dtype=torch.long), (sentences > 0).float()
    with torch.no_grad():
        right, wrong = made.eval()(*row)[0], beside.eval()(*row)[0]
        take_out(beside, torch.load(folder / "after.pt")["updates"])
        assert torch.allclose(beside.eval()(*row)[0], right, atol=1e-5)
    assert not torch.allclose(wrong, right, atol=1e-3)


def test_training_goes_on_from_what_the_package_holds(checkpoint):
    import onnx
    from checker import Checker
    from export_checker import NAMES
    from export_reader import quantized
    from packaged import restore

    _, folder = checkpoint
    made, other = (Checker(str(folder / "encoder"), folder / "before.pt").eval() for _ in range(2))
    for own in made.parameters():  # the exporter writes what is equal once
        torch.nn.init.normal_(own, std=0.2)
    ids, _, _, sentences = given()
    row = ids, torch.arange(2, 11).expand(2, 9), torch.zeros(2, 9, dtype=torch.long), (sentences > 0).float()
    onnx.save(quantized(made, row, NAMES, ["refuted", "words"], ({}, {}, {}, {})), folder / "checker.onnx")
    restore(other, folder / "checker.onnx", row)
    for (name, own), same in zip(made.state_dict().items(), other.state_dict().values(), strict=True):
        assert (own - same).abs().max() <= own.abs().max() / 127, name


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
