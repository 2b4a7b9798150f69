"""Train the checker: a cross-encoder that says whether a paragraph bears a sentence out, and which words it does not.

    python train/checker.py MODEL_FOLDER READER DOCUMENTS train/claims OUT_FOLDER [--steps N]

It is the reader with low-rank updates of its upper layers (LoRA, Hu et al. 2021) and heads of its own, so that the two
share their weights. READER is a checkpoint of train/reader.py, or the package's folder of both: then the checker there
learns more. train/claims/SYMBOL.jsonl holds true sentences of paragraphs and the same with one mistake
(MiniCheck, Tang et al. 2024); DOCUMENTS is a folder of the documents. OUT_FOLDER/checker.pt is written every few
minutes and at the end; a run that was killed goes on from it.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import torch
from loop import train
from low_rank import add_low_rank
from packaged import as_in_8_bits, restore
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from tqdm import tqdm
from transformers import AutoConfig, AutoModel
from written import read_lines

from crpd_qa.answer.figures import figures
from crpd_qa.check.evidence import Inputs, checker_tokenizer, evidence, inputs
from crpd_qa.documents import Document, Paragraph, read_document
from crpd_qa.errors import DocumentError
from crpd_qa.languages.states import state_name
from crpd_qa.store.lexical import terms

BATCH = 16
"""Sentences."""
FROZEN_LAYERS, RANK = 4, 48
RATE, TRAINED_RATE = 8e-4, 5e-4
WORDS, ORDER = 2.0, 0.5
"""What the words and the order within a group count beside the sentence's yes or no."""
ELSEWHERE, TAKEN_OUT = 0.12, 0.12
"""Shares of true sentences that are also read beside another paragraph, or beside theirs without what bears them out:
mistakes of both directions, as in MiniCheck."""
EXCHANGED = 0.5
"""Share of the sentences with a figure that are also read with another figure of their paragraph."""
COPIED, COPIED_WORDS = 0.5, range(6, 40)
"""Share of lines beside which a sentence of the document's own is read, and how long it may be."""
ALIKE = 0.4
"""A paragraph that holds so large a share of a sentence's words may bear it out too."""

SAMPLE = [("Some text.", ["Is said.", "And this."]), ("A longer text of words.", ["One."])]
"""Of what the checker reads, to export it by."""

_WORD = re.compile(r"\w[\w.,’'-]*")


class Checker(nn.Module):
    """Logits that a sentence is not borne out: one of all of it, and one of each of its words, the highest of which
    counts too."""

    def __init__(self, folder: str, reader: Path) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.encoder = AutoModel.from_config(config, add_pooling_layer=False)
        if reader.is_file():
            state = torch.load(reader)["model"]
            prefix = "encoder."
            self.encoder.load_state_dict(
                {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix) and "pooler" not in k}
            )
        add_low_rank(self.encoder, FROZEN_LAYERS, RANK)
        size = self.encoder.config.hidden_size
        self.whole = nn.Sequential(nn.Linear(size * 3, 256), nn.GELU(), nn.Linear(256, 1))
        self.each = nn.Sequential(nn.Linear(size, 128), nn.GELU(), nn.Linear(128, 1))
        if reader.is_dir():
            restore(
                self, reader / "checker.onnx", tensors(inputs(checker_tokenizer(f"{folder}/tokenizer.json"), SAMPLE))
            )

    def forward(
        self, ids: torch.Tensor, positions: torch.Tensor, block: torch.Tensor, sentences: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, S) of each sentence, (n, L) of each of its words. Shapes as in `Inputs`."""
        encoder = self.encoder.encoder
        apart = positions[:, None, :] - positions[:, :, None]
        bias = encoder.relative_attention_bias(encoder.relative_position_bucket(apart)).permute(0, 3, 1, 2)
        seen = (block[:, None, :] == 0) | (block[:, None, :] == block[:, :, None])
        bias = bias + torch.where(seen, 0.0, -1e4)[:, None]
        states = self.encoder.embeddings(ids, position_ids=positions)
        for layer in encoder.layer:
            states = layer(states, position_bias=bias)[0]
        first = sentences * (sentences.cumsum(-1) == 1)
        begin = torch.einsum("nsl,nld->nsd", first, states)
        there = sentences.sum(-1, keepdim=True).clamp(min=1)
        said = torch.einsum("nsl,nld->nsd", sentences, states) / there
        beside = (block == 0).to(states.dtype)
        held = (states * beside[..., None]).sum(1, keepdim=True) / beside.sum(1)[:, None, None]
        each = self.each(states)[..., 0]
        most = (each[:, None] * sentences - 30 * (1 - sentences)).amax(-1)
        return self.whole(torch.cat([begin, said * held, (said - held).abs()], -1))[..., 0] + most, each


@dataclass(frozen=True)
class Claim:
    """`words` are [start, end) of what is wrong; None where nobody knows which words."""

    sentence: str
    false: bool
    words: tuple[tuple[int, int], ...] | None


Group = tuple[str, list[Claim]]
"""Evidence, and sentences beside it."""


def claims_of(folder: Path, documents: Path) -> list[tuple[Document, dict[str, Any]]]:
    """Every line of every file, with its document. Exits where a document is not there or is read otherwise now."""
    read = {d.symbol: d for path in tqdm(sorted(documents.iterdir()), "documents") if (d := _document(path))}
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        symbol = json.loads(path.read_text("utf-8").partition("\n")[0])["document"]
        document = read.get(symbol) or sys.exit(f"{documents} does not hold {symbol}")
        found += [(document, row) for row in read_lines(path, document)]
    return found


def _document(path: Path) -> Document | None:
    try:
        return read_document(path)
    except DocumentError:
        return None


def groups_of(document: Document, row: dict[str, Any], chance: random.Random) -> Iterator[Group]:
    """Of one line, drawn anew each time: its sentences beside their paragraph, and at times true ones elsewhere."""
    paragraph = document.paragraph(str(row["p"]))
    assert paragraph
    beside = partial(evidence, state=state_name(document.state, "en"))
    claims = [Claim(sentence, False, ()) for sentence in row["true"]]
    claims += [Claim(said, True, changed(row["true"][origin], said)) for _, origin, said in row["false"]]
    claims += [
        other for said in row["true"] if chance.random() < EXCHANGED and (other := exchanged(said, paragraph, chance))
    ]
    by_evidence: dict[str, list[Claim]] = {}
    for claim in claims:
        by_evidence.setdefault(beside([paragraph], claim.sentence), []).append(claim)
    if chance.random() < COPIED:
        start, end = chance.choice(paragraph.sentences)
        verbatim = paragraph.text[start:end]
        if len(verbatim.split()) in COPIED_WORDS:
            by_evidence.setdefault(beside([paragraph], verbatim), []).extend(copied(verbatim, document, chance))
    for sentence in row["true"]:
        elsewhere = [
            chance.random() < TAKEN_OUT and without(paragraph, {n - 1 for n in row["s"]}),
            chance.random() < ELSEWHERE and near(document, paragraph, sentence, chance),
        ]
        for other in filter(None, elsewhere):
            by_evidence.setdefault(beside([other], sentence), []).append(Claim(sentence, True, None))
    yield from by_evidence.items()


def copied(verbatim: str, document: Document, chance: random.Random) -> list[Claim]:
    """A sentence of the document's own, and the same with a word put in the place of one: comparing words is learned
    from these first, before what words mean together."""
    words = list(_WORD.finditer(verbatim))
    old = chance.choice(words)
    others = _WORD.findall(chance.choice(document.paragraphs).text)
    new = chance.choice([w for w in others if w[0].isupper() == old[0][0].isupper() and w != old[0]] or ["not"])
    end = old.start() + len(new)
    false = verbatim[: old.start()] + new + verbatim[old.end() :]
    return [Claim(verbatim, False, ()), Claim(false, True, ((old.start(), end),))]


def exchanged(sentence: str, paragraph: Paragraph, chance: random.Random) -> Claim | None:
    """The sentence with another figure of the paragraph in the place of one of its own, if both have several."""
    said, held = figures(sentence), figures(paragraph.text)
    pairs = [
        (old, new)
        for old in said
        for new in held
        if old.kind == new.kind and not any(new.stands_for(own) for own in said)
    ]
    if not pairs:
        return None
    old, new = chance.choice(pairs)
    written = paragraph.text[new.start : new.end].strip()
    false = sentence[: old.start] + written + sentence[old.end :]
    return Claim(false, True, ((old.start, old.start + len(written)),))


def changed(true: str, false: str) -> tuple[tuple[int, int], ...]:
    """[start, end) in the false sentence of the words that it has otherwise; where words were left out, of those
    around the place."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(false)]
    said = [false[start:end] for start, end in words]
    found = []
    for kind, _, _, first, last in SequenceMatcher(None, _WORD.findall(true), said, autojunk=False).get_opcodes():
        if kind == "delete":
            first, last = max(first - 1, 0), min(last + 1, len(words))
        if kind != "equal" and first < last:
            found.append((words[first][0], words[last - 1][1]))
    return tuple(found)


def without(paragraph: Paragraph, left_out: set[int]) -> Paragraph | None:
    """The paragraph as if it did not have these sentences, by number from 0; None if it has no others."""
    rest = tuple(span for n, span in enumerate(paragraph.sentences) if n not in left_out)
    return replace(paragraph, sentences=rest) if rest else None


def near(document: Document, paragraph: Paragraph, sentence: str, chance: random.Random) -> Paragraph | None:
    """One of the four other paragraphs that hold most of a sentence's words, yet too few to say the same."""
    said = set(terms(sentence))
    shared = [(len(said & set(terms(p.text))) / max(len(said), 1), p) for p in document.paragraphs if p != paragraph]
    close = sorted((one for one in shared if one[0] < ALIKE), key=lambda one: -one[0])[:4]
    return chance.choice(close)[1] if close else None


def batches(rows: list[tuple[Document, dict[str, Any]]], chance: random.Random) -> Iterator[list[Group]]:
    """Groups of like length together, so that little is padded; endless."""
    while True:
        chance.shuffle(rows)
        for at in range(0, len(rows), 64):
            groups = [group for row in rows[at : at + 64] for group in groups_of(*row, chance)]
            ready: list[list[Group]] = [[]]
            for group in sorted(groups, key=lambda g: len(g[0]) + sum(len(claim.sentence) for claim in g[1])):
                if sum(len(claims) for _, claims in ready[-1]) >= BATCH:
                    ready.append([])
                ready[-1].append(group)
            chance.shuffle(ready)
            yield from ready


def loss_of(model: Checker, batch: list[Group], tokenizer: Tokenizer) -> torch.Tensor:
    """Of the sentences, of their words, and of the order of true and false ones beside the same evidence."""
    given = inputs(tokenizer, [(text, [claim.sentence for claim in claims]) for text, claims in batch])
    whole, each = model(*tensors(given))
    places = [(row, n) for row, (_, claims) in enumerate(batch) for n in range(len(claims))]
    claims = [batch[row][1][n] for row, n in places]
    whole = whole[[row for row, _ in places], [n for _, n in places]]
    false = torch.tensor([float(claim.false) for claim in claims])
    # As many false as true ones, whatever the writers' mixture.
    weight = torch.where(false > 0, 0.5 / false.mean().clamp(min=0.1), 0.5 / (1 - false).mean().clamp(min=0.1))
    loss = (functional.binary_cross_entropy_with_logits(whole, false, reduction="none") * weight).mean()

    known, wrong = torch.zeros_like(each), torch.zeros_like(each)
    for (row, n), claim in zip(places, claims, strict=True):
        if claim.words is not None:
            own = torch.from_numpy(given.sentences[row, n])
            known[row] += own
            for start, end in claim.words:
                inside = (given.spans[row, :, 0] < end) & (given.spans[row, :, 1] > start)
                wrong[row] += own * torch.from_numpy(inside)
    by_word = functional.binary_cross_entropy_with_logits(each, wrong.clamp(max=1), reduction="none") * known
    loss = loss + WORDS * by_word.sum() / known.sum().clamp(min=1)

    pairs = [
        (t, f)
        for t, (row, _) in enumerate(places)
        for f, (other, _) in enumerate(places)
        if row == other and not claims[t].false and claims[f].false
    ]
    if pairs:
        rows = torch.tensor(pairs)
        loss = loss + ORDER * functional.softplus(whole[rows[:, 0]] - whole[rows[:, 1]]).mean()
    return loss


def tensors(given: Inputs) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(a) for a in (given.ids, given.positions, given.block, given.sentences))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("reader", type=Path, help="checkpoint of train/reader.py, or src/crpd_qa/data/reader")
    parser.add_argument("documents", type=Path)
    parser.add_argument("claims", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=2000)
    given = parser.parse_args()
    chance = random.Random(0)
    torch.manual_seed(0)
    tokenizer = checker_tokenizer(f"{given.model}/tokenizer.json")
    model = Checker(given.model, given.reader)
    as_in_8_bits(model)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    train(
        model,
        [{"params": list(trained.values()), "lr": TRAINED_RATE if given.reader.is_dir() else RATE}],
        batches(claims_of(given.claims, given.documents), chance),
        given.steps,
        lambda batch: loss_of(model, batch, tokenizer),
        given.output / "checker.pt",
        lambda: {"model": {name: p.detach() for name, p in trained.items()}},
    )


if __name__ == "__main__":
    main()
