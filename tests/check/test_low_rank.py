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
    made = Checker(str(folder / "encoder"), str(folder / "before.pt"))
    for name, own in made.named_parameters():
        if own.requires_grad and name.endswith("up.weight"):
            torch.nn.init.normal_(own, std=0.2)
    trained = {name: own.detach() for name, own in made.named_parameters() if own.requires_grad}
    beside = Checker(str(folder / "encoder"), str(folder / "after.pt"))
    beside.load_state_dict(trained, strict=False)
    ids, _, _, sentences = given()
    row = ids, torch.arange(2, 11).expand(2, 9), torch.zeros(2, 9, dtype=torch.long), (sentences > 0).float()
    with torch.no_grad():
        right, wrong = made.eval()(*row)[0], beside.eval()(*row)[0]
        take_out(beside, torch.load(folder / "after.pt")["updates"])
        assert torch.allclose(beside.eval()(*row)[0], right, atol=1e-5)
    assert not torch.allclose(wrong, right, atol=1e-3)
