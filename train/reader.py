"""Train the reader: a cross-encoder that says whether a window answers, which sentences are needed, which words.

    python train/reader.py MODEL_FOLDER PAIRS.jsonl OUT_FOLDER [--groups N] [--trained src/crpd_qa/data/reader]

MODEL_FOLDER holds all-mpnet-base-v2, or another encoder with a fast tokenizer; PAIRS.jsonl is written by
train/pairs.py. OUT_FOLDER/reader.pt is written every few minutes and at the end; a run that was killed goes on from it.
With --trained, the packaged reader learns more: its updates of a low rank (see `low_rank.py`) and its heads. What they
stand beside stays as it is, since the checker shares it; of MODEL_FOLDER the configuration and the tokenizer are used.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from loop import train
from low_rank import add_low_rank
from packaged import matrices, restore
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoConfig, AutoModel

from crpd_qa.read.inputs import Inputs, inputs, reader_tokenizer
from crpd_qa.read.windows import Window

BATCH = 16
"""Windows."""
FROZEN_LAYERS = 6
ENCODER_RATE = {768: 4e-5, 384: 1.5e-4}
"""By the size of a state: what is smaller takes larger steps."""
HEAD_RATE = 5e-4
LOW_RANK_FROZEN_LAYERS, RANK = 4, 32
LOW_RANK_RATE, TRAINED_HEAD_RATE = 5e-4, 1e-4
SENTENCES, WORDS, ORDER = 0.7, 0.2, 0.5
"""What the sentences, the words asked for and the order within a group count beside the window's yes or no."""


class Reader(torch.nn.Module):
    """[CLS] beside product, difference and cosine of the mean question with the mean window, or with a mean sentence.

    Mean-pooled parts compared, since a head on [CLS] alone did not begin to learn.
    """

    def __init__(self, folder: str, packaged: Path | None = None) -> None:
        """With the weights of `folder`, or of the package's folder of a reader."""
        super().__init__()
        if packaged:
            config = AutoConfig.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
            self.encoder = AutoModel.from_config(config, add_pooling_layer=False)
        else:
            self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        self.answers = _head(size)
        self.needed = _head(size)
        self.words = torch.nn.Linear(size, 2)
        if packaged:
            graph = packaged / "reader.onnx"
            own = sum(isinstance(module, torch.nn.Linear) for module in self.modules())
            learned_before = matrices(graph) > own
            if learned_before:
                add_low_rank(self.encoder, LOW_RANK_FROZEN_LAYERS, RANK)
            restore(self, graph, sample(reader_tokenizer(f"{folder}/tokenizer.json")))
            if not learned_before:
                add_low_rank(self.encoder, LOW_RANK_FROZEN_LAYERS, RANK)

    def forward(
        self, ids: torch.Tensor, attention: torch.Tensor, question: torch.Tensor, sentences: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(n,) logits that the window answers; (n, S) that each sentence is needed; (n, L, 2) that the words asked for
        begin and end at each token."""
        states = self.encoder(ids, attention_mask=attention).last_hidden_state
        first = states[:, 0]
        asked = torch.einsum("nl,nld->nd", question, states)
        said = torch.einsum("nsl,nld->nsd", sentences, states)
        there = sentences.sum(-1)
        whole = (said * there[..., None]).sum(1) / there.sum(1, keepdim=True).clamp(min=1)
        answers = self.answers(_compared(first, asked, whole))[:, 0]
        most = said.shape[1]
        needed = self.needed(_compared(first[:, None].expand(-1, most, -1), asked[:, None].expand(-1, most, -1), said))[
            ..., 0
        ]
        return answers, needed, self.words(states)


def _head(size: int) -> torch.nn.Sequential:
    return torch.nn.Sequential(torch.nn.Linear(size * 3 + 1, 384), torch.nn.GELU(), torch.nn.Linear(384, 1))


def _compared(first: torch.Tensor, asked: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    cosine = functional.cosine_similarity(asked, said, dim=-1)[..., None] * 4
    return torch.cat([first, asked * said, (asked - said).abs(), cosine], -1)


Group = list[dict[str, Any]]


def loss_of(model: Reader, batch: list[Group], tokenizer: Any) -> torch.Tensor:
    """Of the windows of some groups together."""
    rows = [pair for group in batch for pair in group]
    given = inputs(tokenizer, [(row["question"], window(row)) for row in rows])
    answers, needed, words = model(*tensors(given))
    right = torch.tensor([float(bool(row["needed"])) for row in rows])
    loss = functional.binary_cross_entropy_with_logits(answers, right)

    there = torch.tensor(given.sentences.sum(-1)).round()
    gold = torch.zeros_like(there)
    for i, row in enumerate(rows):
        for column, (number, *_) in enumerate(row["sentences"]):
            gold[i, column] = number in row["needed"]
            if number in row["optional"] and number not in row["needed"]:
                there[i, column] = 0
    each = functional.binary_cross_entropy_with_logits(needed, gold, reduction="none") * there
    loss = loss + SENTENCES * (each.sum(1) / there.sum(1).clamp(min=1)).mean()

    start = 0
    ordered = []
    for group in batch:
        own = answers[start : start + len(group)]
        yes = right[start : start + len(group)] > 0
        if yes.any() and not yes.all():
            ordered.append(functional.softplus(own[~yes][None] - own[yes][:, None]).mean())
        start += len(group)
    if ordered:
        loss = loss + ORDER * torch.stack(ordered).mean()

    spans = [(i, span) for i, row in enumerate(rows) if (span := tokens_of(given, i, row["words"]))]
    if spans:
        logits = words[[i for i, _ in spans]]
        outside = torch.tensor(given.offsets[[i for i, _ in spans], :, 1] == 0)
        logits = logits.masked_fill(outside[..., None], -1e4)
        for end in (0, 1):
            target = torch.tensor([span[end] for _, span in spans])
            loss = loss + WORDS / 2 * functional.cross_entropy(logits[..., end], target)
    return loss


def sample(tokenizer: Tokenizer) -> tuple[torch.Tensor, ...]:
    """Of what the reader reads, to export it by."""
    one = Window("Health. One sentence. Another one.", ((0, 8, 21), (1, 22, 34)))
    two = Window("Health. One longer sentence of words. Another one.", ((0, 8, 37), (1, 38, 50)))
    return tensors(inputs(tokenizer, [("What is said?", one), ("And why?", two)]))


def window(row: dict[str, Any]) -> Window:
    return Window(row["text"], tuple((number, start, end) for number, start, end in row["sentences"]))


def tensors(given: Inputs) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(a) for a in (given.ids, given.attention, given.question, given.sentences))


def tokens_of(given: Inputs, row: int, words: list[int] | None) -> tuple[int, int] | None:
    """First and last token of [start, end) in a window's text; None where they are not there or cut off."""
    if not words:
        return None
    offsets = given.offsets[row]
    held = np.flatnonzero((offsets[:, 0] < words[1]) & (offsets[:, 1] > words[0]))
    return (int(held[0]), int(held[-1])) if len(held) else None


def batches_of(groups: list[Group], chance: random.Random) -> list[list[Group]]:
    """Groups of like length together, so that little is padded; batches in any order."""
    chance.shuffle(groups)
    found: list[list[Group]] = []
    for at in range(0, len(groups), 320):
        last: list[Group] = []
        for group in sorted(groups[at : at + 320], key=lambda g: max(len(p["text"]) for p in g)):
            if last and sum(len(g) for g in last) + len(group) > BATCH:
                found.append(last)
                last = []
            last.append(group)
        found.append(last)
    chance.shuffle(found)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--groups", type=int, default=10**9, help="train on so many groups, drawn by chance")
    parser.add_argument("--trained", type=Path, help="folder of a packaged reader, which learns more")
    given = parser.parse_args()
    chance = random.Random(0)
    torch.manual_seed(0)
    groups: list[Group] = [json.loads(line)["pairs"] for line in given.pairs.read_text("utf-8").splitlines()]
    chance.shuffle(groups)
    batches = batches_of(groups[: given.groups], chance)
    tokenizer = reader_tokenizer(f"{given.model}/tokenizer.json")
    model = Reader(given.model, given.trained)
    if not given.trained:
        for module in (model.encoder.embeddings, *model.encoder.encoder.layer[:FROZEN_LAYERS]):
            module.requires_grad_(False)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    encoder = [p for name, p in trained.items() if name.startswith("encoder.")]
    heads = [p for name, p in trained.items() if not name.startswith("encoder.")]
    rates = (
        (LOW_RANK_RATE, TRAINED_HEAD_RATE)
        if given.trained
        else (ENCODER_RATE[model.encoder.config.hidden_size], HEAD_RATE)
    )
    train(
        model,
        [{"params": own, "lr": rate} for own, rate in zip((encoder, heads), rates, strict=True)],
        batches,
        len(batches),
        lambda batch: loss_of(model, batch, tokenizer),
        given.output / "reader.pt",
        lambda: {"model": {name: p.detach() for name, p in trained.items()} if given.trained else model.state_dict()},
    )


if __name__ == "__main__":
    main()
