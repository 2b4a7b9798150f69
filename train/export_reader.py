"""A trained reader -> ONNX with 8-bit weights, one scale a channel, in files below 95 MB.

    python train/export_reader.py MODEL_FOLDER CHECKPOINT PAIRS.jsonl OUT_FOLDER [--trained] [--vocabulary-in-4-bits]

On some of the PAIRS it is seen which inputs of its matrices have outliers (`outliers.py`). With --trained, CHECKPOINT
holds what the packaged reader in OUT_FOLDER learned beside its weights, which stay byte for byte. A checker beside it
goes on having the same weights from the new files.

The pieces' vectors of multilingual_start.py came in blocks of 32 weights of 4 bits and were not trained: they lose
nothing if they are kept so.
"""

import argparse
import json
import random
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import TensorProto
from onnx.external_data_helper import set_external_data
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from outliers import Feed, keep_outliers
from reader import Reader, sample, tensors, window

from crpd_qa.read.inputs import inputs, reader_tokenizer

NAMES, SAID = ["ids", "attention", "question", "sentences"], ["answers", "needed", "words"]
BATCH, LENGTH, MOST = (torch.export.Dim(name) for name in ("batch", "length", "most"))
SHAPES = ({0: BATCH, 1: LENGTH},) * 3 + ({0: BATCH, 1: MOST, 2: LENGTH},)
"""The checker's inputs have the same."""
LARGEST = 90_000_000
"""Bytes of a data file: hosts of repositories refuse 100 MB."""
SHARED = 100_000
"""Bytes from which on a tensor of the checker's is looked for in the reader's files."""
LOOKED_AT = 64
"""Groups of PAIRS."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--trained", action="store_true", help="CHECKPOINT is of reader.py --trained OUT_FOLDER")
    parser.add_argument("--vocabulary-in-4-bits", action="store_true")
    given = parser.parse_args()
    folder, output = given.model, given.output
    output.mkdir(parents=True, exist_ok=True)
    checker = output / "checker.onnx"
    beside = onnx.load(str(checker)) if checker.exists() else None
    model = Reader(folder, output if given.trained else None)
    model.load_state_dict(torch.load(given.checkpoint)["model"], strict=not given.trained)
    model.eval()
    tokenizer = reader_tokenizer(f"{folder}/tokenizer.json")
    graph = quantized(model, sample(tokenizer), NAMES, SAID, vocabulary_in_4_bits=given.vocabulary_in_4_bits)
    keep_outliers(graph, feeds(tokenizer, given.pairs))
    size, number = 0, 1
    for tensor in graph.graph.initializer:
        own = len(tensor.raw_data)
        if own > 1_000_000:
            if size + own > LARGEST:
                size, number = 0, number + 1
            size += own
            set_external_data(tensor, location=f"reader-{number}.bin")
    onnx.save(graph, str(output / "reader.onnx"))
    shutil.copy(f"{folder}/tokenizer.json", output / "tokenizer.json")
    if beside:
        save_beside(beside, output)
    for file in sorted(output.iterdir()):
        print(file.name, file.stat().st_size)


def feeds(tokenizer: Any, pairs: Path) -> Iterator[Feed]:
    """Some groups, as the reader is asked them."""
    for line in random.Random(0).sample(pairs.read_text("utf-8").splitlines(), LOOKED_AT):
        given = inputs(tokenizer, [(row["question"], window(row)) for row in json.loads(line)["pairs"]])
        yield dict(zip(NAMES, (tensor.numpy() for tensor in tensors(given)), strict=True))


def save_beside(checker: onnx.ModelProto, folder: Path) -> None:
    """Writes `checker.onnx`: of the weights that the reader has too it only says where they stand."""
    own = 0
    for tensor in checker.graph.initializer:
        if len(tensor.raw_data) < SHARED or not _share(tensor, folder):
            own += len(tensor.raw_data)
    onnx.save(checker, str(folder / "checker.onnx"))
    print("the checker's own", own, "of", (folder / "checker.onnx").stat().st_size)


def _share(tensor: TensorProto, folder: Path) -> bool:
    """Whether the same bytes stand in a file of the reader's, which then is where the graph has them from."""
    for path in (*sorted(folder.glob("reader-*.bin")), folder / "reader.onnx"):
        if (at := path.read_bytes().find(tensor.raw_data)) >= 0:
            set_external_data(tensor, location=path.name, offset=at, length=len(tensor.raw_data))
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            return True
    return False


def quantized(
    model: torch.nn.Module,
    sample: tuple[torch.Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    *,
    vocabulary_in_4_bits: bool = False,
) -> onnx.ModelProto:
    """The graph of a model, its weights 8-bit integers with one scale a channel."""
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        whole = Path(temporary) / "whole.onnx"
        program = torch.onnx.export(
            model, sample, input_names=inputs, output_names=outputs, dynamic_shapes=SHAPES, dynamo=True, verbose=False
        )
        assert program
        program.save(str(whole), external_data=False)
        if vocabulary_in_4_bits:
            quantizer = MatMulNBitsQuantizer(
                onnx.load(str(whole)),
                bits=4,
                block_size=32,
                is_symmetric=True,
                op_types_to_quantize=("Gather",),
                quant_axes=(("Gather", 1),),
            )
            quantizer.process()
            quantizer.model.save_model_to_file(str(whole))
        small = Path(temporary) / "small.onnx"
        quantize_dynamic(str(whole), str(small), per_channel=True, weight_type=QuantType.QInt8)
        found = onnx.load(str(small))
    for node in found.graph.node:  # where each comes from is told at length, and used by none who runs it
        del node.metadata_props[:]
    return found


if __name__ == "__main__":
    main()
