"""A trained reader -> ONNX with 8-bit weights, one scale a channel, in files below 95 MB.

    python train/export_reader.py MODEL_FOLDER CHECKPOINT OUT_FOLDER [--vocabulary-in-4-bits]

The pieces' vectors of multilingual_start.py came in blocks of 32 weights of 4 bits and were not trained: they lose
nothing if they are kept so.
"""

import argparse
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx.external_data_helper import set_external_data
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from reader import Reader, tensors

from crpd_qa.read.inputs import inputs, reader_tokenizer
from crpd_qa.read.windows import Window

NAMES = ["ids", "attention", "question", "sentences"]
LARGEST = 90_000_000
"""Bytes of a data file: hosts of repositories refuse 100 MB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--vocabulary-in-4-bits", action="store_true")
    given = parser.parse_args()
    folder, output = given.model, given.output
    output.mkdir(parents=True, exist_ok=True)
    model = Reader(folder)
    model.load_state_dict(torch.load(given.checkpoint)["model"])
    model.eval()
    tokenizer = reader_tokenizer(f"{folder}/tokenizer.json")
    one = Window("Health. One sentence. Another one.", ((0, 8, 21), (1, 22, 34)))
    two = Window("Health. One longer sentence of words. Another one.", ((0, 8, 37), (1, 38, 50)))
    sample = tensors(inputs(tokenizer, [("What is said?", one), ("And why?", two)]))
    batch, length, most = torch.export.Dim("batch"), torch.export.Dim("length"), torch.export.Dim("most")
    shapes = ({0: batch, 1: length},) * 3 + ({0: batch, 1: most, 2: length},)
    graph = quantized(
        model, sample, NAMES, ["answers", "needed", "words"], shapes, vocabulary_in_4_bits=given.vocabulary_in_4_bits
    )
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
    for file in sorted(output.iterdir()):
        print(file.name, file.stat().st_size)


def quantized(
    model: torch.nn.Module,
    sample: tuple[torch.Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    shapes: tuple[dict[int, Any], ...],
    *,
    vocabulary_in_4_bits: bool = False,
) -> onnx.ModelProto:
    """The graph of a model, its weights 8-bit integers with one scale a channel."""
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        whole = Path(temporary) / "whole.onnx"
        program = torch.onnx.export(
            model, sample, input_names=inputs, output_names=outputs, dynamic_shapes=shapes, dynamo=True, verbose=False
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
